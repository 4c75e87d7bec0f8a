/**
 * Fills a break with what is ready and fits.
 *
 * Ads are taken in their order. One that is not ready or does not fit is skipped with a reason, and the next one is looked
 * at; the break is never filled beyond its end. What is left is slate, or else content. Everything takes whole segments.
 *
 * Pure but for asking the library, which queues creatives that it does not have.
 *
 * Reference: ssai §3.4.
 */
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import { chooseMedia } from '../../media/vast/choose-media.ts'
import type { AdSequence } from '../../media/vast/ad-sequence.ts'
import { withBreakTracking } from '../../media/vast/merge-ad.ts'
import type { ResolvedAd, TrackingEvent } from '../../media/vast/resolved-ad.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdDecision, PodItem, SkippedAd, SkipReason } from '../ad-decision.ts'
import { CONTENT } from '../ad-decision.ts'
import type {
  AdProfile,
  ConditionedCreative,
  CreativeFailure,
  CreativeLibrary,
  CreativeState,
} from '../creative-library.ts'

/** An ad may be this much longer than its segments (100 ms). */
const TOLERANCE_MS = 100
const MAX_BUMPER_MS = 10_000
/** A slate shorter than a segment would repeat without end. */
const MAX_FILLERS = 300
const TICKS_PER_MS = MEDIA_TIMESCALE / 1000

/** What a break is filled from. */
export type FillWish = {
  readonly request: Pick<DecisionRequest, 'durationMs' | 'segmentMs' | 'profile'>
  readonly settings: AdSettings
  readonly library: Pick<CreativeLibrary, 'request'>
  readonly ads: AdSequence
  readonly breakTracking: readonly TrackingEvent[]
}

type Refusal = Omit<SkippedAd, 'ad'>
type ChosenAd = { readonly ad: ResolvedAd; readonly creative: ConditionedCreative }

/** Fills the break; without a fitting ad with slate alone, or not at all. */
export function fillBreak(wish: FillWish): AdDecision {
  return new BreakFill(wish).decide()
}

class BreakFill {
  readonly #wish: FillWish
  readonly #capacity: number
  readonly #chosen: ChosenAd[] = []
  readonly #skipped: SkippedAd[] = []
  #left: number

  constructor(wish: FillWish) {
    const { durationMs, segmentMs } = wish.request
    this.#wish = wish
    this.#capacity = Math.floor((durationMs + TOLERANCE_MS) / segmentMs)
    this.#left = this.#capacity
  }

