/**
 * Values of streams, wired: who writes them down, and where they are kept.
 */
import type { Clock } from '../base/clock.ts'
import type { LiveDirectory } from '../domain/live.ts'
import { MetricStore, StreamSampler } from '../metrics/index.ts'
import type { ServerConfig } from './config/server-config.ts'

/** Values of streams, kept and being written. */
export type StreamMetrics = { readonly store: MetricStore; readonly sampler: StreamSampler }

/** Makes the store of all values. */
export function createMetricStore(config: Pick<ServerConfig, 'maxMetricBytes'>, clock: Clock): MetricStore {
  return new MetricStore({ clock, maxBytes: config.maxMetricBytes })
}

/** Begins to write values of the streams that `live` knows. */
export function startStreamMetrics(
  store: MetricStore,
  clock: Clock,
  live: Pick<LiveDirectory, 'get'>,
): StreamMetrics {
  return { store, sampler: new StreamSampler({ clock, live, store }) }
}
