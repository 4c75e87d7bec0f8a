/**
 * What a muxer is fed: access units whose duration is known, and the tracks they belong to.
 */
import type { AccessUnit, AudioTrack, VideoTrack } from './access-unit.ts'

/** An access unit whose duration is known: 90 kHz ticks up to the next unit of its kind. */
export type TimedUnit = AccessUnit & { readonly durationTicks: number }

/** The tracks that one muxer writes; a change of either asks for a new muxer. */
export type MuxedTracks = {
  readonly video: VideoTrack | undefined
  readonly audio: AudioTrack | undefined
}
