/**
 * The door of the metrics room.
 */
export { createExposition } from './exposition.ts'
export type { ExposedMetric, ExposedValue } from './exposition.ts'
export { MetricStore } from './metric-store.ts'
export { createMetricsPage } from './metrics-page.ts'
export type { MetricsPage } from './metrics-page.ts'
export { StreamSampler } from './stream-sampler.ts'
