/**
 * What a measurement and its load sender tell each other.
 */

/** What to send and where. */
export type LoadOrder = {
  readonly port: number
  readonly app: string
  readonly streamNames: readonly string[]
  /** FLV file of `publisher-clip.ts`. */
  readonly clipFile: string
  readonly startIntervalMs: number
}

/** How the sending went so far. */
export type LoadState = {
  /** Wall clock at which each publisher sent its first picture, whose timestamp is 0; 0 before that. */
  readonly startedAtMs: readonly number[]
  /** Why publishers ended, at most a few. */
  readonly failures: readonly string[]
  readonly failed: number
  /** Longest time from connecting to the server's agreement. */
  readonly openingMaxMs: number
  readonly sentMessages: number
  readonly sentBytes: number
  /** How late messages left since the last report, in milliseconds. */
  readonly lateP99Ms: number
  readonly lateMaxMs: number
  /** Most bytes that waited for the server on one socket since the last report. */
  readonly maxWaitingBytes: number
}
