import { afterEach, describe, expect, test, vi } from 'vitest'
import { clientOf, closeAll, serve } from './outbound-fixture.ts'

const MAX_BYTES = 100_000

afterEach(closeAll)

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
