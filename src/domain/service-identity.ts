/**
 * Who this server says it is: the region, default account and addresses that appear in ARNs and URLs.
 */
import type { Channel } from './channel.ts'
import { parseArn } from './arn.ts'

/** Fixed at start. */
export type ServiceIdentity = {
  readonly region: string
  /** Twelve digits. */
  readonly accountId: string
  /** Where players and SDKs reach this server, without a trailing slash. */
  readonly publicUrl: string
  /** Host name where encoders reach it, without scheme or port. */
  readonly ingestHost: string
}

/** URL of a channel's multivariant playlist (reference ivs-behaviour §6.1). */
export function playbackUrl(identity: ServiceIdentity, channel: Pick<Channel, 'arn'>): string {
  const arn = parseArn(channel.arn)
  if (!arn) throw new TypeError(`not a channel ARN: ${channel.arn}`)
  return `${identity.publicUrl}/api/video/v1/${arn.region}.${arn.accountId}.channel.${arn.resourceId}.m3u8`
}
