/**
 * Servers on loopback, clients that may reach them, and folders, for tests of what is asked of the outside.
 */
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { OutboundClient, type OutboundOptions } from './outbound-client.ts'
import { parseTargetAllowList } from './target-allow-list.ts'

/** What a server was asked. */
export type Seen = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: string }

/** A server that runs. */
export type SeenServer = {
  readonly server: Server
  readonly seen: readonly Seen[]
  readonly port: number
  readonly url: string
}

const closers: (() => Promise<unknown>)[] = []

/** Closes everything that a test opened. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

/** A server on loopback that keeps what it was asked. */
export async function serve(answer: (request: Seen, response: ServerResponse) => void): Promise<SeenServer> {
  const seen: Seen[] = []
  const listener: RequestListener = (request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request
      const one = { method, url, headers, body } as Seen
      seen.push(one)
      answer(one, response)
    })
  }
  const server = createServer(listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closers.push(async () => {
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  })
  const { port } = server.address() as AddressInfo
  return { server, seen, port, url: `http://127.0.0.1:${port}` }
}

/** A client that may reach `allow`. */
export function clientOf(allow: string, options: Partial<OutboundOptions> = {}): OutboundClient {
  const client = new OutboundClient({ allowList: parseTargetAllowList(allow) ?? [], ...options })
  closers.push(() => {
    client.close()
    return Promise.resolve()
  })
  return client
}

/** An empty folder. */
export async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outbound-'))
  closers.push(() => rm(folder, { recursive: true }))
  return folder
}
