/**
 * Reads bit fields and exp-Golomb numbers from a short byte string, most significant bit first.
 *
 * For configuration records only: it works bit by bit, which is too slow for media payloads.
 *
 * Spec: ITU-T H.264 §7.2 and §9.1 (ue, se).
 */
import { CodecError } from './codec-error.ts'

/** Most leading zero bits of an exp-Golomb number whose value still fits 32 bits. */
const MAX_LEADING_ZERO_BITS = 32

/** A cursor over bits; every read past the end throws `CODEC_CONFIG_TRUNCATED`. */
export class BitReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Bits not read yet. */
  get remainingBits(): number {
    return this.#bytes.length * 8 - this.#position
  }

  /** Unsigned number of `count` bits, 0 to 32. */
  bits(count: number): number {
    if (count > this.remainingBits) {
      throw new CodecError(
        'CODEC_CONFIG_TRUNCATED',
        `config ends ${count - this.remainingBits} bits too early`,
      )
    }
    let value = 0
    for (let i = 0; i < count; i++) {
      const byte = this.#bytes[this.#position >> 3] ?? 0
      value = value * 2 + ((byte >> (7 - (this.#position & 7))) & 1)
      this.#position++
    }
    return value
  }

  /** One bit as a truth value. */
  flag(): boolean {
    return this.bits(1) === 1
  }

  /** Moves on by `count` bits. */
  skip(count: number): void {
    for (let left = count; left > 0; left -= 32) this.bits(Math.min(left, 32))
  }

  /** Unsigned exp-Golomb number. */
  ue(): number {
    let zeros = 0
    while (!this.flag()) {
      zeros++
      if (zeros > MAX_LEADING_ZERO_BITS) {
        throw new CodecError('CODEC_CONFIG_INVALID', 'exp-Golomb number is longer than 32 bits')
      }
    }
    return 2 ** zeros - 1 + this.bits(zeros)
  }

  /** Signed exp-Golomb number. */
  se(): number {
    const code = this.ue()
    return code % 2 === 1 ? (code + 1) / 2 : -(code / 2)
  }
}
