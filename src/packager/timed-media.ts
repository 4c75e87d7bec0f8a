/**
 * Makes what a muxer is fed out of the units of one part: with durations.
 */
import type { TimedUnit } from '../media/timed-unit.ts'
import { audioFrameTicks, type SourcedUnit } from './unit-source.ts'

/** Pictures that last until the next one, the last of them until `endTicks`. */
export function timedPictures(pictures: readonly SourcedUnit[], endTicks: number): TimedUnit[] {
  return pictures.map(({ unit }, index) => {
    const untilTicks = pictures[index + 1]?.unit.dtsTicks ?? endTicks
    return { ...unit, durationTicks: untilTicks - unit.dtsTicks }
  })
}

/** Audio frames with the duration that their track gives them. */
export function timedFrames(frames: readonly SourcedUnit[]): TimedUnit[] {
  return frames.map(({ unit, track }) => ({
    ...unit,
    durationTicks: track.kind === 'audio' ? audioFrameTicks(track) : 0,
  }))
}
