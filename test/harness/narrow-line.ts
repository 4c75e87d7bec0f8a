/**
 * A line between a viewer and a server that carries only so much: a TCP relay whose connections share one rate.
 *
 * What it cannot carry yet waits at the sender, as in a real network, and not in here.
 */
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A line; `await using` cuts it. */
export type NarrowLine = AsyncDisposable & {
  /** The same URL, reached over this line. */
  readonly through: (url: string) => string
  /** What the line carries towards the viewer from now on; undefined for as much as comes. */
  readonly setRateBps: (rateBps: number | undefined) => void
}

/** So much is put on the line at once: large ones would make the rate uneven. */
const SLICE_BYTES = 1460
/** What a relayed socket may hold unread; the rest waits at the server. */
const MAX_UNREAD_BYTES = 16_384

/** Timers that fire late on a busy machine must not make the line slower than it is. */
const MAX_LATENESS_MS = 100
/** A line that had nothing to carry for longer than this was idle, and carries no more for it. */
const MAX_PAUSE_MS = 5

/** Opens a line to the server at `serverUrl`; it carries everything at first. */
export async function openNarrowLine(serverUrl: string): Promise<NarrowLine> {
  const target = new URL(serverUrl)
  const line = new SharedRate()
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (viewer) => {
    const upstream = connect({ host: target.hostname, port: Number(target.port), noDelay: true })
    for (const socket of [viewer, upstream]) {
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => socket.destroy())
    }
    viewer.once('close', () => upstream.destroy())
    viewer.pipe(upstream)
    void relay(upstream, viewer, line)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    through: (url) => {
      const relayed = new URL(url)
      relayed.host = `127.0.0.1:${port}`
      return relayed.href
    },
    setRateBps: (rateBps) => {
      line.rateBps = rateBps
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Gives each sender its turn on the line. */
class SharedRate {
  rateBps: number | undefined
  #freeAtMs = 0
  #carriedAtMs = 0

  /** Resolves when `bytes` more have gone over the line. */
  async carry(bytes: number): Promise<void> {
    if (this.rateBps === undefined) return
    const nowMs = performance.now()
    const isIdle = nowMs - this.#carriedAtMs > MAX_PAUSE_MS
    const fromMs = Math.max(this.#freeAtMs, isIdle ? nowMs : nowMs - MAX_LATENESS_MS)
    this.#freeAtMs = fromMs + (bytes * 8000) / this.rateBps
    if (this.#freeAtMs > nowMs) await sleep(this.#freeAtMs - nowMs)
    this.#carriedAtMs = performance.now()
  }
}

async function relay(from: Socket, to: Socket, line: SharedRate): Promise<void> {
  try {
    for await (const chunk of from.iterator({ destroyOnReturn: true }) as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
        const slice = chunk.subarray(at, at + SLICE_BYTES)
        await line.carry(slice.length)
        if (!to.write(slice) && to.writableLength > MAX_UNREAD_BYTES) await once(to, 'drain')
      }
    }
    to.end()
  } catch {
    to.destroy()
  }
}
