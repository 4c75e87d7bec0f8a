/**
 * Rules for tags that no pattern can state (reference ivs-api §9).
 */
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'

const RESERVED_PREFIX = 'aws:'

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
