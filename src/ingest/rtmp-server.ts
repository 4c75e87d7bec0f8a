/**
 * Listens for RTMP and keeps the connections of RTMP and RTMPS together, within their limits.
 *
 * RTMPS has no listener of its own here: its port is shared with HTTPS, so the wiring hands accepted TLS sockets to
 * `accept`.
 */
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { DropCounts } from '../domain/drops.ts'
import type { PublishPort } from '../domain/publishing.ts'
import type { StreamKeyStore } from '../domain/stores.ts'
import { RtmpConnection } from './rtmp-connection.ts'
import type { RtmpConnectionConfig } from './rtmp-connection.ts'

/** Bounds on all connections together, and on each. */
export type RtmpServerConfig = RtmpConnectionConfig & {
  /** Connections of RTMP and RTMPS at once, publishing or not. */
  readonly maxPublishConnections: number
  /** Connections of one address at once that do not publish (yet). */
  readonly maxWaitingPerAddress: number
}

/** What the server needs. */
export type RtmpServerOptions = {
  readonly config: RtmpServerConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly streamKeys: Pick<StreamKeyStore, 'findChannelByValue'>
  readonly publishPort: PublishPort
  readonly drops: DropCounts
}

/** How a socket came here. */
export type AcceptOptions = {
  /** Whether its bytes came through TLS. */
  readonly secure: boolean
  /** Bytes that were read from it already. */
  readonly firstBytes?: Buffer
}

const REPORT_INTERVAL_MS = 1000
const NO_BYTES = Buffer.alloc(0)

/** The door for encoders. `close` it to end every connection. */
export class RtmpServer implements AsyncDisposable {
  readonly #options: RtmpServerOptions
  readonly #log: Logger
  readonly #listener: Server
  readonly #connections = new Set<RtmpConnection>()
  readonly #waitingByAddress = new Map<string, number>()
  #turnedAway = 0
  #reportTimer: Timer | undefined
  #closed = false
  #onDrained: (() => void) | undefined

  constructor(options: RtmpServerOptions) {
    this.#options = options
    this.#log = options.logger
    this.#listener = createServer({ noDelay: true }, (socket) => this.accept(socket, { secure: false }))
  }

  /** Connections that are open now. */
  get connectionCount(): number {
    return this.#connections.size
  }

  /**
   * Listens for plain RTMP; 0 picks a free port.
   *
   * @returns the port.
   * @throws the system's error, with `code` and `port`, when that is not possible.
   */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#listener.once('error', reject)
      this.#listener.listen(port, host, () => {
        this.#listener.off('error', reject)
        resolve()
      })
    })
    return (this.#listener.address() as AddressInfo).port
  }

  /** Takes over a socket, or drops it when there are too many. */
  accept(socket: Socket, how: AcceptOptions): void {
    if (socket.destroyed) return
    const remoteAddress = socket.remoteAddress ?? ''
    if (!this.#hasRoom(remoteAddress)) {
      socket.on('error', () => undefined)
      socket.destroy()
      this.#countTurnedAway()
      return
    }
    this.#changeWaiting(remoteAddress, 1)
    let publishing = false
    const connection = new RtmpConnection(socket, {
      ...this.#options,
      secure: how.secure,
      remoteAddress,
      onPublishing: (now) => {
        publishing = now
        this.#changeWaiting(remoteAddress, now ? -1 : 1)
      },
      onClosed: () => {
        if (!publishing) this.#changeWaiting(remoteAddress, -1)
        this.#connections.delete(connection)
        if (this.#connections.size === 0) this.#onDrained?.()
      },
    })
    this.#connections.add(connection)
    connection.start(how.firstBytes ?? NO_BYTES)
  }

  /** Stops listening and ends every connection, telling the publishers; resolves when all are gone. */
  async close(): Promise<void> {
    this.#closed = true
    this.#reportTimer?.cancel()
    const stopped = new Promise<void>((resolve) => {
      if (this.#listener.listening) this.#listener.close(() => resolve())
      else resolve()
    })
    const drained = new Promise<void>((resolve) => {
      if (this.#connections.size === 0) resolve()
      else this.#onDrained = resolve
    })
    for (const connection of [...this.#connections]) {
      connection.disconnect('The server is shutting down.', 'shutdown')
    }
    await Promise.all([stopped, drained])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #hasRoom(remoteAddress: string): boolean {
    const { maxPublishConnections, maxWaitingPerAddress } = this.#options.config
    if (this.#closed || this.#connections.size >= maxPublishConnections) return false
    return (this.#waitingByAddress.get(remoteAddress) ?? 0) < maxWaitingPerAddress
  }

  #changeWaiting(remoteAddress: string, by: number): void {
    const count = (this.#waitingByAddress.get(remoteAddress) ?? 0) + by
    if (count > 0) this.#waitingByAddress.set(remoteAddress, count)
    else this.#waitingByAddress.delete(remoteAddress)
  }

  // A flood of connections must not become a flood of log lines.
  #countTurnedAway(): void {
    this.#turnedAway++
    this.#options.drops.count('publish-connection')
    this.#reportTimer ??= this.#options.clock.after(REPORT_INTERVAL_MS, () => {
      this.#reportTimer = undefined
      this.#log.warn('rtmp connections turned away', {
        count: this.#turnedAway,
        windowMs: REPORT_INTERVAL_MS,
        openConnections: this.#connections.size,
      })
      this.#turnedAway = 0
    })
  }
}
