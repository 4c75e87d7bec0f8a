/**
 * Port between the transcoder, which fills the rungs of a ladder, and the packager, which cuts them.
 */
import type { MediaSink } from '../media/access-unit.ts'
import type { KeyframePlan, Rung } from './ladder.ts'

/**
 * The outputs of one stream. The source's own units go elsewhere: whoever cuts follows them, and takes the kinds that a
 * rung passes through from there.
 */
export type LadderOutput = {
  /**
   * Says which rungs the stream has, best first, and where their keyframes are. Called once; until then units of the
   * source are held.
   */
  readonly setLadder: (rungs: readonly Rung[], keyframes: KeyframePlan) => void
  /**
   * Where the transcoded units of a rung go: the same media time as the source, tick for tick. They come later than the
   * source's units, in decode order, and may pause.
   */
  readonly rungSink: (name: string) => MediaSink
  /** The next segment begins with a discontinuity in every rung. */
  readonly discontinue: () => void
  /**
   * From the next segment on the rung `name` shows what `to` shows, with a discontinuity in every rung; what is its own
   * again when `to` is its name.
   */
  readonly redirect: (name: string, to: string) => void
}
