/**
 * What a monitoring system reads of this process, in Prometheus' text form.
 *
 * Labels have few values, known beforehand: no channel, stream or viewer is one. Values of single channels are read
 * through the API.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

/** One value, and what tells it from others of its name. */
export type ExposedValue = { readonly value: number; readonly labels?: Readonly<Record<string, string>> }

/** Values of one name. */
export type ExposedMetric = {
  /** With the unit at its end, and `_total` after it for what only grows. */
  readonly name: string
  /** One sentence. */
  readonly help: string
  /** Counters only grow while the process lives. */
  readonly kind: 'counter' | 'gauge'
  readonly labels: readonly string[]
  /** The values now. */
  readonly read: () => readonly ExposedValue[] | Promise<readonly ExposedValue[]>
}

/** Prints all values. */
export type Exposition = {
  readonly contentType: string
  readonly print: () => Promise<string>
}

/** Prints `metrics`, and what Node.js tells of the process: processor, memory, event-loop delay, open handles. */
export function createExposition(metrics: readonly ExposedMetric[]): Exposition {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  for (const metric of metrics) addMetric(registry, metric)
  return { contentType: registry.contentType, print: () => registry.metrics() }
}

function addMetric(registry: Registry, { name, help, kind, labels, read }: ExposedMetric): void {
  const form = { name, help, labelNames: labels, registers: [registry] }
  if (kind === 'gauge') {
    const gauge: Gauge = new Gauge({
      ...form,
      collect: async () => {
        const values = await read()
        gauge.reset()
        for (const { value, labels: at = {} } of values) gauge.set(at, value)
      },
    })
    return
  }
  const counter: Counter = new Counter({
    ...form,
    // Counted elsewhere already: what is printed is the sum so far.
    collect: async () => {
      const values = await read()
      counter.reset()
      for (const { value, labels: at = {} } of values) counter.inc(at, value)
    },
  })
}