  decide(): AdDecision {
    const start = this.#bumper(this.#wish.settings.bumperStartUrl)
    const end = this.#bumper(this.#wish.settings.bumperEndUrl)
    this.#chooseAds()
    // Bumpers frame ads: without one there is nothing to frame.
    if (this.#chosen.length === 0) this.#left = this.#capacity
    const slate = this.#filler(this.#wish.settings.slateUrl)
    if (slate && this.#isLeftTooMuch()) return this.#giveUp()
    const slates = slate ? this.#fillWith(slate) : []
    return {
      items: this.#chosen.length > 0 ? [...start, ...this.#ads(), ...slates, ...end] : slates,
      skipped: this.#skipped,
    }
  }

  #chooseAds(): void {
    const { ads } = this.#wish
    for (let ad = ads.next(); ad; ad = ads.next()) {
      const refusal = this.#place(ad)
      if (!refusal) continue
      this.#skipped.push({ ad, ...refusal })
      ads.refuse()
    }
  }

  /** Why the ad is not played; undefined when it has its place. */
  #place(ad: ResolvedAd): Refusal | undefined {
    const { settings, request, library } = this.#wish
    const file = chooseMedia(ad, {
      prefersStreaming: settings.prefersStreaming,
      topBitrateBps: topBitrateBps(request.profile),
    })
    if (!file) return { reason: ad.mediaFiles.length === 0 ? 'MEDIA_FILE_UNAVAILABLE' : 'NO_VARIANT_MATCH' }
    // One that fits no break of this length is not prepared for the next one either.
    if (this.#segments(ad.durationMs) > this.#capacity) return { reason: 'AVAIL_DURATION_EXCEEDED' }
    const state = library.request({ creativeId: ad.creativeId, url: file.url }, request.profile)
    if (state.kind === 'failed') return { reason: FAILURE_REASONS[state.failure], failure: state.failure }
    if (state.kind !== 'ready') return { reason: STATE_REASONS[state.kind] }
    const segments = this.#segmentsOf(state.creative)
    if (segments > this.#left) return { reason: 'AVAIL_DURATION_EXCEEDED' }
    this.#left -= segments
    this.#chosen.push({ ad, creative: state.creative })
    return undefined
  }

  #ads(): readonly PodItem[] {
    const ads = withBreakTracking(
      this.#chosen.map(({ ad }) => ad),
      this.#wish.breakTracking,
    )
    return this.#chosen.map(({ ad, creative }, index) => ({ kind: 'ad', ad: ads[index] ?? ad, creative }))
  }

  /** Reserves the place of a bumper that is ready. */
  #bumper(url: string | undefined): readonly PodItem[] {
    const creative = this.#filler(url)
    if (!creative || creative.durationTicks > MAX_BUMPER_MS * TICKS_PER_MS) return []
    const segments = this.#segmentsOf(creative)
    if (segments >= this.#left) return []
    this.#left -= segments
    return [{ kind: 'filler', creative }]
  }

  #filler(url: string | undefined): ConditionedCreative | undefined {
    if (url === undefined) return undefined
    const state = this.#wish.library.request({ creativeId: '', url }, this.#wish.request.profile)
    return state.kind === 'ready' ? state.creative : undefined
  }

  #isLeftTooMuch(): boolean {
    const { personalizationThresholdSeconds: threshold } = this.#wish.settings
    return threshold !== undefined && (this.#left * this.#wish.request.segmentMs) / 1000 > threshold
  }

  #giveUp(): AdDecision {
    const reason = 'LEFTOVER_AVAIL_EXCEEDED_THRESHOLD'
    const skipped = [...this.#skipped, ...this.#chosen.map(({ ad }) => ({ ad, reason }) as const)]
    return { ...CONTENT, skipped }
  }

  /** The slate again and again; the last one ends with the break. */
  #fillWith(slate: ConditionedCreative): readonly PodItem[] {
    const items: PodItem[] = []
    while (this.#left > 0 && items.length < MAX_FILLERS) {
      const segments = Math.min(this.#segmentsOf(slate), this.#left)
      const leftTicks = this.#left * this.#wish.request.segmentMs * TICKS_PER_MS
      const durationTicks = Math.round(Math.min(slate.durationTicks, leftTicks))
      items.push({ kind: 'filler', creative: { ...slate, durationTicks } })
      this.#left -= segments
    }
    return items
  }

  #segmentsOf({ durationTicks }: ConditionedCreative): number {
    return this.#segments(durationTicks / TICKS_PER_MS)
  }

  #segments(durationMs: number): number {
    return Math.max(1, Math.ceil((durationMs - TOLERANCE_MS) / this.#wish.request.segmentMs))
  }
}

const STATE_REASONS: Readonly<Record<Exclude<CreativeState['kind'], 'ready' | 'failed'>, SkipReason>> = {
  new: 'NEW_CREATIVE',
  running: 'TRANSCODE_IN_PROGRESS',
}

const FAILURE_REASONS: Readonly<Record<CreativeFailure, SkipReason>> = {
  unavailable: 'MEDIA_FILE_UNAVAILABLE',
  'timed-out': 'MEDIA_FILE_UNAVAILABLE',
  unsuitable: 'TRANSCODE_ERROR',
  unplayable: 'TRANSCODE_ERROR',
  'not-tried': 'INTERNAL_ERROR',
}

function topBitrateBps({ renditions }: AdProfile): number {
  return Math.max(
    0,
    ...renditions.map(({ video, audioBitrateBps }) => (video?.bitrateBps ?? 0) + audioBitrateBps),
  )
}
