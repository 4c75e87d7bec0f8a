/**
 * Port between ingest and the live session: who may publish, and where the media goes.
 */
import type { MediaSink } from '../media/access-unit.ts'
import type { Channel } from './channel.ts'

/** Facts a publisher announces about itself; every one may be missing. */
export type PublisherAnnouncement = {
  readonly encoder?: string
  readonly videoBitrateBps?: number
  readonly audioBitrateBps?: number
  readonly frameRate?: number
}

/** One publish connection, as the session sees it. */
export type Publisher = {
  /** Random, for logs. */
  readonly connectionId: string
  readonly remoteAddress: string
  /**
   * With which it asks to take over a stream that runs: 1 to `MAX_TAKEOVER_PRIORITY`, `invalid` for anything else, undefined
   * when it does not ask.
   */
  readonly takeoverPriority?: number | 'invalid' | undefined
  /** Disconnects the encoder, telling it why where the protocol can. Idempotent. */
  readonly disconnect: (reason: string) => void
}

/** Highest priority of a takeover (reference ivs-behaviour §4). */
export const MAX_TAKEOVER_PRIORITY = 2_147_483_647

/** Why a broadcast ended. */
export type EndReason =
  | 'unpublished'
  | 'connection-lost'
  | 'silence'
  | 'stopped'
  | 'refused-media'
  | 'limit-breached'
  | 'too-long'
  | 'failed'
  | 'shutdown'

/** A live session as ingest feeds it. After the end every call is ignored. */
export type PublishedStream = MediaSink & {
  readonly streamId: string
  /** A text that the publisher put into its stream, for the viewers of the picture that came last. */
  readonly onText: (text: string) => void
  readonly announce: (announcement: PublisherAnnouncement) => void
  /** Any byte from the publisher counts against the silence limit. */
  readonly touch: () => void
  readonly end: (reason: EndReason) => void
}

/** What became of the wish to publish. */
export type PublishOutcome =
  | { readonly kind: 'accepted'; readonly stream: PublishedStream }
  | {
      readonly kind: 'refused'
      readonly reason:
        | 'already-live'
        | 'takeover-refused'
        | 'takeover-limit'
        | 'shutting-down'
        | 'too-many-streams'
        | 'too-many-broadcasts'
        | 'records-behind'
    }

/** Opens broadcasts on channels. */
export type PublishPort = {
  readonly open: (channel: Channel, publisher: Publisher) => PublishOutcome
}
