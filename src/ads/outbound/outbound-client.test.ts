import { once } from 'node:events'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { OutboundClient, type OutboundOptions } from './outbound-client.ts'
import { parseTargetAllowList } from './target-allow-list.ts'

const MAX_BYTES = 100_000
const closers: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

type Seen = Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { readonly body: string }

/** A server on loopback that keeps what it was asked. */
async function serve(answer: (request: Seen, response: ServerResponse) => void) {
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

function clientOf(allow: string, options: Partial<OutboundOptions> = {}): OutboundClient {
  const client = new OutboundClient({ allowList: parseTargetAllowList(allow)!, ...options })
  closers.push(() => {
    client.close()
    return Promise.resolve()
  })
  return client
}

async function scratchFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'outbound-'))
  closers.push(() => rm(folder, { recursive: true }))
  return folder
}

const resolveTo = (...addresses: readonly string[]) =>
  vi.fn(() =>
    Promise.resolve(addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))),
  )

describe('targets', () => {
  test('refuses an address of loopback and never connects (ssai §7.6)', async () => {
    const { url, seen } = await serve((_request, response) => response.end('secret'))
    await expect(clientOf('').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)).rejects.toMatchObject({
      name: 'OutboundError',
      code: 'BLOCKED_TARGET',
    })
    expect(seen).toEqual([])
  })

  test.each([
    'http://2130706433:$',
    'http://0x7f.1:$',
    'http://[::ffff:127.0.0.1]:$',
    'http://[::1]:$',
    'http://0:$',
  ])('refuses the disguised loopback address %s', async (form) => {
    const { port, seen } = await serve((_request, response) => response.end('secret'))
    const url = form.replace('$', String(port))
    await expect(clientOf('').call({ url, timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'BLOCKED_TARGET',
    })
    expect(seen).toEqual([])
  })

  test('refuses a name that leads to a private address', async () => {
    const { port, seen } = await serve((_request, response) => response.end('secret'))
    const client = clientOf('', { resolve: resolveTo('127.0.0.1') })
    const request = { url: `http://ads.example.com:${port}/`, timeoutMs: 5000 }
    await expect(client.call(request)).rejects.toMatchObject({ code: 'BLOCKED_TARGET' })
    expect(seen).toEqual([])
  })

  test('connects to the address that was judged, whatever the name leads to a moment later', async () => {
    const { port, seen } = await serve((_request, response) => response.end('ad'))
    const resolve = resolveTo('127.0.0.1')
    const client = clientOf('127.0.0.1', { resolve })
    await client.call({ url: `http://rebinding.example.com:${port}/`, timeoutMs: 5000 })
    expect(resolve).toHaveBeenCalledOnce()
    expect(seen[0]?.headers.host).toBe(`rebinding.example.com:${port}`)
  })

  test('leaves out the private addresses of a name that has public ones too', async () => {
    const { port } = await serve((_request, response) => response.end('ad'))
    const client = clientOf('127.0.0.1', { resolve: resolveTo('10.0.0.1', '127.0.0.1') })
    const answer = await client.fetchBody(
      { url: `http://two.example.com:${port}/`, timeoutMs: 5000 },
      MAX_BYTES,
    )
    expect(answer.body.toString()).toBe('ad')
  })

  test('refuses a redirect to an address that is not allowed', async () => {
    const inner = await serve((_request, response) => response.end('secret'))
    const outer = await serve((_request, response) => {
      response.writeHead(302, { location: `${inner.url}/metadata` }).end()
    })
    const client = clientOf(`127.0.0.1:${outer.port}`)
    await expect(client.call({ url: outer.url, timeoutMs: 5000 })).rejects.toMatchObject({
      code: 'BLOCKED_TARGET',
    })
    expect(inner.seen).toEqual([])
  })

  test.each([
    'file:///etc/passwd',
    'ftp://127.0.0.1/',
    'gopher://127.0.0.1/',
    'data:text/xml,<VAST/>',
    'no url',
  ])('refuses %s', async (url) => {
    const client = clientOf('127.0.0.0/8')
    await expect(client.call({ url, timeoutMs: 5000 })).rejects.toMatchObject({ code: 'BLOCKED_TARGET' })
  })
})

