/**
 * Which source feeds a rung at which media time.
 */
import type { AudioTrack, AccessUnit } from '../media/access-unit.ts'
import type { UnitSource } from './unit-source.ts'

/** The sources of a rung's pictures and sound. */
export type RungInputs = {
  readonly video: UnitSource | undefined
  readonly audio: UnitSource
}

type Route = RungInputs & { readonly fromTicks: number }

/** Routes kept: units older than the last few changes are too late anyway. */
const MAX_ROUTES = 4

/** The routes of one rung. */
export class RungRoutes {
  readonly #own: RungInputs
  #routes: readonly Route[]

  constructor(own: RungInputs) {
    this.#own = own
    this.#routes = [{ ...own, fromTicks: -Infinity }]
  }

  /** What the rung was made to show. */
  get own(): RungInputs {
    return this.#own
  }

  /** The audio track of now. */
  get audioTrack(): AudioTrack | undefined {
    return this.#routes.at(-1)?.audio.audio
  }

  /** Whether nothing feeds the rung but sources that have ended. */
  get ended(): boolean {
    const now = this.#routes.at(-1)
    return now !== undefined && now.audio.ended && (now.video?.ended ?? true)
  }

  /** From `fromTicks` on the rung shows what `inputs` give. */
  redirect(fromTicks: number, inputs: RungInputs): void {
    this.#routes = [
      ...this.#routes.filter((route) => route.fromTicks < fromTicks),
      { ...inputs, fromTicks },
    ].slice(-MAX_ROUTES)
  }

  /** Whether `unit` of `source` is for this rung. */
  takes(unit: AccessUnit, source: UnitSource): boolean {
    // Asked for every unit of every stream: nearly always there is but one route.
    for (let at = this.#routes.length - 1; at >= 0; at--) {
      const route = this.#routes[at]
      if (route && route.fromTicks <= unit.dtsTicks) return route[unit.kind] === source
    }
    return false
  }
}
