/**
 * A stream made of live windows by hand, for what is laid on its segments: renditions that lag, irregular segments, breaks
 * in time, gaps and short segments, all following one plan as the packager's renditions do.
 */
import type { ManualClock } from '../../src/base/manual-clock.ts'
import { newChannel } from '../../src/domain/channel-rules.ts'
import type { LiveMedia } from '../../src/domain/live.ts'
import { MEDIA_TIMESCALE } from '../../src/media/access-unit.ts'
import type { PlannedSegment } from '../../src/packager/cut-plan.ts'
import { LiveWindow } from '../../src/packager/live-window.ts'

/** A segment of the plan. */
export type ContentSegment = {
  /** Of its parts, in ticks. */
  readonly partTicks: readonly number[]
  readonly discontinuity?: boolean
}

/** What a rendition makes of a segment. */
export type SegmentFate = 'whole' | 'short' | 'gap'

type Step =
  | { readonly kind: 'open'; readonly plan: PlannedSegment }
  | { readonly kind: 'part'; readonly durationTicks: number; readonly isLast: boolean }
type Lane = {
  readonly window: LiveWindow
  next: number
  fate: SegmentFate
  plan: PlannedSegment | undefined
  isOpen: boolean
  ticks: number
}

/** Length of a part that other lengths are compared with. */
export const PART_TICKS: number = MEDIA_TIMESCALE / 2
const START_TICKS = 5 * MEDIA_TIMESCALE

/** The stream. */
export class AdContent {
  readonly media: LiveMedia
  readonly #clock: ManualClock
  readonly #steps: Step[] = []
  readonly #lanes: Lane[]
  #msn = 0
  #startTicks = START_TICKS
  #elapsedTicks = 0
  #discontinuities = 0
  #timeMs: number

  constructor(clock: ManualClock, names: readonly string[] = ['chunked', '360p30'], windowSeconds = 12) {
    this.#clock = clock
    this.#timeMs = clock.nowMs()
    this.#lanes = names.map((name) => {
      const window = new LiveWindow({
        name,
        displayName: name,
        hasVideo: true,
        listing: 'always',
        container: 'TS',
        windowTicks: windowSeconds * MEDIA_TIMESCALE,
        maxBytes: 1e9,
        expectedBitrateBps: () => 1_000_000,
        onWanted: () => undefined,
      })
      window.settle({ targetDurationSeconds: 2, partTargetMs: 501 })
      return { window, next: 0, fate: 'whole', plan: undefined, isOpen: false, ticks: 0 }
    })
    const birth = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
    this.media = {
      streamId: 'st-AbCdEfGhIjKlMnOpQrStUvW',
      channel: {
        ...newChannel(birth, {}),
        adConfigurationArn: 'arn:aws:ivs:us-west-2:123456789012:ad-configuration/AbCdEfGhIjKl',
      },
      latencyMode: 'LOW',
      startTimeMs: clock.nowMs(),
      transcoded: true,
      renditions: this.#lanes.map(({ window }) => window),
    }
  }

  /** Wall clock of the end of the plan. */
  get planEndMs(): number {
    return this.#timeMs
  }

  /** Plans a segment; time moves to its end. */
  plan({ partTicks, discontinuity = false }: ContentSegment): void {
    if (discontinuity) {
      this.#discontinuities++
      this.#startTicks += MEDIA_TIMESCALE
    }
    const plan: PlannedSegment = {
      kind: 'segment',
      msn: this.#msn++,
      startTicks: this.#startTicks,
      programDateTimeMs: this.#timeMs,
      discontinuity,
      discontinuities: this.#discontinuities,
      elapsedTicks: this.#elapsedTicks,
    }
    this.#steps.push({ kind: 'open', plan })
    for (const [index, durationTicks] of partTicks.entries()) {
      this.#steps.push({ kind: 'part', durationTicks, isLast: index === partTicks.length - 1 })
      this.#startTicks += durationTicks
      this.#elapsedTicks += durationTicks
      this.#timeMs += (durationTicks * 1000) / MEDIA_TIMESCALE
    }
    this.#clock.advance(Math.max(0, this.#timeMs - this.#clock.nowMs()))
  }

  /** Steps of the plan that rendition number `lane` has not taken yet. */
  behind(lane: number): number {
    return this.#steps.length - (this.#lanes[lane]?.next ?? 0)
  }

  /** Rendition number `lane` takes up to `steps` steps; `fate` is that of segments that begin in them. */
  advance(lane: number, steps: number, fate: SegmentFate = 'whole'): void {
    const state = this.#lanes[lane]
    if (!state) return
    for (let left = steps; left > 0; left--) {
      const step = this.#steps[state.next]
      if (!step) return
      state.next++
      if (step.kind === 'open') this.#open(state, step.plan, fate)
      else this.#part(state, step)
    }
  }

  /** All renditions take all of the plan. */
  catchUp(): void {
    for (const lane of this.#lanes.keys()) this.advance(lane, Infinity)
  }

  /** Plans and publishes `count` regular segments of two seconds. */
  publish(count: number): void {
    for (let i = 0; i < count; i++) {
      this.plan({ partTicks: [PART_TICKS, PART_TICKS, PART_TICKS, PART_TICKS] })
      this.catchUp()
    }
  }

  /** Rendition number `lane` ends. */
  end(lane: number): void {
    const state = this.#lanes[lane]
    if (!state) return
    if (state.isOpen && state.ticks > 0) state.window.completeSegment()
    state.window.end()
    state.next = Infinity
  }

  #open(state: Lane, plan: PlannedSegment, fate: SegmentFate): void {
    state.plan = plan
    state.ticks = 0
    state.fate = state.window.isPublished ? fate : 'whole'
    state.isOpen = state.fate !== 'gap'
    if (state.isOpen) state.window.openSegment(plan, undefined)
  }

  #part(state: Lane, { durationTicks, isLast }: Step & { kind: 'part' }): void {
    const { window, plan, fate } = state
    if (!plan) return
    const isFirst = state.ticks === 0
    state.ticks += durationTicks
    if (state.isOpen) {
      const completes = isLast || fate === 'short'
      const body = Buffer.from(`content ${window.name} ${plan.msn} ${state.ticks}`)
      window.addPart({ durationTicks, independent: isFirst, body }, completes)
      if (completes) state.isOpen = false
    } else if (fate === 'gap' && isLast) window.addGap(plan, state.ticks)
  }
}
