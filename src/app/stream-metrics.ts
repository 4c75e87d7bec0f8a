/**
 * Values of streams, wired: who writes them down, and where they are kept.
 */
import type { Clock } from '../base/clock.ts'
import type { LiveDirectory } from '../domain/live.ts'
import { MetricStore, StreamSampler } from '../metrics/index.ts'
import type { ServerConfig } from './config/server-config.ts'

/** Values of streams, kept and being written. */
export type StreamMetrics = { readonly store: MetricStore; readonly sampler: StreamSampler }

/** Begins to write values of the streams that `live` knows. */
export function startStreamMetrics(
  config: Pick<ServerConfig, 'maxMetricBytes'>,
  clock: Clock,
  live: Pick<LiveDirectory, 'get'>,
): StreamMetrics {
  const store = new MetricStore({ clock, maxBytes: config.maxMetricBytes })
  return { store, sampler: new StreamSampler({ clock, live, store }) }
}
