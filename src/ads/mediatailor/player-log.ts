/**
 * Port to the log of what players ask for, for the sessions that a configuration wants to be logged.
 *
 * Reference: ssai §2.3.
 */

/** What can happen to a session. */
export type PlayerLogEventType = 'SESSION_INITIALIZED' | 'GENERATED_MANIFEST' | 'TRACKING_RESPONSE'

/** One entry. What addresses call the session is never in it: whoever knows that watches as this viewer. */
export type PlayerLogEntry = {
  readonly eventType: PlayerLogEventType
  readonly accountId: string
  readonly configurationName: string
  /** As ad servers are told. */
  readonly sessionUuid: string
  readonly channelArn: string
  readonly fields: Readonly<Record<string, string | number>>
}

/** Takes entries; never throws. */
export type PlayerLog = (entry: PlayerLogEntry) => void
