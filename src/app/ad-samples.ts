/**
 * Values of ads on their way into the store of metrics, by the dimensions of AWS Elemental MediaTailor (reference ssai §3.9).
 */
import type { Clock } from '../base/clock.ts'
import type { AdSampleSink } from '../domain/ad-metrics.ts'
import type { MetricStore } from '../metrics/index.ts'

/** Writes values down under the time at which they come. */
export function adSamplesTo(store: Pick<MetricStore, 'record'>, clock: Pick<Clock, 'nowMs'>): AdSampleSink {
  return ({ metric, accountId, configurationName, adTrackingDomain, value, count }) => {
    const configuration = { name: 'ConfigurationName', value: configurationName }
    const dimensions =
      adTrackingDomain === undefined
        ? [configuration]
        : [{ name: 'AdTrackingDomain', value: adTrackingDomain }, configuration]
    store.record(accountId, { metric, dimensions }, clock.nowMs(), value, count)
  }
}
