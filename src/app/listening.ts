/**
 * Starting and stopping listeners.
 */
import type { Server as HttpServer } from 'node:http'
import type { AddressInfo, Server } from 'node:net'

/**
 * Listens on `port` (0: any free one) of `host`; the port that was opened.
 *
 * @throws the system's error, with `code` and `port`, when that is not possible.
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

/** Stops listening; resolves when the last connection is gone. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) resolve()
    else server.close(() => resolve())
  })
}

/** Stops listening and ends the connections of an HTTP server; answers under way get `graceMs`. */
export async function endConnections(server: HttpServer, graceMs: number): Promise<void> {
  const stopped = stopListening(server)
  server.closeIdleConnections()
  const cut = setTimeout(() => server.closeAllConnections(), graceMs)
  await stopped
  clearTimeout(cut)
}
