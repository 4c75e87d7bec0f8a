/**
 * How many resources an account may have (reference ivs-api §5).
 */

/** Resource quotas of one account. */
export type ServiceLimits = {
  readonly channels: number
  readonly streamKeysPerChannel: number
}

/** The documented defaults. */
export const DEFAULT_SERVICE_LIMITS: ServiceLimits = { channels: 5000, streamKeysPerChannel: 1 }
