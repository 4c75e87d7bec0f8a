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

/** Both kinds in the order of decoding; sound goes first where times are equal. */
export function interleave(video: readonly TimedUnit[], audio: readonly TimedUnit[]): TimedUnit[] {
  const units: TimedUnit[] = []
  let at = 0
  for (const picture of video) {
    for (let frame = audio[at]; frame && frame.dtsTicks <= picture.dtsTicks; frame = audio[at]) {
      units.push(frame)
      at++
    }
    units.push(picture)
  }
  units.push(...audio.slice(at))
  return units
}
