/**
 * When a child that died is started again, and whether the same input may be fed to it once more.
 *
 * Pure.
 */

const DELAYS_MS: readonly number[] = [0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000]
/** A child that lived this long was healthy: the next death starts with no delay again. */
const HEALTHY_AFTER_MS = 30_000

/** A child's death. */
export type Death = {
  readonly livedMs: number
  /** Whether anything new was delivered since the death before. */
  readonly progressed: boolean
  /** Whether somebody else ended it by a signal meant for that; then its input is not to blame. */
  readonly killedFromOutside: boolean
}

/** What to do about it. */
export type Restart = { readonly afterMs: number; readonly skipInput: boolean }

/** One ladder's restarts. */
export class RestartPolicy {
  #deaths = 0

  /** Judges a death. */
  judge({ livedMs, progressed, killedFromOutside }: Death): Restart {
    if (livedMs >= HEALTHY_AFTER_MS) this.#deaths = 0
    const afterMs = DELAYS_MS[Math.min(this.#deaths, DELAYS_MS.length - 1)] ?? 0
    const isFirst = this.#deaths === 0
    this.#deaths++
    // The second death at the same place tells that the input is poison.
    return { afterMs, skipInput: !isFirst && !progressed && !killedFromOutside }
  }
}
