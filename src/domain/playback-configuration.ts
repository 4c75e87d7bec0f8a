/**
 * Playback configurations, as AWS Elemental MediaTailor has them: where ads come from and how they are asked for
 * (reference ssai §2).
 */
import type { Tags } from './channel.ts'

/** A configuration. It is known by its name, and putting it again replaces it. */
export type PlaybackConfiguration = {
  readonly arn: string
  readonly accountId: string
  readonly name: string
  readonly tags: Tags
  readonly createdAtMs: number
  /** What was put, in the contract's own members: all of it is given back (reference ssai §2.1). */
  readonly document: PlaybackConfigurationDocument
}

/** A JSON document that has passed the check against the contract. */
export type PlaybackConfigurationDocument = Readonly<Record<string, unknown>>

/** Which ads of a response are played (reference ssai §3.4). */
export type AdSequencing = 'ignore' | 'follow'

/** What of a configuration the ad side acts on, with every default filled in. */
export type AdSettings = {
  readonly configurationName: string
  /** Template of the ad request. */
  readonly adDecisionServerUrl: string
  readonly httpRequest: {
    readonly method: 'GET' | 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
    readonly compress: 'NONE' | 'GZIP'
  }
  readonly sequencing: AdSequencing
  /** Of one request, and of all that belong to one decision, in milliseconds. */
  readonly requestTimeoutMs: number
  readonly totalTimeoutMs: number
  /** Whether streaming files are preferred to progressive ones. */
  readonly prefersStreaming: boolean
  readonly slateUrl: string | undefined
  readonly bumperStartUrl: string | undefined
  readonly bumperEndUrl: string | undefined
  /** Unfilled seconds above which the whole break stays content; only with a slate. */
  readonly personalizationThresholdSeconds: number | undefined
  readonly suppression: {
    readonly mode: 'OFF' | 'BEHIND_LIVE_EDGE' | 'AFTER_LIVE_EDGE'
    readonly valueSeconds: number
    readonly fillPolicy: 'FULL_AVAIL_ONLY' | 'PARTIAL_AVAIL'
  }
  /** By variable, then by alias. */
  readonly aliases: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** Share of sessions that are logged, 0 to 100. */
  readonly logPercent: number
}