describe('requests', () => {
  test('sends method, headers and body, but no cookies, no credentials and no line breaks', async () => {
    const { port, seen } = await serve((_request, response) => response.end('ok'))
    await clientOf('127.0.0.1').fetchBody(
      {
        url: `http://user:password@127.0.0.1:${port}/ads?a=1#part`,
        method: 'POST',
        headers: { 'User-Agent': 'Viewer\r\nX-Evil: 1', 'X-Forwarded-For': '203.0.113.9', Cookie: 'a=b' },
        body: Buffer.from('{"a":1}'),
        timeoutMs: 5000,
      },
      MAX_BYTES,
    )
    expect(seen[0]).toMatchObject({ method: 'POST', url: '/ads?a=1', body: '{"a":1}' })
    expect(seen[0]?.headers).toEqual({
      'user-agent': 'ViewerX-Evil: 1',
      'x-forwarded-for': '203.0.113.9',
      'accept-encoding': 'gzip',
      'content-length': '7',
      host: `127.0.0.1:${port}`,
      connection: 'keep-alive',
    })
  })

  test('uses one connection for requests that come one after the other', async () => {
    const { server, url } = await serve((_request, response) => response.end('ok'))
    let connections = 0
    server.on('connection', () => connections++)
    const client = clientOf('127.0.0.1')
    for (let i = 0; i < 3; i++) await client.fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)
    expect(connections).toBe(1)
  })

  test('repeats a request when the kept connection was closed in the meantime', async () => {
    const { server, url, seen } = await serve((_request, response) => response.end('ok'))
    const client = clientOf('127.0.0.1')
    await client.call({ url, timeoutMs: 5000 })
    server.closeAllConnections()
    await expect(client.call({ url, timeoutMs: 5000 })).resolves.toMatchObject({ status: 200 })
    expect(seen).toHaveLength(2)
  })

  test('opens no more connections to a host than it may', async () => {
    const waiting: ServerResponse[] = []
    const { server, url } = await serve((_request, response) => {
      waiting.push(response)
      if (waiting.length === 2) for (const each of waiting.splice(0)) each.end()
    })
    let connections = 0
    server.on('connection', () => connections++)
    const client = clientOf('127.0.0.1', { maxPerHost: 2 })
    await Promise.all(Array.from({ length: 6 }, () => client.call({ url, timeoutMs: 5000 })))
    expect(connections).toBe(2)
  })

  test('refuses to have too many requests under way', async () => {
    const { url } = await serve(() => undefined)
    const client = clientOf('127.0.0.1', { maxRequests: 1 })
    const first = client.call({ url, timeoutMs: 5000 })
    await expect(client.call({ url, timeoutMs: 5000 })).rejects.toMatchObject({ code: 'TOO_BUSY' })
    client.close()
    await expect(first).rejects.toMatchObject({ code: 'NETWORK' })
  })
})

