/**
 * Reads the list of access keys. A secret stands in the entry, in a file of its own, or in the environment.
 */
import { readFileSync, statSync } from 'node:fs'
import type { AccessKey } from './server-config.ts'
import { accepted, refused } from './raw-value.ts'
import type { Environment, ParsedValue, RawValue } from './raw-value.ts'

const MAX_ACCESS_KEYS = 1_000
const MAX_SECRET_FILE_BYTES = 4_096
const ACCESS_KEY_ID = /^\w{16,128}$/
const ACCESS_KEY_SECRET = /^[\x21-\x7e]{16,128}$/
const ACCOUNT = /^[0-9]{12}$/
const SECRET_FIELDS = ['secret', 'secretFile', 'secretEnv'] as const

type Entry = Readonly<Record<string, RawValue>>

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
  const { id, account = '', secret, secretFile, secretEnv, ...others } = entry as Entry
  const [unknownField] = Object.keys(others)
  if (unknownField !== undefined) return `unknown field ${unknownField}`
  if (typeof id !== 'string' || !ACCESS_KEY_ID.test(id)) return 'its id is missing or malformed'
  if (typeof account !== 'string' || (account !== '' && !ACCOUNT.test(account)))
    return 'its account is malformed'
  const found = findSecret({ secret, secretFile, secretEnv }, environment)
  return 'problem' in found ? found.problem : { id, secret: found.secret, account }
}

type FoundSecret = { readonly secret: string } | { readonly problem: string }
type SecretSources = Readonly<Record<(typeof SECRET_FIELDS)[number], RawValue | undefined>>

function findSecret(sources: SecretSources, environment: Environment): FoundSecret {
  const [field, ...more] = SECRET_FIELDS.filter((name) => sources[name] !== undefined)
  if (field === undefined) return { problem: 'its secret is missing or malformed' }
  if (more.length > 0) return { problem: `it has both ${field} and ${more.join(' and ')}` }
  const given = sources[field]
  if (typeof given !== 'string') return { problem: `its ${field} is missing or malformed` }
  const secret = field === 'secret' ? given : field === 'secretFile' ? readFile(given) : environment[given]
  if (secret === undefined) return { problem: `its ${field} ${given} ${MISSING[field]}` }
  // Files and what fills environments end in a line break as a rule.
  return ACCESS_KEY_SECRET.test(secret.trimEnd())
    ? { secret: secret.trimEnd() }
    : { problem: `its ${field === 'secret' ? 'secret' : `${field} ${given}`} is missing or malformed` }
}

const MISSING = { secret: '', secretFile: 'cannot be read', secretEnv: 'is not set' } as const

function readFile(path: string): string | undefined {
  try {
    return statSync(path).size <= MAX_SECRET_FILE_BYTES ? readFileSync(path, 'utf8') : ''
  } catch {
    return undefined
  }
}
