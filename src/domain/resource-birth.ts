/**
 * What new resources of every type have in common.
 */
import { randomAlphanumeric } from '../base/ids.ts'
import { formatArn } from './arn.ts'
import type { ResourceType } from './arn.ts'
import { RESOURCE_ID_CHARS } from './channel-rules.ts'
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { acceptTags } from './tags.ts'

/** Members that no request sets, and the tags. */
export type BornResource = {
  readonly arn: string
  readonly accountId: string
  readonly tags: Tags
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number
}

/**
 * Draws the ARN of a new resource.
 *
 * @throws {DomainError} `VALIDATION` when the tags break the rules for tags.
 */
export function bearResource(birth: Birth, resourceType: ResourceType, tags: Tags | undefined): BornResource {
  const { region, accountId, nowMs } = birth
  const resourceId = randomAlphanumeric(RESOURCE_ID_CHARS)
  return {
    arn: formatArn({ region, accountId, resourceType, resourceId }),
    accountId,
    tags: acceptTags(tags),
    createdAtMs: nowMs,
  }
}