describe('redirects', () => {
  test('are followed, and the answer says where it is from', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end()
      else response.writeHead(200, { 'content-type': 'Text/XML; charset=utf-8' }).end('<VAST/>')
    })
    const answer = await clientOf('127.0.0.1').fetchBody({ url: `${url}/a`, timeoutMs: 5000 }, MAX_BYTES)
    expect(answer).toMatchObject({ status: 200, url: `${url}/b`, contentType: 'text/xml' })
  })

  test('end with an error when there is no end to them', async () => {
    const { url, seen } = await serve((_request, response) => {
      response.writeHead(302, { location: '/again' }).end()
    })
    const client = clientOf('127.0.0.1')
    await expect(client.call({ url, timeoutMs: 5000, maxRedirects: 3 })).rejects.toMatchObject({
      code: 'REDIRECTS',
    })
    expect(seen).toHaveLength(4)
  })

  test('keep secrets of one host from another', async () => {
    const other = await serve((_request, response) => response.end('ok'))
    const { url } = await serve((_request, response) => {
      response.writeHead(307, { location: other.url }).end()
    })
    const headers = { 'X-Api-Key': 'secret', 'X-Forwarded-For': '203.0.113.9' }
    await clientOf('127.0.0.1').call({ url, headers, timeoutMs: 5000 })
    expect(other.seen[0]?.headers).toMatchObject({ 'x-forwarded-for': '203.0.113.9' })
    expect(other.seen[0]?.headers).not.toHaveProperty('x-api-key')
  })

  test.each([
    [302, 'GET', ''],
    [307, 'POST', 'wish'],
  ])('with status %i turn a POST into a %s', async (status, method, body) => {
    const { url, seen } = await serve((request, response) => {
      if (request.url === '/') response.writeHead(status, { location: '/next' }).end()
      else response.end()
    })
    const request = { url, method: 'POST', body: Buffer.from('wish'), timeoutMs: 5000 } as const
    await clientOf('127.0.0.1').call(request)
    expect(seen[1]).toMatchObject({ method, body })
  })
})

describe('limits', () => {
  test('end a body that says it is too large before reading it', async () => {
    const { url } = await serve((_request, response) => response.end(Buffer.alloc(MAX_BYTES + 1)))
    await expect(clientOf('127.0.0.1').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  test('end a body of 10 MB that does not say its size', async () => {
    const { url } = await serve((_request, response) => {
      response.write('x')
      response.end(Buffer.alloc(10_000_000))
    })
    await expect(clientOf('127.0.0.1').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  test('end a small body that unpacks to a very large one', async () => {
    const packed = gzipSync(Buffer.alloc(50_000_000))
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
    })
    expect(packed.length).toBeLessThan(MAX_BYTES)
    await expect(clientOf('127.0.0.1').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)).rejects.toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  test('let a packed body through', async () => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('<VAST/>'))
    })
    const { body } = await clientOf('127.0.0.1').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)
    expect(body.toString()).toBe('<VAST/>')
  })

  test('end an answer that comes drop by drop when its time is over', async () => {
    const clock = new ManualClock()
    const dripping = Promise.withResolvers<ServerResponse>()
    const { url } = await serve((_request, response) => {
      response.write('<VAST>')
      dripping.resolve(response)
    })
    const answer = clientOf('127.0.0.1', { clock }).fetchBody({ url, timeoutMs: 3000 }, MAX_BYTES)
    const failed = expect(answer).rejects.toMatchObject({ code: 'TIMEOUT' })
    const response = await dripping.promise
    const closed = once(response, 'close')
    clock.advance(2999)
    response.write(' ')
    clock.advance(1)
    await failed
    await closed
    expect(clock.pendingTimers).toBe(0)
  })

  test('end a request whose name is not resolved in time', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<unknown>()
    const resolve = () => new Promise<never>(() => asked.resolve(undefined))
    const client = clientOf('', { clock, resolve })
    const failed = expect(
      client.call({ url: 'http://slow.example.com/', timeoutMs: 3000 }),
    ).rejects.toMatchObject({
      code: 'TIMEOUT',
    })
    await asked.promise
    clock.advance(3000)
    await failed
  })

  test('end a request that waits for a connection in vain', async () => {
    const clock = new ManualClock()
    const asked = Promise.withResolvers<unknown>()
    const { url } = await serve(() => asked.resolve(undefined))
    const client = clientOf('127.0.0.1', { clock, maxPerHost: 1 })
    const first = client.call({ url, timeoutMs: 60_000 }).catch(() => undefined)
    await asked.promise
    const failed = expect(client.call({ url, timeoutMs: 1000 })).rejects.toMatchObject({ code: 'TIMEOUT' })
    clock.advance(1000)
    await failed
    client.close()
    await first
  })
})

