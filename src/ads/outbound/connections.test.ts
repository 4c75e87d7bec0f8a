import { once } from 'node:events'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { ServerResponse } from 'node:http'
import { generate } from 'selfsigned'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { clientOf, closeAll, serve, type SeenServer } from './outbound-fixture.ts'

const MAX_BYTES = 100_000
const TRUSTED = getCACertificates('default')
const tlsServers: TlsServer[] = []

afterEach(async () => {
  setDefaultCACertificates(TRUSTED)
  for (const server of tlsServers.splice(0)) {
    server.close()
    server.closeAllConnections()
  }
  await closeAll()
})

/** Counts the connections that a server got, and those it still has. */
function countConnections({ server }: Pick<SeenServer, 'server'>): { opened: number; open: number } {
  const count = { opened: 0, open: 0 }
  server.on('connection', (socket) => {
    count.opened++
    count.open++
    socket.once('close', () => count.open--)
  })
  return count
}

describe('connections', () => {
  test('are opened anew when the server closes each, whoever waits for them', async () => {
    const served = await serve((_request, response) => response.setHeader('connection', 'close').end('ad'))
    const count = countConnections(served)
    const client = clientOf('127.0.0.1', { maxPerHost: 1 })
    const request = { url: served.url, timeoutMs: 5000 }
    const answers = await Promise.all(Array.from({ length: 5 }, () => client.fetchBody(request, MAX_BYTES)))
    expect(answers.map(({ body }) => body.toString())).toEqual(['ad', 'ad', 'ad', 'ad', 'ad'])
    expect(count.opened).toBe(5)
  })

  test('that are free make room for those of other hosts', async () => {
    const [first, second] = [
      await serve((_request, response) => response.end()),
      await serve((_request, response) => response.end()),
    ]
    const counts = [countConnections(first), countConnections(second)]
    const client = clientOf('127.0.0.1', { maxInAll: 1 })
    for (const { url } of [first, second, first]) await client.call({ url, timeoutMs: 5000 })
    expect(counts.map(({ opened }) => opened)).toEqual([2, 1])
  })

  test('that are all in use fail the next request with TOO_BUSY', async () => {
    const held = Promise.withResolvers<ServerResponse>()
    const slow = await serve((_request, response) => held.resolve(response))
    const other = await serve((_request, response) => response.end())
    const client = clientOf('127.0.0.1', { maxInAll: 1 })
    const first = client.call({ url: slow.url, timeoutMs: 5000 })
    const response = await held.promise
    await expect(client.call({ url: other.url, timeoutMs: 5000 })).rejects.toMatchObject({ code: 'TOO_BUSY' })
    response.end()
    await expect(first).resolves.toMatchObject({ status: 200 })
    await expect(client.call({ url: other.url, timeoutMs: 5000 })).resolves.toMatchObject({ status: 200 })
  })

  test('are closed with the requests that are given up, and those in line get theirs', async () => {
    const held = Promise.withResolvers<ServerResponse>()
    const served = await serve((request, response) => {
      if (request.url === '/hangs') held.resolve(response)
      else response.end('ad')
    })
    const giveUp = new AbortController()
    const client = clientOf('127.0.0.1', { maxPerHost: 1 })
    const first = client.call({ url: `${served.url}/hangs`, timeoutMs: 5000, signal: giveUp.signal })
    const failed = expect(first).rejects.toMatchObject({ code: 'NETWORK' })
    const closed = once(await held.promise, 'close')
    const second = client.fetchBody({ url: `${served.url}/next`, timeoutMs: 5000 }, MAX_BYTES)
    giveUp.abort()
    await Promise.all([failed, closed])
    expect((await second).body.toString()).toBe('ad')
  })

  test('end with the client', async () => {
    const served = await serve((_request, response) => response.end())
    const count = countConnections(served)
    const client = clientOf('127.0.0.1')
    await Promise.all(Array.from({ length: 3 }, () => client.call({ url: served.url, timeoutMs: 5000 })))
    expect(count.open).toBe(3)
    client.close()
    await vi.waitFor(() => expect(count.open).toBe(0))
  })
})

describe('https', () => {
  const resolve = (): Promise<{ address: string; family: number }[]> =>
    Promise.resolve([{ address: '127.0.0.1', family: 4 }])

  async function serveTls(name: string): Promise<{ readonly port: number; readonly cert: string }> {
    const pems = await generate([{ name: 'commonName', value: name }], {
      algorithm: 'sha256',
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }],
    })
    const server = createTlsServer({ key: pems.private, cert: pems.cert }, (request, response) => {
      response.end(
        `${request.headers.host} over ${String((request.socket as { servername?: string }).servername)}`,
      )
    })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    tlsServers.push(server)
    return { port: (server.address() as AddressInfo).port, cert: pems.cert }
  }

  test('asks a server by its name, when its certificate is trusted and names it', async () => {
    const { port, cert } = await serveTls('ads.example.com')
    setDefaultCACertificates([...TRUSTED, cert])
    const client = clientOf('127.0.0.1', { resolve })
    const url = `https://ads.example.com:${port}/`
    for (let i = 0; i < 2; i++) {
      const { body } = await client.fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)
      expect(body.toString()).toBe(`ads.example.com:${port} over ads.example.com`)
    }
    await expect(
      client.call({ url: `https://other.example.com:${port}/`, timeoutMs: 5000 }),
    ).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as string,
    })
  })

  test('fails when the certificate is not trusted', async () => {
    const { port } = await serveTls('ads.example.com')
    const client = clientOf('127.0.0.1', { resolve })
    await expect(
      client.call({ url: `https://ads.example.com:${port}/`, timeoutMs: 5000 }),
    ).rejects.toMatchObject({
      code: 'NETWORK',
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') as string,
    })
  })
})
