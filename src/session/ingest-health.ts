/**
 * Tells whether enough arrives of a publisher: its bits and pictures over the last seconds, against what it announced,
 * or against what it sent before where it announced nothing (reference ivs-behaviour §12).
 *
 * Too little is when bits and pictures fall short together. Either alone is normal: a still picture needs few bits, and
 * a camera in the dark sends few pictures. Between the two thresholds the judgement stays as it was.
 *
 * Pure: what arrived is handed in, about once a second.
 */
import type { StreamHealth } from '../domain/live.ts'
import type { PublisherAnnouncement } from '../domain/publishing.ts'
import type { Arrivals } from './arrival-window.ts'

/** The stretch of time that is judged. */
export const HEALTH_WINDOW_MS = 5000

/** Parts of what is expected: below the first a stream starves, from the second on it has recovered. */
const STARVING_BELOW = 0.75
const HEALTHY_FROM = 0.9
/** Nothing is said of a stream in less time than this. */
const MIN_EVIDENCE_MS = 2000
/**
 * How fast the memory of what was sent before follows, by judgement: within about a minute, and within ten while the
 * stream starves, for what lasts so long is how the stream is.
 */
const MEMORY_SHARE = 1 / 60
const STARVING_MEMORY_SHARE = 1 / 600

/** Bits and pictures a second; undefined where it is not known. */
type Expected = { readonly bitrateBps: number | undefined; readonly pictureRate: number | undefined }

/** The health of one stream. */
export class IngestHealth {
  #announced: Expected = { bitrateBps: undefined, pictureRate: undefined }
  #before: Expected = this.#announced
  #current: StreamHealth = 'UNKNOWN'

  /** The last judgement; UNKNOWN until it can be told. */
  get current(): StreamHealth {
    return this.#current
  }

  /** Takes everything that the publisher announced so far. */
  expect({ videoBitrateBps, audioBitrateBps, frameRate }: PublisherAnnouncement): void {
    const bitrateBps = videoBitrateBps === undefined ? undefined : videoBitrateBps + (audioBitrateBps ?? 0)
    this.#announced = { bitrateBps, pictureRate: frameRate }
  }

  /** Forgets what was sent before: the publisher sends another picture now. */
  forget(): void {
    this.#before = { bitrateBps: undefined, pictureRate: undefined }
  }

  /** Judges what arrived in the last `HEALTH_WINDOW_MS`, or since the first unit if that is less. */
  judge(arrivals: Arrivals): StreamHealth {
    if (arrivals.elapsedMs < MIN_EVIDENCE_MS) return this.#current
    this.#current = this.#verdict(arrivals)
    if (arrivals.elapsedMs >= HEALTH_WINDOW_MS) this.#remember(arrivals)
    return this.#current
  }

  #verdict(arrivals: Arrivals): StreamHealth {
    const isWholeWindow = arrivals.elapsedMs >= HEALTH_WINDOW_MS
    if (isWholeWindow && arrivals.bytes === 0) return 'STARVING'
    const shares = [this.#bitShare(arrivals), this.#pictureShare(arrivals)]
    const known = shares.filter((share) => share !== undefined)
    if (known.length === 0) return 'UNKNOWN'
    if (known.some((share) => share >= HEALTHY_FROM)) return 'HEALTHY'
    if (known.length === shares.length && known.every((share) => share < STARVING_BELOW)) return 'STARVING'
    // Neither good nor bad: a stream that was not judged before is not starving.
    return this.#current === 'UNKNOWN' && isWholeWindow ? 'HEALTHY' : this.#current
  }

  #bitShare(arrivals: Arrivals): number | undefined {
    const expected = this.#announced.bitrateBps ?? this.#before.bitrateBps
    return expected && bitsPerSecond(arrivals) / expected
  }

  // One picture may fall just outside the window.
  #pictureShare({ pictures, elapsedMs }: Arrivals): number | undefined {
    const expected = this.#announced.pictureRate ?? this.#before.pictureRate
    return expected && (pictures + 1) / ((expected * elapsedMs) / 1000)
  }

  #remember(arrivals: Arrivals): void {
    const share = this.#current === 'STARVING' ? STARVING_MEMORY_SHARE : MEMORY_SHARE
    const follow = (before: number | undefined, now: number): number =>
      before === undefined ? now : before + (now - before) * share
    this.#before = {
      bitrateBps: follow(this.#before.bitrateBps, bitsPerSecond(arrivals)),
      pictureRate: follow(this.#before.pictureRate, (arrivals.pictures * 1000) / arrivals.elapsedMs),
    }
  }
}

/** Bits a second by the wall clock. */
function bitsPerSecond({ bytes, elapsedMs }: Arrivals): number {
  return (bytes * 8 * 1000) / elapsedMs
}
