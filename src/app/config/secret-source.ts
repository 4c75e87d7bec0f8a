/**
 * Finds a secret that stands in an entry of the config file, in a file of its own, or in the environment.
 */
import { readFileSync, statSync } from 'node:fs'
import type { Environment, RawValue } from './raw-value.ts'

/** An entry of a list in the config file. */
export type RawEntry = Readonly<Record<string, RawValue>>

/** A secret, or what is wrong with it in words that do not show it. */
export type FoundSecret = { readonly secret: string } | { readonly problem: string }

const MAX_SECRET_FILE_BYTES = 4_096

/** The fields by which an entry may give the secret `name`: itself, a path to it, or the variable that holds it. */
export function secretFields(name: string): readonly [string, string, string] {
  return [name, `${name}File`, `${name}Env`]
}

/** The secret that `entry` gives as `name`; undefined when it gives none. */
export function findSecret(
  entry: RawEntry,
  name: string,
  form: RegExp,
  environment: Environment,
): FoundSecret | undefined {
  const [field, ...more] = secretFields(name).filter((candidate) => entry[candidate] !== undefined)
  if (field === undefined) return undefined
  if (more.length > 0) return { problem: `it has both ${field} and ${more.join(' and ')}` }
  const given = entry[field]
  if (typeof given !== 'string') return { problem: `its ${field} is missing or malformed` }
  const isGiven = field === name
  const secret = isGiven ? given : field.endsWith('File') ? readSecretFile(given) : environment[given]
  if (secret === undefined) {
    return { problem: `its ${field} ${given} ${field.endsWith('File') ? 'cannot be read' : 'is not set'}` }
  }
  // Files and what fills environments end in a line break as a rule.
  return form.test(secret.trimEnd())
    ? { secret: secret.trimEnd() }
    : { problem: `its ${isGiven ? name : `${field} ${given}`} is missing or malformed` }
}

/** The text of a file that holds a secret; undefined when it cannot be read, empty when it is too long for one. */
export function readSecretFile(path: string): string | undefined {
  try {
    return statSync(path).size <= MAX_SECRET_FILE_BYTES ? readFileSync(path, 'utf8') : ''
  } catch {
    return undefined
  }
}
