/**
 * Numbers and box headers written in place, for the fragments of the hot path. None of these throws or allocates.
 */

/** Writes the low 32 bits of a whole number, negative ones in two's complement; returns the offset behind them. */
export function putU32(out: Uint8Array, at: number, value: number): number {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
  return at + 4
}

/** Writes a whole number from 0 to 2^53 in eight bytes; returns the offset behind them. */
export function putU64(out: Uint8Array, at: number, value: number): number {
  putU32(out, at, Math.floor(value / 0x1_0000_0000))
  return putU32(out, at + 4, value)
}

/** Writes the size and four-letter type of a box; returns the offset behind them. */
export function putBoxHeader(out: Uint8Array, at: number, sizeBytes: number, type: string): number {
  putU32(out, at, sizeBytes)
  for (let i = 0; i < 4; i++) out[at + 4 + i] = type.charCodeAt(i)
  return at + 8
}
