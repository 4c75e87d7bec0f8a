/**
 * What a channel makes of its input: the rungs that viewers can choose from.
 */

/** How one rung's picture is made. */
export type RungVideo =
  | { readonly kind: 'passthrough' }
  | {
      readonly kind: 'transcode'
      /** Even, never larger than the source. */
      readonly width: number
      readonly height: number
      readonly bitrateBps: number
      /** Every n-th picture of the source is kept: 1 or more. */
      readonly keepEvery: number
      /** Frames a second after that. */
      readonly frameRate: number
    }

/** How one rung's sound is made. */
export type RungAudio =
  { readonly kind: 'passthrough' } | { readonly kind: 'transcode'; readonly bitrateBps: number }

/** One output of a ladder. */
export type Rung = {
  /** Group id in the multivariant playlist and name in URLs: `chunked` for the source (reference ivs-behaviour §2.4). */
  readonly name: string
  /** What players show, e.g. `480p`; for the source its size and rate, e.g. `1080p60`. */
  readonly displayName: string
  /** Undefined for `audio_only`. */
  readonly video: RungVideo | undefined
  readonly audio: RungAudio
}

/** Name of the source's own rung. */
export const SOURCE_RUNG = 'chunked'

/** Name of the rung without a picture. */
export const AUDIO_ONLY_RUNG = 'audio_only'

/**
 * Where transcoded rungs have keyframes: where the source has them, or on a grid of their own, at the first picture of
 * each `OWN_KEYFRAME_MS` of media time.
 */
export type KeyframePlan = 'source' | 'own'

/** Distance of keyframes that a ladder makes on its own grid, in milliseconds of media time. */
export const OWN_KEYFRAME_MS = 2000
