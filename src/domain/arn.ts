/**
 * Amazon Resource Names of the service's resources (reference ivs-api §3).
 */

/** The resource type in an ARN, as spelled there. */
export type ResourceType =
  | 'channel'
  | 'stream-key'
  | 'playback-key'
  | 'playback-restriction-policy'
  | 'recording-configuration'
  | 'ad-configuration'

/** An ARN taken apart. */
export type Arn = {
  readonly region: string
  readonly accountId: string
  readonly resourceType: string
  readonly resourceId: string
}

const ARN_PATTERN = /^arn:aws:ivs:([a-z0-9-]+):([0-9]+):([a-z-]+)\/([a-zA-Z0-9-]+)$/

/** Builds the ARN of a resource. */
export function formatArn(arn: Arn): string {
  return `arn:aws:ivs:${arn.region}:${arn.accountId}:${arn.resourceType}/${arn.resourceId}`
}

/** Takes an ARN apart; undefined when `text` is not one of this service. */
export function parseArn(text: string): Arn | undefined {
  const match = ARN_PATTERN.exec(text)
  if (!match) return undefined
  const [, region = '', accountId = '', resourceType = '', resourceId = ''] = match
  return { region, accountId, resourceType, resourceId }
}

/** The service that an ARN belongs to, e.g. `ivs`; undefined when `text` is no ARN. */
export function serviceOfArn(text: string): string | undefined {
  return /^arn:aws:([a-z0-9-]+):/.exec(text)?.[1]
}
