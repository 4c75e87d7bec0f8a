/**
 * Reads one value as it was written in a file, an environment or a flag. Every source gives text, so that a value means
 * the same in all of them.
 */
import type { AccessKey } from './server-config.ts'
import type { AccessKeysSetting, NumbersSetting, Setting } from './setting.ts'
import { settings } from './settings.ts'

/** A value as it was given: text, or for the config file a list or a map of such values. */
export type RawValue = string | readonly RawValue[] | { readonly [key: string]: RawValue }

/** A value of a setting, or what is wrong with the given one. */
export type ParsedValue =
  | { readonly kind: 'value'; readonly value: unknown }
  /** `problem` shows the value where that gives away no secret. */
  | { readonly kind: 'refused'; readonly problem: string }

const MAX_ACCESS_KEYS = 1_000
const ACCESS_KEY_ID = /^\w{16,128}$/
const ACCESS_KEY_SECRET = /^[\x21-\x7e]{16,128}$/

/** Checks `raw` against `setting` and gives the typed value. */
export function parseSetting(setting: Setting, raw: RawValue): ParsedValue {
  if (setting.kind === 'access-keys') return parseAccessKeys(setting, raw)
  if (setting.kind === 'numbers') return parseNumbers(setting, raw)
  if (typeof raw !== 'string') return refused(Array.isArray(raw) ? 'a list' : 'a map of values')
  const value = parseText(setting, raw.trim())
  if (value !== undefined) return accepted(value)
  return refused(isSecret(setting) ? 'malformed' : `"${raw.slice(0, 200)}"`)
}

function isSecret(setting: Setting): boolean {
  return setting.kind === 'text' && setting.secret === true
}

function parseText(setting: Exclude<Setting, AccessKeysSetting | NumbersSetting>, text: string): unknown {
  switch (setting.kind) {
    case 'integer':
      return parseInteger(setting, text)
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : undefined
    case 'choice':
      return setting.choices.includes(text) ? text : undefined
    case 'text':
      return setting.read(text)
  }
}

function parseInteger({ min, max }: { min: number; max: number }, text: string): number | undefined {
  const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : NaN
  return value >= min && value <= max ? value : undefined
}

function parseNumbers(setting: NumbersSetting, raw: RawValue): ParsedValue {
  if (typeof raw === 'string' || Array.isArray(raw)) return refused('not a map')
  const given = new Map<string, number>()
  for (const [name, rawNumber] of Object.entries(raw)) {
    if (!Object.hasOwn(setting.default, name)) return refused(`a map with the unknown name ${name}`)
    const value = typeof rawNumber === 'string' ? parseInteger(setting, rawNumber.trim()) : undefined
    if (value === undefined) return refused(`a map whose ${name} is no such number`)
    given.set(name, value)
  }
  return accepted({ ...setting.default, ...Object.fromEntries(given) })
}

function parseAccessKeys(setting: AccessKeysSetting, raw: RawValue): ParsedValue {
  if (!Array.isArray(raw)) return refused('not a list')
  const entries = raw as readonly RawValue[]
  if (entries.length > MAX_ACCESS_KEYS) return refused(`${entries.length} entries`)
  const keys = new Map<string, AccessKey>()
  for (const [index, entry] of entries.entries()) {
    const key = readAccessKey(entry)
    if (typeof key === 'string') return refused(`entry ${index + 1}: ${key}`)
    if (keys.has(key.id)) return refused(`entry ${index + 1}: the id ${key.id} is there twice`)
    keys.set(key.id, key)
  }
  return accepted(keys.size === 0 ? setting.default : [...keys.values()])
}

/** An access key without account gets the empty account, which the caller replaces; a string says what is wrong. */
function readAccessKey(entry: RawValue): AccessKey | string {
  if (typeof entry === 'string' || Array.isArray(entry)) return 'not a map'
  const { id, secret, account, ...others } = entry as { readonly [key: string]: RawValue }
  const [unknownField] = Object.keys(others)
  if (unknownField !== undefined) return `unknown field ${unknownField}`
  if (typeof id !== 'string' || !ACCESS_KEY_ID.test(id)) return 'its id is missing or malformed'
  if (typeof secret !== 'string' || !ACCESS_KEY_SECRET.test(secret))
    return 'its secret is missing or malformed'
  if (account === undefined) return { id, secret, account: '' }
  if (typeof account !== 'string' || settings.account.read(account) === undefined)
    return 'its account is malformed'
  return { id, secret, account }
}

function accepted(value: unknown): ParsedValue {
  return { kind: 'value', value }
}

function refused(problem: string): ParsedValue {
  return { kind: 'refused', problem }
}
