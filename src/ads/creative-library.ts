/**
 * Port between the ad decision, which asks for creatives, the conditioning, which makes them fit the channel, and the
 * stitcher, which puts them into playlists.
 *
 * A creative is conditioned for a profile: as many renditions as the channel's ladder has, each with picture size and
 * bitrate like the channel's own, always with sound. Media times begin at zero and keyframes stand every
 * `CREATIVE_KEYFRAME_MS`, so that a creative can be cut on any segment grid. After its end the last picture is held and
 * silence follows for `CREATIVE_PADDING_MS`, so that the last segment can be filled.
 *
 * Reference: ssai §3.6, §7.2.
 */
import type { AccessUnit, AudioTrack, VideoTrack } from '../media/access-unit.ts'

/** Distance of keyframes in conditioned creatives, in milliseconds. */
export const CREATIVE_KEYFRAME_MS = 500
/** Still picture and silence after a creative's end, in milliseconds. */
export const CREATIVE_PADDING_MS = 8000

/** One rendition that a creative is needed in: named as the channel's own. */
export type ProfileRendition = {
  readonly name: string
  /** Undefined for a rendition without a picture. */
  readonly video:
    | {
        readonly width: number
        readonly height: number
        readonly frameRate: number
        readonly bitrateBps: number
      }
    | undefined
  readonly audioBitrateBps: number
}

/** What a channel's creatives look like. Equal profiles have equal fingerprints, also of other streams. */
export type AdProfile = {
  readonly fingerprint: string
  readonly renditions: readonly ProfileRendition[]
}

/** The file a creative is made of. */
export type CreativeSource = {
  /** As the ad server names it; empty when it does not. */
  readonly creativeId: string
  readonly url: string
}

/** A creative that can be played now. */
export type ConditionedCreative = {
  /** Hash over source and profile; letters and digits. */
  readonly key: string
  /** What players are told: a UUID made of the key. */
  readonly assetId: string
  /** Without the padding; 90 kHz. */
  readonly durationTicks: number
}

/**
 * Why a creative cannot be played: its file cannot be had, or not in time; it is too large, too long or too short;
 * nothing that can be shown comes of it; or this server has too much to do to try.
 */
export type CreativeFailure = 'unavailable' | 'timed-out' | 'unsuitable' | 'unplayable' | 'not-tried'

/** Where a creative stands. */
export type CreativeState =
  | { readonly kind: 'ready'; readonly creative: ConditionedCreative }
  /** Asked for now for the first time: its conditioning is queued. */
  | { readonly kind: 'new' }
  | { readonly kind: 'running' }
  | { readonly kind: 'failed'; readonly failure: CreativeFailure }

/** The media of one rendition of a creative, padding included. */
export type CreativeRendition = {
  readonly video: { readonly track: VideoTrack; readonly units: readonly AccessUnit[] } | undefined
  readonly audio: { readonly track: AudioTrack; readonly units: readonly AccessUnit[] }
}

/** A creative in memory. */
export type LoadedCreative = ConditionedCreative & {
  /** By rendition name. */
  readonly renditions: ReadonlyMap<string, CreativeRendition>
}

/** The creatives of this server. */
export type CreativeLibrary = {
  /**
   * Where the creative stands; one that is new, or failed long enough ago, is queued. Answers from memory, never throws.
   */
  readonly request: (source: CreativeSource, profile: AdProfile) => CreativeState
  /** Its media, kept in memory at least until the result's `release` is called. Undefined when it is lost or damaged. */
  readonly load: (key: string) => Promise<HeldCreative | undefined>
}

/** A creative that stays in memory until it is released. */
export type HeldCreative = { readonly media: LoadedCreative; readonly release: () => void }
