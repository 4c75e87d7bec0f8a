/**
 * A ladder output that keeps everything that it is told.
 */
import type { KeyframePlan, Rung } from '../../src/domain/ladder.ts'
import type { LadderOutput } from '../../src/domain/transcoding.ts'
import type { AccessUnit, MediaSink, MediaTrack } from '../../src/media/access-unit.ts'

/** What one rung was given. */
export type RecordedRung = { readonly tracks: MediaTrack[]; readonly units: AccessUnit[]; ended: boolean }

/** Keeps rungs, units and orders. */
export class RecordingLadderOutput implements LadderOutput {
  rungs: readonly Rung[] = []
  keyframes: KeyframePlan | undefined
  readonly recorded: Map<string, RecordedRung> = new Map()
  readonly redirects: string[] = []
  discontinuities = 0

  readonly setLadder = (rungs: readonly Rung[], keyframes: KeyframePlan): void => {
    this.rungs = rungs
    this.keyframes = keyframes
  }

  readonly rungSink = (name: string): MediaSink => {
    const rung = this.rung(name)
    return {
      onTrack: (track) => void rung.tracks.push(track),
      onUnit: (unit) => void rung.units.push(unit),
      onEnd: () => {
        rung.ended = true
      },
    }
  }

  readonly discontinue = (): void => {
    this.discontinuities++
  }

  readonly redirect = (name: string, to: string): void => {
    this.redirects.push(`${name} to ${to}`)
  }

  /** What the rung of that name was given so far. */
  rung(name: string): RecordedRung {
    const known = this.recorded.get(name)
    if (known) return known
    const rung: RecordedRung = { tracks: [], units: [], ended: false }
    this.recorded.set(name, rung)
    return rung
  }

  /** Pictures of a rung. */
  pictures(name: string): AccessUnit[] {
    return this.rung(name).units.filter((unit) => unit.kind === 'video')
  }

  /** Sound of a rung. */
  frames(name: string): AccessUnit[] {
    return this.rung(name).units.filter((unit) => unit.kind === 'audio')
  }
}
