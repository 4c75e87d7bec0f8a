/**
 * Lets so many creatives be encoded at once; the others wait, with what was fetched for them.
 */
import { WaitingLine } from '../waiting-line.ts'

/** Turns, first come, first served. */
export class EncodingTurns {
  readonly #line = new WaitingLine<() => void>()
  #free: number

  /** @param atOnce how many may have a turn. */
  constructor(atOnce: number) {
    this.#free = atOnce
  }

  /** Does `work` when its turn has come. */
  async take<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#line.push(resolve))
    try {
      return await work()
    } finally {
      const next = this.#line.shift()
      if (next) next()
      else this.#free++
    }
  }
}
