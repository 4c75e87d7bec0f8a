/**
 * Connections with answers that wait, for media or for a decision, and the requests that pile up behind them.
 */
import type { Socket } from 'node:net'

type Held = { answers: number; requestsBehind: number }

/** Requests that one connection may send while earlier ones of it are held. */
const MAX_REQUESTS_BEHIND_HELD = 8

/** Counts what is held. */
export class Holding {
  readonly #held = new Map<Socket, Held>()

  /** Connections with a held answer. */
  get connections(): number {
    return this.#held.size
  }

  /** An answer on `socket` is held until the result is called; calling it again does nothing. */
  hold(socket: Socket): () => void {
    const held = this.#held.get(socket) ?? { answers: 0, requestsBehind: 0 }
    this.#held.set(socket, held)
    held.answers++
    let isOver = false
    return () => {
      if (isOver) return
      isOver = true
      held.answers--
      if (held.answers === 0) this.#held.delete(socket)
    }
  }

  /** Call for each new request: whether its connection piles up too many of them. */
  isFlooding(socket: Socket): boolean {
    if (this.#held.size === 0) return false
    const held = this.#held.get(socket)
    if (!held) return false
    held.requestsBehind++
    return held.requestsBehind > MAX_REQUESTS_BEHIND_HELD
  }
}
