import { randomBytes } from 'node:crypto'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { clientOf, closeAll, scratchFolder, serve } from './outbound-fixture.ts'

const MAX_BYTES = 100_000

afterEach(closeAll)

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
    let connections = 0
    server.on('connection', () => connections++)
    const client = clientOf('127.0.0.1')
    await client.call({ url, timeoutMs: 5000 })
    server.closeAllConnections()
    await expect(client.call({ url, timeoutMs: 5000 })).resolves.toMatchObject({ status: 200 })
    await client.call({ url, timeoutMs: 5000 })
    expect(seen).toHaveLength(3)
    expect(connections).toBe(2)
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

  test.each(['', 'gzip'])('hold all of a large answer with the coding "%s"', async (coding) => {
    const path = join(await scratchFolder(), 'creative')
    const whole = randomBytes(8_000_000)
    const { url } = await serve((_request, response) => {
      response.writeHead(200, coding === '' ? {} : { 'content-encoding': coding })
      response.end(coding === '' ? whole : gzipSync(whole, { level: 1 }))
    })
    const file = await clientOf('127.0.0.1').fetchToFile({ url, timeoutMs: 5000 }, path, whole.length)
    expect(file.sizeBytes).toBe(whole.length)
    expect(whole.equals(await readFile(path))).toBe(true)
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
