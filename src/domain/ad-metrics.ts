/**
 * What is measured of ads, by the names of AWS Elemental MediaTailor (reference ssai §3.9).
 */

/** What an ad-related metric is counted in, as CloudWatch spells it; a fill rate from 0 to 1 has no unit. */
export type AdMetricUnit = 'Count' | 'Milliseconds' | 'None'

/** A measured quantity of ads. */
export type AdMetricName =
  | 'AdDecisionServer.Ads'
  | 'AdDecisionServer.Duration'
  | 'AdDecisionServer.Errors'
  | 'AdDecisionServer.FillRate'
  | 'AdDecisionServer.Latency'
  | 'AdDecisionServer.Timeouts'
  | 'AdNotReady'
  | 'Avail.Complete'
  | 'Avail.Complete.Fired'
  | 'Avail.Complete.Recovered'
  | 'Avail.Complete.Retried'
  | 'Avail.Duration'
  | 'Avail.FillRate'
  | 'Avail.FilledDuration'
  | 'Avail.FirstQuartile'
  | 'Avail.Impression'
  | 'Avail.Impression.Fired'
  | 'Avail.Impression.Recovered'
  | 'Avail.Impression.Retried'
  | 'Avail.Midpoint'
  | 'Avail.Start'
  | 'Avail.ThirdQuartile'
  | 'SkippedReason.DurationExceeded'
  | 'SkippedReason.InternalError'
  | 'SkippedReason.InvalidVastWrapperAd'
  | 'SkippedReason.MediaFileUnavailable'
  | 'SkippedReason.NewCreative'
  | 'SkippedReason.NoVariantMatch'
  | 'SkippedReason.PersonalizationThresholdExceeded'
  | 'SkippedReason.TranscodeError'
  | 'SkippedReason.TranscodeInProgress'

/** What each metric is counted in. */
export const AD_METRIC_UNITS: Readonly<Record<AdMetricName, AdMetricUnit>> = {
  'AdDecisionServer.Ads': 'Count',
  'AdDecisionServer.Duration': 'Milliseconds',
  'AdDecisionServer.Errors': 'Count',
  'AdDecisionServer.FillRate': 'None',
  'AdDecisionServer.Latency': 'Milliseconds',
  'AdDecisionServer.Timeouts': 'Count',
  AdNotReady: 'Count',
  'Avail.Complete': 'Count',
  'Avail.Complete.Fired': 'Count',
  'Avail.Complete.Recovered': 'Count',
  'Avail.Complete.Retried': 'Count',
  'Avail.Duration': 'Milliseconds',
  'Avail.FillRate': 'None',
  'Avail.FilledDuration': 'Milliseconds',
  'Avail.FirstQuartile': 'Count',
  'Avail.Impression': 'Count',
  'Avail.Impression.Fired': 'Count',
  'Avail.Impression.Recovered': 'Count',
  'Avail.Impression.Retried': 'Count',
  'Avail.Midpoint': 'Count',
  'Avail.Start': 'Count',
  'Avail.ThirdQuartile': 'Count',
  'SkippedReason.DurationExceeded': 'Count',
  'SkippedReason.InternalError': 'Count',
  'SkippedReason.InvalidVastWrapperAd': 'Count',
  'SkippedReason.MediaFileUnavailable': 'Count',
  'SkippedReason.NewCreative': 'Count',
  'SkippedReason.NoVariantMatch': 'Count',
  'SkippedReason.PersonalizationThresholdExceeded': 'Count',
  'SkippedReason.TranscodeError': 'Count',
  'SkippedReason.TranscodeInProgress': 'Count',
}

/** One value, and what it is of. */
export type AdSample = {
  readonly metric: AdMetricName
  readonly accountId: string
  readonly configurationName: string
  /** Host that beacons go to. */
  readonly adTrackingDomain: string | undefined
  readonly value: number
}

/** Takes values; never throws. */
export type AdSampleSink = (sample: AdSample) => void

/** Whether `name` is one of the metrics. */
export function isAdMetric(name: string): name is AdMetricName {
  return Object.hasOwn(AD_METRIC_UNITS, name)
}
