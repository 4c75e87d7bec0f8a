/**
 * One connection to a server, for one request after the other.
 */
import { isIP, connect as connectTcp, type LookupFunction, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Client, type Dispatcher, type buildConnector } from 'undici'
import { hostOf } from './target-guard.ts'

/** Where a connection goes. */
export type ConnectionTarget = {
  readonly url: URL
  /** Judges and finds the address. */
  readonly lookup: LookupFunction
}

/** Shorter than the usual wait of servers, so that they seldom close first. */
const FREE_CONNECTION_MS = 4000
const MAX_HEADER_BYTES = 32_768

/** A connection, which opens itself with its first request; whoever makes it closes it. */
export class Connection {
  readonly #client: Client
  #socket: Socket | undefined
  #requests = 0
  #isClosed = false

  /** @param onClosed called when the server has closed it, or was never reached. */
  constructor(target: ConnectionTarget, onClosed: () => void) {
    this.#client = new Client(target.url.origin, {
      connect: (options, connected) => {
        this.#socket = openSocket(target, options, connected)
      },
      keepAliveTimeout: FREE_CONNECTION_MS,
      keepAliveMaxTimeout: FREE_CONNECTION_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
      // Each request has one deadline for all of it, which its sender keeps.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
    const close = (): void => {
      this.#isClosed = true
      onClosed()
    }
    this.#client.on('disconnect', close)
    this.#client.on('connectionError', close)
  }

  /** Whether it was there before its latest request: the server may have closed it in the meantime. */
  get isKept(): boolean {
    return this.#requests > 1
  }

  /** Whether the server has closed it. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends a request; the one before has been answered. */
  send(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.#requests++
    this.#client.dispatch(request, handler)
  }

  /** Closes it; a request under way fails. */
  close(): void {
    this.#socket?.destroy()
    this.#client.destroy(new Error('the connection was closed')).catch(() => undefined)
  }
}

function openSocket(
  { url, lookup }: ConnectionTarget,
  { protocol, port }: buildConnector.Options,
  connected: buildConnector.Callback,
): Socket {
  const host = hostOf(url)
  const isHttps = protocol === 'https:'
  const options = { host, port: Number(port) || (isHttps ? 443 : 80), lookup }
  const servername = isIP(host) === 0 ? host : ''
  const socket = isHttps
    ? connectTls({ ...options, servername, ALPNProtocols: ['http/1.1'] })
    : connectTcp(options)
  socket.setNoDelay(true)
  const fail = (error: Error): void => connected(error, null)
  socket.once('error', fail)
  socket.once(isHttps ? 'secureConnect' : 'connect', () => {
    socket.off('error', fail)
    connected(null, socket)
  })
  return socket
}
