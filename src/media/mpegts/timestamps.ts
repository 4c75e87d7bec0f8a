/**
 * The 33-bit clocks of a transport stream, written from and read into whole ticks that may have outgrown 33 bits.
 *
 * Ticks are doubles: shifts would cut them to 32 bits, so the upper bits are taken by division.
 *
 * Spec: ISO/IEC 13818-1 §2.4.3.5 (PCR), §2.4.3.7 (PTS, DTS).
 */

/** Ticks after which a 33-bit clock starts again: 26.5 hours at 90 kHz. */
export const TS_CLOCK_TICKS = 0x2_0000_0000

/** Writes a PTS or DTS in its five bytes; `mark` is the four bits in front: 2 PTS alone, 3 PTS of two, 1 DTS. */
export function putTimestamp(out: Uint8Array, at: number, mark: number, ticks: number): void {
  const clock = wrapTicks(ticks)
  const high = Math.floor(clock / 0x4000_0000)
  const low = clock - high * 0x4000_0000
  out[at] = (mark << 4) | (high << 1) | 1
  out[at + 1] = low >> 22
  out[at + 2] = (low >> 14) | 1
  out[at + 3] = low >> 7
  out[at + 4] = (low << 1) | 1
}

/** Writes a program clock reference in its six bytes, without the 27 MHz extension. */
export function putPcr(out: Uint8Array, at: number, ticks: number): void {
  const clock = wrapTicks(ticks)
  const high = Math.floor(clock / 2)
  out[at] = high >>> 24
  out[at + 1] = high >>> 16
  out[at + 2] = high >>> 8
  out[at + 3] = high
  out[at + 4] = ((clock - high * 2) << 7) | 0x7e
  out[at + 5] = 0
}

/** Reads a PTS or DTS from its five bytes, marker bits unseen. */
export function readTimestamp(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = bytes.subarray(at, at + 5)
  return ((a >> 1) & 7) * 0x4000_0000 + ((b << 22) | ((c >> 1) << 15) | (d << 7) | (e >> 1))
}

/** Carries 33-bit timestamps on past their wrap; one for all streams of a program, which share a clock. */
export class ClockUnwrapper {
  #lastTicks: number | undefined

  /** `referenceTicks` chooses the round of the clock: the first timestamp becomes the time nearest to it. */
  constructor(referenceTicks: number | undefined) {
    this.#lastTicks = referenceTicks
  }

  /** The time of a 33-bit `clock` nearest to the one before; the first is taken as it is when there is no reference. */
  unwrap(clock: number): number {
    const last = this.#lastTicks ?? clock
    const ahead = wrapTicks(clock - last)
    const ticks = last + (ahead < TS_CLOCK_TICKS / 2 ? ahead : ahead - TS_CLOCK_TICKS)
    this.#lastTicks = ticks
    return ticks
  }
}

function wrapTicks(ticks: number): number {
  // A remainder of doubles is slow, and needed only after a day.
  if (ticks >= 0 && ticks < TS_CLOCK_TICKS) return ticks
  const clock = ticks % TS_CLOCK_TICKS
  return clock < 0 ? clock + TS_CLOCK_TICKS : clock
}
