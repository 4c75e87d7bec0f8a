/**
 * Connections with an answer that waits for media, and the requests that pile up behind it.
 */
import type { Socket } from 'node:net'

/** Requests that one connection may send while an earlier one of it is held. */
const MAX_REQUESTS_BEHIND_HELD = 8

/** Counts what is held. */
export class Holding {
  /** Requests queued behind a held one, by connection. */
  readonly #behind = new Map<Socket, number>()

  /** Connections with a held request. */
  get connections(): number {
    return this.#behind.size
  }

  /** A request of `socket` is held until the result is called. */
  hold(socket: Socket): () => void {
    if (!this.#behind.has(socket)) this.#behind.set(socket, 0)
    return () => void this.#behind.delete(socket)
  }

  /** Call for each new request: whether its connection piles up too many of them. */
  isFlooding(socket: Socket): boolean {
    if (this.#behind.size === 0) return false
    const behind = this.#behind.get(socket)
    if (behind === undefined) return false
    this.#behind.set(socket, behind + 1)
    return behind >= MAX_REQUESTS_BEHIND_HELD
  }
}
