import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import type { OutboundError } from './outbound-error.ts'
import { clientOf, closeAll, serve } from './outbound-fixture.ts'

const MAX_BYTES = 100_000

afterEach(closeAll)

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

  test('let hundreds of answers that drip hold up nobody else, and end them', async () => {
    const clock = new ManualClock()
    const COUNT = 300
    let open = 0
    const allOpen = Promise.withResolvers<undefined>()
    const allClosed = Promise.withResolvers<undefined>()
    const dripping = await serve((_request, response) => {
      response.write('<VAST>')
      response.once('close', () => --open === 0 && allClosed.resolve(undefined))
      if (++open === COUNT) allOpen.resolve(undefined)
    })
    const quick = await serve((_request, response) => response.end('ad'))
    const client = clientOf('127.0.0.1', { clock, maxRequests: COUNT })
    const request = { url: dripping.url, timeoutMs: 3000 }
    const drips = Promise.allSettled(
      Array.from({ length: COUNT + 1 }, () => client.fetchBody(request, MAX_BYTES)),
    )
    await allOpen.promise
    const answers = Array.from({ length: 100 }, () =>
      client.fetchBody({ url: quick.url, timeoutMs: 3000 }, MAX_BYTES),
    )
    expect((await Promise.all(answers)).every(({ body }) => body.toString() === 'ad')).toBe(true)
    clock.advance(3000)
    const codes = (await drips).map((each) =>
      each.status === 'rejected' ? (each.reason as OutboundError).code : '',
    )
    expect(codes.filter((code) => code === 'TIMEOUT')).toHaveLength(COUNT)
    expect(codes.filter((code) => code === 'TOO_BUSY')).toHaveLength(1)
    await allClosed.promise
    expect(clock.pendingTimers).toBe(0)
  })

  test('let names that are never found hold up nobody whose name is known', async () => {
    const clock = new ManualClock()
    const { port } = await serve((_request, response) => response.end('ad'))
    const resolve = (name: string): Promise<{ address: string; family: number }[]> =>
      name.startsWith('hangs')
        ? new Promise(() => undefined)
        : Promise.resolve([{ address: '127.0.0.1', family: 4 }])
    const client = clientOf('127.0.0.1', { clock, resolve })
    const known = { url: `http://known.example.com:${port}/`, timeoutMs: 5000 }
    await client.call(known)
    const hanging = Array.from({ length: 200 }, (_, index) =>
      client.call({ url: `http://hangs${index}.example.com:${port}/`, timeoutMs: 5000 }),
    )
    const outcomes = Promise.allSettled(hanging)
    await vi.waitFor(() => expect(client.counts.lookups.begun).toBe(4))
    expect(
      (await Promise.all(Array.from({ length: 20 }, () => client.call(known)))).map(({ status }) => status),
    ).toEqual(Array.from({ length: 20 }, () => 200))
    clock.advance(2000)
    expect((await outcomes).every((each) => each.status === 'rejected')).toBe(true)
    expect(client.counts.lookups).toMatchObject({ begun: 4, timedOut: 200 })
  })
})