describe('failures', () => {
  test('tell the status', async () => {
    const { url } = await serve((_request, response) => response.writeHead(500).end('broken'))
    await expect(clientOf('127.0.0.1').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)).rejects.toMatchObject({
      code: 'HTTP_STATUS',
      status: 500,
    })
    await expect(clientOf('127.0.0.1').call({ url, timeoutMs: 5000 })).resolves.toMatchObject({ status: 500 })
  })

  test('say nothing of paths and arguments', async () => {
    const { port, url, server } = await serve(() => undefined)
    server.close()
    server.closeAllConnections()
    const failure = await clientOf('127.0.0.1')
      .call({ url: `${url}/secret-path?key=secret`, timeoutMs: 5000 })
      .catch((error: unknown) => error as Error)
    expect(failure).toMatchObject({
      code: 'NETWORK',
      message: `127.0.0.1:${port} (path of 12 characters): the connection failed (ECONNREFUSED)`,
    })
  })

  test.each(['', 'gzip'])('of a body with the coding "%s" that breaks off are told', async (coding) => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-encoding': coding, 'content-length': '1000' })
      response.write(gzipSync('<VAST>').subarray(0, 12), () => response.destroy())
    })
    await expect(clientOf('127.0.0.1').fetchBody({ url, timeoutMs: 5000 }, MAX_BYTES)).rejects.toMatchObject({
      code: 'NETWORK',
    })
  })
})

describe('files', () => {
  test('hold the whole answer', async () => {
    const path = join(await scratchFolder(), 'creative')
    const { url } = await serve((_request, response) => response.end(Buffer.alloc(70_000, 7)))
    const file = await clientOf('127.0.0.1').fetchToFile({ url, timeoutMs: 5000 }, path, MAX_BYTES)
    expect(file).toMatchObject({ status: 200, sizeBytes: 70_000 })
    expect(await readFile(path)).toEqual(Buffer.alloc(70_000, 7))
  })

  test.each([
    ['is too large', 'TOO_LARGE', (response: ServerResponse) => response.end(Buffer.alloc(MAX_BYTES + 1))],
    ['is not there', 'HTTP_STATUS', (response: ServerResponse) => response.writeHead(404).end()],
    [
      'breaks off',
      'NETWORK',
      (response: ServerResponse) => response.write(Buffer.alloc(70_000), () => response.destroy()),
    ],
  ])('are not left behind when the answer %s', async (_name, code, answer) => {
    const folder = await scratchFolder()
    const { url } = await serve((_request, response) => void answer(response))
    const fetched = clientOf('127.0.0.1').fetchToFile(
      { url, timeoutMs: 5000 },
      join(folder, 'creative'),
      MAX_BYTES,
    )
    await expect(fetched).rejects.toMatchObject({ code })
    expect(await readdir(folder)).toEqual([])
  })

  test('that are there already stay as they are', async () => {
    const path = join(await scratchFolder(), 'creative')
    await writeFile(path, 'mine')
    const { url } = await serve((_request, response) => response.end('theirs'))
    const fetched = clientOf('127.0.0.1').fetchToFile({ url, timeoutMs: 5000 }, path, MAX_BYTES)
    await expect(fetched).rejects.toMatchObject({ code: 'NETWORK' })
    expect(await readFile(path, 'utf8')).toBe('mine')
  })

  test('end when the caller gives up', async () => {
    const folder = await scratchFolder()
    const asked = Promise.withResolvers<unknown>()
    const { url } = await serve((_request, response) =>
      response.write('begin', () => asked.resolve(undefined)),
    )
    const giveUp = new AbortController()
    const request = { url, timeoutMs: 5000, signal: giveUp.signal }
    const fetched = clientOf('127.0.0.1').fetchToFile(request, join(folder, 'creative'), MAX_BYTES)
    const failed = expect(fetched).rejects.toMatchObject({ code: 'NETWORK' })
    await asked.promise
    giveUp.abort()
    await failed
    expect(await readdir(folder)).toEqual([])
  })
})
