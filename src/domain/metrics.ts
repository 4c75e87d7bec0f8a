/**
 * What is measured, and the port by which it is read (reference ivs-behaviour §13, ssai §3.9).
 */
import { AD_METRIC_UNITS, isAdMetric } from './ad-metrics.ts'
import type { AdMetricName, AdMetricUnit } from './ad-metrics.ts'

/** A measured quantity of streams. */
export type StreamMetricName =
  | 'ConcurrentStreams'
  | 'ConcurrentViews'
  | 'IngestAudioBitrate'
  | 'IngestBitrate'
  | 'IngestFramerate'
  | 'IngestVideoBitrate'
  | 'KeyframeInterval'
  | 'LiveDeliveredTime'
  | 'LiveInputTime'

/** A measured quantity. */
export type MetricName = AdMetricName | StreamMetricName

/** Who has a metric by its name. */
export type MetricNamespace = 'AWS/IVS' | 'AWS/MediaTailor'

/** What a metric is counted in, as CloudWatch spells it. */
export type MetricUnit = AdMetricUnit | 'Bits/Second' | 'Count/Second' | 'Seconds'

/** What a series of values is about, such as the channel with an id. */
export type MetricDimension = { readonly name: string; readonly value: string }

/** One series of values: a metric of an account, or of one of its channels. */
export type MetricSeries = {
  readonly metric: MetricName
  /** In the order of their names; none for the whole account. */
  readonly dimensions: readonly MetricDimension[]
}

/** What is known of all values in a period of time. */
export type StatisticSet = {
  readonly count: number
  readonly sum: number
  readonly minimum: number
  readonly maximum: number
}

/** The values of one period, which begins at `startMs` since the Unix epoch. */
export type MetricPoint = StatisticSet & {
  readonly startMs: number
  /** What is known of each second or minute in the period, when it was asked for. */
  readonly parts?: readonly StatisticSet[]
}

/** A stretch of time and how it is divided: from `fromMs` on, up to and without `toMs`. */
export type MetricSpan = {
  readonly fromMs: number
  readonly toMs: number
  readonly periodMs: number
  /** Whether points have their parts too. Default false. */
  readonly withParts?: boolean
}

/** The values of the last hours. */
export type MetricHistory = {
  /** Every series of an account that has values, in a stable order. */
  readonly series: (accountId: string) => readonly MetricSeries[]
  /** The periods of `span` that have values, oldest first. */
  readonly read: (accountId: string, series: MetricSeries, span: MetricSpan) => readonly MetricPoint[]
}

/** What each metric is counted in. */
export const METRIC_UNITS: Readonly<Record<MetricName, MetricUnit>> = {
  ConcurrentStreams: 'Count',
  ConcurrentViews: 'Count',
  IngestAudioBitrate: 'Bits/Second',
  IngestBitrate: 'Bits/Second',
  IngestFramerate: 'Count/Second',
  IngestVideoBitrate: 'Bits/Second',
  KeyframeInterval: 'Seconds',
  LiveDeliveredTime: 'Seconds',
  LiveInputTime: 'Seconds',
  ...AD_METRIC_UNITS,
}

/** Where a metric belongs: no name is in both. */
export function namespaceOf(metric: MetricName): MetricNamespace {
  return isAdMetric(metric) ? 'AWS/MediaTailor' : 'AWS/IVS'
}

/** Text that tells series of one account apart, and orders them. */
export function seriesKey({ metric, dimensions }: MetricSeries): string {
  let key: string = metric
  for (const { name, value } of dimensions) key += ` ${name}=${value}`
  return key
}
