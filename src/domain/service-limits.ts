/**
 * How many resources an account may have (reference ivs-api §5).
 */

/** Resource quotas of one account. */
export type ServiceLimits = {
  readonly channels: number
  readonly streamKeysPerChannel: number
  readonly playbackKeyPairs: number
  readonly playbackRestrictionPolicies: number
  readonly recordingConfigurations: number
  readonly adConfigurations: number
  readonly playbackConfigurations: number
  /** Streams of the account at once. */
  readonly concurrentBroadcasts: number
  /** Views of all streams of the account at once. */
  readonly concurrentViews: number
  /** Publishers that may take over one stream, one after the other. */
  readonly streamTakeovers: number
}

/** The documented defaults. */
export const DEFAULT_SERVICE_LIMITS: ServiceLimits = {
  channels: 5000,
  streamKeysPerChannel: 1,
  playbackKeyPairs: 3,
  playbackRestrictionPolicies: 3,
  recordingConfigurations: 20,
  adConfigurations: 20,
  playbackConfigurations: 1000,
  concurrentBroadcasts: 100,
  concurrentViews: 15_000,
  streamTakeovers: 100,
}
