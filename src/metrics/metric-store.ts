/**
 * The values of all series of the last three hours, in memory and within a fixed number of bytes.
 *
 * Chunks of all series are as long as each other, so the first that was made is the first to go: when it is too old, or
 * when there is no room for another one.
 */
import type { Clock } from '../base/clock.ts'
import { seriesKey } from '../domain/metrics.ts'
import type { MetricHistory, MetricName, MetricPoint, MetricSeries, MetricSpan } from '../domain/metrics.ts'
import { CHUNK_MS, SampleSeries } from './sample-series.ts'
import type { SeriesForm } from './sample-series.ts'

/** How long a value is kept. */
export const RETENTION_MS: number = 3 * 60 * 60 * 1000

/** Beside its numbers a chunk takes about as much again for what holds it. */
const CHUNK_OVERHEAD_BYTES = 512
const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS

/** Metrics with a value each second; the others have one each minute. */
const HIGH_RESOLUTION: ReadonlySet<MetricName> = new Set([
  'IngestAudioBitrate',
  'IngestBitrate',
  'IngestFramerate',
  'IngestVideoBitrate',
  'KeyframeInterval',
])

/** What the store needs. */
export type MetricStoreOptions = {
  readonly clock: Pick<Clock, 'nowMs'>
  /** Room for values; when it is used up, the oldest ten minutes of some series go. */
  readonly maxBytes: number
}

type Entry = { readonly name: MetricSeries; readonly samples: SampleSeries }
type Chunk = {
  readonly accountId: string
  readonly key: string
  readonly startMs: number
  readonly bytes: number
}

/** Values by account and series. */
export class MetricStore implements MetricHistory {
  readonly #options: MetricStoreOptions
  readonly #accounts = new Map<string, Map<string, Entry>>()
  /** In the order in which they were made. */
  readonly #chunks = new Set<Chunk>()
  #bytes = 0

  constructor(options: MetricStoreOptions) {
    this.#options = options
  }

  /** Bytes in use, within `maxBytes`. */
  get sizeBytes(): number {
    return this.#bytes
  }

  /** Takes `count` equal values of `series`; one of a single source replaces what its second had. */
  record(accountId: string, series: MetricSeries, timeMs: number, value: number, count = 1): void {
    const key = seriesKey(series)
    const known = this.#accounts.get(accountId)?.get(key)
    const samples = known?.samples ?? new SampleSeries(formOf(series))
    if (!samples.hasChunk(timeMs)) {
      const startMs = Math.floor(timeMs / CHUNK_MS) * CHUNK_MS
      this.#makeRoom({ accountId, key, startMs, bytes: samples.chunkBytes + CHUNK_OVERHEAD_BYTES })
      // Its own last chunk may have gone meanwhile, and the series with it.
      this.#keep(accountId, key, { name: series, samples })
    }
    samples.record(timeMs, value, count)
  }

  readonly series = (accountId: string): readonly MetricSeries[] => {
    this.#forgetOld()
    const entries = [...(this.#accounts.get(accountId) ?? [])]
    return entries.sort(([left], [right]) => (left < right ? -1 : 1)).map(([, { name }]) => name)
  }

  readonly read = (accountId: string, series: MetricSeries, span: MetricSpan): readonly MetricPoint[] => {
    const entry = this.#accounts.get(accountId)?.get(seriesKey(series))
    const fromMs = Math.max(span.fromMs, this.#options.clock.nowMs() - RETENTION_MS)
    return entry?.samples.read({ ...span, fromMs }) ?? []
  }

  #makeRoom(chunk: Chunk): void {
    this.#forgetOld()
    this.#chunks.add(chunk)
    this.#bytes += chunk.bytes
    for (const oldest of this.#chunks) {
      if (this.#bytes <= this.#options.maxBytes || oldest === chunk) return
      this.#forget(oldest)
    }
  }

  #forgetOld(): void {
    const cutoffMs = this.#options.clock.nowMs() - RETENTION_MS
    for (const oldest of this.#chunks) {
      if (oldest.startMs + CHUNK_MS > cutoffMs) return
      this.#forget(oldest)
    }
  }

  #forget(chunk: Chunk): void {
    this.#chunks.delete(chunk)
    this.#bytes -= chunk.bytes
    const series = this.#accounts.get(chunk.accountId)
    const entry = series?.get(chunk.key)
    entry?.samples.forget(chunk.startMs)
    if (!entry?.samples.isEmpty) return
    series?.delete(chunk.key)
    if (series?.size === 0) this.#accounts.delete(chunk.accountId)
  }

  #keep(accountId: string, key: string, entry: Entry): void {
    const series = this.#accounts.get(accountId) ?? new Map<string, Entry>()
    series.set(key, entry)
    this.#accounts.set(accountId, series)
  }
}

function formOf({ metric, dimensions }: MetricSeries): SeriesForm {
  const isOfChannel = dimensions.some(({ name }) => name === 'Channel')
  const isHigh = HIGH_RESOLUTION.has(metric)
  return { slotMs: isHigh ? SECOND_MS : MINUTE_MS, merged: !isHigh || !isOfChannel }
}
