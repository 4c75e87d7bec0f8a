/**
 * The 33-bit clocks of a transport stream, written from whole ticks that may have outgrown 33 bits long ago.
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

function wrapTicks(ticks: number): number {
  // A remainder of doubles is slow, and needed only after a day.
  if (ticks >= 0 && ticks < TS_CLOCK_TICKS) return ticks
  const clock = ticks % TS_CLOCK_TICKS
  return clock < 0 ? clock + TS_CLOCK_TICKS : clock
}
