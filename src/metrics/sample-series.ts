/**
 * The values of one series, in chunks of ten minutes, each a few numbers a slot.
 *
 * A slot holds one value, or for a series that several sources add to what is known of all of them. Values keep seven
 * digits. Pure: time is handed in.
 */
import type { MetricPoint, MetricSpan, StatisticSet } from '../domain/metrics.ts'

/** How long a chunk lasts, in milliseconds. */
export const CHUNK_MS = 600_000

const BYTES_PER_NUMBER = Float32Array.BYTES_PER_ELEMENT
/** Count, sum, minimum, maximum. */
const MERGED_NUMBERS = 4

/** How the values of a series are kept. */
export type SeriesForm = {
  /** Time of one slot; divides `CHUNK_MS`. */
  readonly slotMs: number
  /** Whether a slot takes many values; else the last one counts. */
  readonly merged: boolean
}

type MutablePoint = { -readonly [Key in keyof StatisticSet]: StatisticSet[Key] } & {
  startMs: number
  parts?: StatisticSet[]
}

/** A series of values. */
export class SampleSeries {
  readonly #form: SeriesForm
  readonly #chunks = new Map<number, Float32Array>()

  constructor(form: SeriesForm) {
    this.#form = form
  }

  /** What a new chunk takes. */
  get chunkBytes(): number {
    const { slotMs, merged } = this.#form
    return (CHUNK_MS / slotMs) * (merged ? MERGED_NUMBERS : 1) * BYTES_PER_NUMBER
  }

  get isEmpty(): boolean {
    return this.#chunks.size === 0
  }

  /** Whether a value at `timeMs` has its chunk already. */
  hasChunk(timeMs: number): boolean {
    return this.#chunks.has(Math.floor(timeMs / CHUNK_MS))
  }

  /** Takes a value, as often as `count` says. */
  record(timeMs: number, value: number, count = 1): void {
    const chunk = this.#chunkAt(timeMs)
    const slot = Math.floor((timeMs % CHUNK_MS) / this.#form.slotMs)
    if (this.#form.merged) merge(chunk, slot * MERGED_NUMBERS, { value, count })
    else chunk[slot] = value
  }

  /** Forgets the chunk that begins at `startMs`. */
  forget(startMs: number): void {
    this.#chunks.delete(startMs / CHUNK_MS)
  }

  /** The periods of `span` that have values, oldest first. */
  read({ fromMs, toMs, periodMs, withParts = false }: MetricSpan): MetricPoint[] {
    const points: MutablePoint[] = []
    const { slotMs } = this.#form
    for (const [index, chunk] of this.#inOrder()) {
      const chunkMs = index * CHUNK_MS
      const first = Math.max(0, Math.ceil((fromMs - chunkMs) / slotMs))
      const end = Math.min(CHUNK_MS / slotMs, Math.ceil((toMs - chunkMs) / slotMs))
      for (let slot = first; slot < end; slot++) {
        const found = this.#slot(chunk, slot)
        if (!found) continue
        const point = addTo(points, found, periodStart(chunkMs + slot * slotMs, periodMs))
        if (withParts) (point.parts ??= []).push(found)
      }
    }
    return points
  }

  #inOrder(): readonly (readonly [number, Float32Array])[] {
    return [...this.#chunks].sort(([left], [right]) => left - right)
  }

  #slot(chunk: Float32Array, slot: number): StatisticSet | undefined {
    if (this.#form.merged) return readMerged(chunk, slot * MERGED_NUMBERS)
    const value = chunk[slot] ?? NaN
    return Number.isNaN(value) ? undefined : { count: 1, sum: value, minimum: value, maximum: value }
  }

  #chunkAt(timeMs: number): Float32Array {
    const index = Math.floor(timeMs / CHUNK_MS)
    const known = this.#chunks.get(index)
    if (known) return known
    const chunk = new Float32Array(this.chunkBytes / BYTES_PER_NUMBER)
    // Zero is a value; what was never written is none. Merged slots tell by their count.
    if (!this.#form.merged) chunk.fill(NaN)
    this.#chunks.set(index, chunk)
    return chunk
  }
}

function merge(
  chunk: Float32Array,
  at: number,
  { value, count }: { readonly value: number; readonly count: number },
): void {
  // Thousands a second: a view of the slot would be garbage each time.
  const before = chunk[at] ?? 0
  const sum = chunk[at + 1] ?? 0
  const minimum = chunk[at + 2] ?? 0
  const maximum = chunk[at + 3] ?? 0
  const first = before === 0
  chunk[at] = before + count
  chunk[at + 1] = sum + value * count
  chunk[at + 2] = first ? value : Math.min(minimum, value)
  chunk[at + 3] = first ? value : Math.max(maximum, value)
}

function readMerged(chunk: Float32Array, at: number): StatisticSet | undefined {
  const [count = 0, sum = 0, minimum = 0, maximum = 0] = chunk.subarray(at, at + MERGED_NUMBERS)
  return count === 0 ? undefined : { count, sum, minimum, maximum }
}

function periodStart(timeMs: number, periodMs: number): number {
  return Math.floor(timeMs / periodMs) * periodMs
}

function addTo(points: MutablePoint[], found: StatisticSet, startMs: number): MutablePoint {
  const last = points.at(-1)
  if (last?.startMs !== startMs) {
    const point = { startMs, ...found }
    points.push(point)
    return point
  }
  last.count += found.count
  last.sum += found.sum
  last.minimum = Math.min(last.minimum, found.minimum)
  last.maximum = Math.max(last.maximum, found.maximum)
  return last
}
