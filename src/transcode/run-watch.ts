/**
 * Watches the child of a ladder: whether it hangs, whether it falls behind, whether it is so late that nobody waits.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { LadderRun } from './ladder-run.ts'
import { LagMeter } from './lag-meter.ts'

/** What a watch needs. */
export type RunWatchOptions = {
  readonly clock: Clock
  readonly logger: Logger
  /** The child gives nothing of what it owes. */
  readonly onHung: () => void
  /** The child is too slow for what it has to make. */
  readonly onBehind: () => void
  /** What the child still has to make is of no use any more. */
  readonly onLost: (lagMs: number) => void
  /** The child does what it should; told a few times a second. */
  readonly onKeepsUp: (lagMs: number) => void
}

/** Source that waits for a child; more is not fed. */
const MAX_BACKLOG_BYTES = 24 * 1024 * 1024
/** A ladder this far behind goes on at the newest keyframe. */
const MAX_LAG_MS = 8000
/** Near the live edge players hold about a second in reserve; the packager waits three seconds for a rung that is late. */
const LAG_LIMITS = [
  { windowMs: 10_000, maxLagMs: 1000 },
  { windowMs: 4000, maxLagMs: 2000 },
]
const CAUGHT_UP_LAG_MS = 700
const CHECK_INTERVAL_MS = 250
/** A check that comes later than this tells of this process, not of the child. */
const MAX_CHECK_DELAY_MS = 750

/** One ladder's watch, over one child after the other. */
export class RunWatch {
  readonly #options: RunWatchOptions
  #run: LadderRun | undefined
  #lag: LagMeter | undefined
  #isBehind = false
  #checkedMs: number
  #timer: Timer

  constructor(options: RunWatchOptions) {
    this.#options = options
    this.#checkedMs = options.clock.monotonicMs()
    this.#timer = this.#checkLater()
  }

  /** Whether the ladder falls behind its source. */
  get isBehind(): boolean {
    return this.#isBehind
  }

  /** Watches `run` from now on, or none. */
  follow(run: LadderRun | undefined): void {
    this.#run = run
    this.#lag = new LagMeter(LAG_LIMITS, this.#options.clock.monotonicMs())
  }

  /** Watches nothing any more. */
  stop(): void {
    this.#run = undefined
    this.#timer.cancel()
  }

  #checkLater(): Timer {
    return this.#options.clock.after(CHECK_INTERVAL_MS, () => {
      const nowMs = this.#options.clock.monotonicMs()
      const isLate = nowMs - this.#checkedMs > CHECK_INTERVAL_MS + MAX_CHECK_DELAY_MS
      this.#checkedMs = nowMs
      this.#timer = this.#checkLater()
      if (this.#run && !isLate) this.#check(this.#run, nowMs)
    })
  }

  #check(run: LadderRun, nowMs: number): void {
    const { onHung, onBehind, onLost, onKeepsUp } = this.#options
    const lagMs = Math.max(0, ...run.lagsMs().values())
    this.#judgeLag(nowMs, lagMs)
    if (run.hangs(nowMs)) onHung()
    else if (lagMs > MAX_LAG_MS || run.backlogBytes > MAX_BACKLOG_BYTES) onLost(lagMs)
    else if (this.#lag?.isBehind(nowMs)) onBehind()
    else onKeepsUp(lagMs)
  }

  #judgeLag(nowMs: number, lagMs: number): void {
    this.#lag?.sample(nowMs, lagMs)
    const isBehind = this.#lag?.isBehind(nowMs) ?? false
    if (isBehind === this.#isBehind || (!isBehind && lagMs >= CAUGHT_UP_LAG_MS)) return
    this.#isBehind = isBehind
    const { logger } = this.#options
    if (isBehind) logger.warn('ladder falls behind the source', { lagMs: Math.round(lagMs) })
    else logger.info('ladder has caught up with the source', { lagMs: Math.round(lagMs) })
  }
}
