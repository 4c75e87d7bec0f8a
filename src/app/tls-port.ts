/**
 * One TLS port for HTTPS and RTMPS, told apart by the first byte after the handshake: RTMP begins with its version, 3
 * (RTMP 1.0 §5.2.2), HTTP with a letter.
 */
import type { Server as HttpServer } from 'node:http'
import { createServer, type Server, type TLSSocket } from 'node:tls'
import type { Clock } from '../base/clock.ts'
import type { TlsIdentity } from './tls-certificate.ts'

/** What the port needs. */
export type TlsPortOptions = {
  readonly identity: TlsIdentity
  readonly http: HttpServer
  /** Takes over an RTMP connection whose first bytes were read already. */
  readonly onRtmp: (socket: TLSSocket, firstBytes: Buffer) => void
  readonly clock: Clock
  /** Longest time for the TLS handshake, and then for the first byte. */
  readonly handshakeTimeoutMs: number
  readonly maxConnections: number
}

const RTMP_VERSION = 3

/** Makes the server; the caller listens. */
export function createTlsPort(options: TlsPortOptions): Server {
  const server = createServer({
    cert: options.identity.cert,
    key: options.identity.key,
    minVersion: 'TLSv1.2',
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: options.handshakeTimeoutMs,
    noDelay: true,
  })
  server.maxConnections = options.maxConnections
  server.on('secureConnection', (socket) => tellApart(socket, options))
  return server
}

function tellApart(socket: TLSSocket, options: TlsPortOptions): void {
  const onError = (): void => void socket.destroy()
  const deadline = options.clock.after(options.handshakeTimeoutMs, onError)
  socket.once('error', onError)
  socket.once('close', deadline.cancel)
  socket.once('data', (firstBytes: Buffer) => {
    deadline.cancel()
    socket.off('close', deadline.cancel)
    socket.pause()
    if (firstBytes[0] === RTMP_VERSION) {
      socket.off('error', onError)
      options.onRtmp(socket, firstBytes)
      return
    }
    socket.unshift(firstBytes)
    options.http.emit('connection', socket)
    socket.off('error', onError)
    socket.resume()
  })
}
