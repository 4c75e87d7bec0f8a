/**
 * Reads the list of access keys. A secret stands in the entry, in a file of its own, or in the environment.
 */
import type { AccessKey } from './server-config.ts'
import { accepted, refused } from './raw-value.ts'
import type { Environment, ParsedValue, RawValue } from './raw-value.ts'
import { findSecret, secretFields, type RawEntry } from './secret-source.ts'

const MAX_ACCESS_KEYS = 1_000
const ACCESS_KEY_ID = /^\w{16,128}$/
const ACCESS_KEY_SECRET = /^[\x21-\x7e]{16,128}$/
const ACCOUNT = /^[0-9]{12}$/

/** Checks the list; no message shows a secret. Keys without an account get the empty one, which the caller replaces. */
export function parseAccessKeys(raw: RawValue, environment: Environment): ParsedValue {
  if (!Array.isArray(raw)) return refused('not a list')
  const entries = raw as readonly RawValue[]
  if (entries.length > MAX_ACCESS_KEYS) return refused(`${entries.length} entries`)
  const keys = new Map<string, AccessKey>()
  for (const [index, entry] of entries.entries()) {
    const key = readAccessKey(entry, environment)
    if (typeof key === 'string') return refused(`entry ${index + 1}: ${key}`)
    if (keys.has(key.id)) return refused(`entry ${index + 1}: the id ${key.id} is there twice`)
    keys.set(key.id, key)
  }
  return accepted([...keys.values()])
}

/** A string says what is wrong. */
function readAccessKey(entry: RawValue, environment: Environment): AccessKey | string {
  if (typeof entry === 'string' || Array.isArray(entry)) return 'not a map'
  const { id, account = '', ...others } = entry as RawEntry
  const unknownField = Object.keys(others).find((field) => !secretFields('secret').includes(field))
  if (unknownField !== undefined) return `unknown field ${unknownField}`
  if (typeof id !== 'string' || !ACCESS_KEY_ID.test(id)) return 'its id is missing or malformed'
  if (typeof account !== 'string' || (account !== '' && !ACCOUNT.test(account)))
    return 'its account is malformed'
  const found = findSecret(others, 'secret', ACCESS_KEY_SECRET, environment)
  if (!found) return 'its secret is missing or malformed'
  return 'problem' in found ? found.problem : { id, secret: found.secret, account }
}
