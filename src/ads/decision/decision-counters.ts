/**
 * Counts what ad servers answer and what becomes of it, by the names of AWS Elemental MediaTailor.
 *
 * Reference: ssai §3.9.
 */
import type { AdMetricName, AdSampleSink } from '../../domain/ad-metrics.ts'
import type { SkipReason } from '../ad-decision.ts'

/** Names of what is measured; durations and latencies are in milliseconds, fill rates from 0 to 1. */
export type DecisionMetric = AdMetricName

/** Whose decisions are counted. */
export type CountedConfiguration = { readonly accountId: string; readonly configurationName: string }

/** All samples of a metric since the server started. */
export type MetricSum = {
  readonly name: DecisionMetric
  readonly configurationName: string
  readonly samples: number
  readonly sum: number
}

/** What goes wrong without being a metric of that service. */
export type DecisionTrouble = 'unknownVariables' | 'unknownConfigurations'

/**
 * What became of a decision, each one of these: made in time; too late; refused because too many waited; failed; or not
 * wanted, for there is no configuration, or it suppresses the break.
 */
export type DecisionOutcome = 'made' | 'late' | 'refused' | 'failed' | 'unwanted'

/**
 * What became of asking ahead of a break: ads were kept; the ad server had none, or did not answer; there was no more time;
 * too many waited; or the session has another configuration by now.
 */
export type PrefetchOutcome = 'kept' | 'empty' | 'failed' | 'late' | 'refused' | 'unwanted'

const SKIP_METRICS: Readonly<Record<SkipReason, DecisionMetric>> = {
  NEW_CREATIVE: 'SkippedReason.NewCreative',
  TRANSCODE_IN_PROGRESS: 'SkippedReason.TranscodeInProgress',
  TRANSCODE_ERROR: 'SkippedReason.TranscodeError',
  INTERNAL_ERROR: 'SkippedReason.InternalError',
  AVAIL_DURATION_EXCEEDED: 'SkippedReason.DurationExceeded',
  LEFTOVER_AVAIL_EXCEEDED_THRESHOLD: 'SkippedReason.PersonalizationThresholdExceeded',
  MEDIA_FILE_UNAVAILABLE: 'SkippedReason.MediaFileUnavailable',
  NO_VARIANT_MATCH: 'SkippedReason.NoVariantMatch',
  INVALID_VAST_WRAPPER_AD: 'SkippedReason.InvalidVastWrapperAd',
}
/** Why ads are not played, with the metric that counts each. */
export const SKIPPED_REASONS: readonly (readonly [SkipReason, DecisionMetric])[] = Object.entries(
  SKIP_METRICS,
) as [SkipReason, DecisionMetric][]
const NOT_READY: ReadonlySet<SkipReason> = new Set(['NEW_CREATIVE', 'TRANSCODE_IN_PROGRESS'])
const MAX_CONFIGURATIONS = 1000
/** Stands for all that come later. */
const OTHER = 'other'

/** Counters of this server. */
export class DecisionCounters {
  readonly #sums = new Map<string, Map<DecisionMetric, { samples: number; sum: number }>>()
  readonly #troubles = { unknownVariables: 0, unknownConfigurations: 0 }
  readonly #outcomes = { made: 0, late: 0, refused: 0, failed: 0, unwanted: 0 }
  readonly #prefetches = { kept: 0, empty: 0, failed: 0, late: 0, refused: 0, unwanted: 0 }
  #prefetchesUsed = 0
  readonly #onSample: AdSampleSink

  constructor(onSample: AdSampleSink = () => undefined) {
    this.#onSample = onSample
  }

  /** All metrics so far. */
  get sums(): readonly MetricSum[] {
    return [...this.#sums].flatMap(([configurationName, metrics]) =>
      [...metrics].map(([name, total]) => ({ name, configurationName, ...total })),
    )
  }

  /** All troubles so far. */
  get troubles(): Readonly<Record<DecisionTrouble, number>> {
    return { ...this.#troubles }
  }

  /** All decisions so far, each counted once. */
  get outcomes(): Readonly<Record<DecisionOutcome, number>> {
    return { ...this.#outcomes }
  }

  /** All that was asked ahead so far, each counted once, and how many breaks were decided by it. */
  get prefetches(): {
    readonly outcomes: Readonly<Record<PrefetchOutcome, number>>
    readonly used: number
  } {
    return { outcomes: { ...this.#prefetches }, used: this.#prefetchesUsed }
  }

  /** Asking ahead has come to its end. */
  prefetched(outcome: PrefetchOutcome): void {
    this.#prefetches[outcome]++
  }

  /** A break has ads that were asked for ahead of it. */
  prefetchUsed(): void {
    this.#prefetchesUsed++
  }

  /** A decision has come to its end. */
  settled(outcome: DecisionOutcome): void {
    this.#outcomes[outcome]++
  }

  /** A sample of a metric. */
  observe({ accountId, configurationName }: CountedConfiguration, metric: DecisionMetric, value = 1): void {
    const counted = this.#sums.has(configurationName) || this.#sums.size < MAX_CONFIGURATIONS
    const name = counted ? configurationName : OTHER
    this.#add(name, metric, value)
    this.#onSample({ metric, accountId, configurationName: name, adTrackingDomain: undefined, value })
  }

  #add(configurationName: string, name: DecisionMetric, value: number): void {
    const metrics = this.#metricsOf(configurationName)
    const total = metrics.get(name)
    if (total) {
      total.samples++
      total.sum += value
    } else metrics.set(name, { samples: 1, sum: value })
  }

  /** An ad is not played. */
  skipped(configuration: CountedConfiguration, reason: SkipReason): void {
    this.observe(configuration, SKIP_METRICS[reason])
    if (NOT_READY.has(reason)) this.observe(configuration, 'AdNotReady')
  }

  /** Something went wrong. */
  trouble(kind: DecisionTrouble, count = 1): void {
    this.#troubles[kind] += count
  }

  #metricsOf(name: string): Map<DecisionMetric, { samples: number; sum: number }> {
    const known = this.#sums.get(name) ?? new Map<DecisionMetric, { samples: number; sum: number }>()
    this.#sums.set(name, known)
    return known
  }
}
