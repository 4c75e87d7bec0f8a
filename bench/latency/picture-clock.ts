/**
 * A wall clock inside the picture: a row of black and white blocks that survives encoding and can be read from a canvas.
 *
 * It tells how old a picture is when it is shown without trusting any timestamp of any container, playlist or player.
 */

/** Where the blocks are; shared with the page script that reads them. */
export const CLOCK_LAYOUT = {
  /** Bits of the time in milliseconds, then bits of its checksum, highest first. */
  timeBits: 24,
  checkBits: 8,
  /** Side of a block; a macroblock of H.264, so that a block costs no other one its sharpness. */
  blockPixels: 16,
} as const

const BLOCKS = CLOCK_LAYOUT.timeBits + CLOCK_LAYOUT.checkBits
const WHITE = 235
const BLACK = 16

/** Paints `nowMs` into the top of a picture's luma plane, in the middle. */
export function paintClock(luma: Uint8Array, widthPixels: number, nowMs: number): void {
  const { blockPixels } = CLOCK_LAYOUT
  const bits = clockBits(nowMs)
  const left = Math.floor((widthPixels - BLOCKS * blockPixels) / 2)
  for (let y = 0; y < blockPixels; y++) {
    for (let block = 0; block < BLOCKS; block++) {
      const at = y * widthPixels + left + block * blockPixels
      luma.fill(bits[block] === 1 ? WHITE : BLACK, at, at + blockPixels)
    }
  }
}

function clockBits(nowMs: number): number[] {
  const time = Math.floor(nowMs) % 2 ** CLOCK_LAYOUT.timeBits
  const check = (time ^ (time >> 8) ^ (time >> 16) ^ 0xa5) & 0xff
  return [...bitsOf(time, CLOCK_LAYOUT.timeBits), ...bitsOf(check, CLOCK_LAYOUT.checkBits)]
}

function bitsOf(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => (value >> (count - 1 - index)) & 1)
}
