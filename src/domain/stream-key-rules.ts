/**
 * How a stream key comes into being (reference ivs-api §3).
 */
import { randomAlphanumeric } from '../base/ids.ts'
import { formatArn } from './arn.ts'
import type { StreamKey, Tags } from './channel.ts'
import { RESOURCE_ID_CHARS } from './channel-rules.ts'
import type { Birth } from './channel-rules.ts'
import { acceptTags } from './tags.ts'

const SECRET_CHARS = 24

/** A new key for the channel with this ARN, with a secret of about 142 random bits. */
export function newStreamKey(birth: Birth, channelArn: string, tags?: Tags): StreamKey {
  const { region, accountId } = birth
  const resourceId = randomAlphanumeric(RESOURCE_ID_CHARS)
  return {
    arn: formatArn({ region, accountId, resourceType: 'stream-key', resourceId }),
    accountId,
    channelArn,
    value: `sk_${region}_${randomAlphanumeric(SECRET_CHARS)}`,
    tags: acceptTags(tags),
    createdAtMs: birth.nowMs,
  }
}
