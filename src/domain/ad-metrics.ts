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
  | 'AdsBilled'
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
  | 'Avail.ObservedDuration'
  | 'Avail.ObservedFillRate'
  | 'Avail.ObservedFilledDuration'
  | 'Avail.ObservedSlateDuration'
  | 'Avail.Start'
  | 'Avail.ThirdQuartile'
  | 'GetManifest.Errors'
  | 'GetManifest.Latency'
  | 'Requests'
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
  AdsBilled: 'Count',
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
  'Avail.ObservedDuration': 'Milliseconds',
  'Avail.ObservedFillRate': 'None',
  'Avail.ObservedFilledDuration': 'Milliseconds',
  'Avail.ObservedSlateDuration': 'Milliseconds',
  'Avail.Start': 'Count',
  'Avail.ThirdQuartile': 'Count',
  'GetManifest.Errors': 'Count',
  'GetManifest.Latency': 'Milliseconds',
  Requests: 'Count',
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
  /** How many equal values this stands for; default 1. */
  readonly count?: number
}

/** Takes values; never throws. */
export type AdSampleSink = (sample: AdSample) => void

/** Whether `name` is one of the metrics. */
export function isAdMetric(name: string): name is AdMetricName {
  return Object.hasOwn(AD_METRIC_UNITS, name)
}
