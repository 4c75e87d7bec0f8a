/**
 * Reads one value as it was written in a file, an environment or a flag. Every source gives text, so that a value means
 * the same in all of them.
 */
import { parseAccessKeys } from './access-keys.ts'
import { parseEventTargets } from './event-targets.ts'
import { accepted, refused } from './raw-value.ts'
import type { Environment, ParsedValue, RawValue } from './raw-value.ts'
import type { NumbersSetting, Setting, WrittenSetting } from './setting.ts'

/** Checks `raw` against `setting` and gives the typed value. */
export function parseSetting(setting: Setting, raw: RawValue, environment: Environment): ParsedValue {
  if (setting.kind === 'access-keys') return parseAccessKeys(raw, environment)
  if (setting.kind === 'event-targets') return parseEventTargets(raw, environment)
  if (setting.kind === 'numbers') return parseNumbers(setting, raw)
  if (typeof raw !== 'string') return refused(Array.isArray(raw) ? 'a list' : 'a map of values')
  const value = parseText(setting, raw.trim())
  if (value !== undefined) return accepted(value)
  return refused(isSecret(setting) ? 'malformed' : `"${raw.slice(0, 200)}"`)
}

function isSecret(setting: Setting): boolean {
  return setting.kind === 'text' && setting.secret === true
}

function parseText(setting: WrittenSetting, text: string): unknown {
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
