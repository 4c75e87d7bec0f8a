/**
 * Rules for tags that no pattern can state (reference ivs-api §9).
 */
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'

const RESERVED_PREFIX = 'aws:'
const MAX_TAGS = 50

/**
 * Takes `tags` as a resource's tags; absent means none.
 *
 * @throws {DomainError} `VALIDATION` when a key has the reserved prefix, in whatever case.
 */
export function acceptTags(tags: Tags | undefined): Tags {
  for (const key of Object.keys(tags ?? {})) {
    if (key.toLowerCase().startsWith(RESERVED_PREFIX)) {
      throw new DomainError('VALIDATION', `tags has a key with the reserved prefix ${RESERVED_PREFIX}`)
    }
  }
  return tags ?? {}
}

/**
 * `stored` with `added`, which win over tags of the same key.
 *
 * @throws {DomainError} `VALIDATION` when a key is reserved, or the resource would have too many tags.
 */
export function addTags(stored: Tags, added: Tags): Tags {
  const combined = { ...stored, ...acceptTags(added) }
  if (Object.keys(combined).length <= MAX_TAGS) return combined
  throw new DomainError('VALIDATION', `tags must have at most ${MAX_TAGS} entries with those already there`)
}

/** `stored` without the tags called `keys`; keys that are not there do not matter. */
export function removeTags(stored: Tags, keys: readonly string[]): Tags {
  const removed = new Set(keys)
  return Object.fromEntries(Object.entries(stored).filter(([key]) => !removed.has(key)))
}
