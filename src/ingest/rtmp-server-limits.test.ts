/**
 * How long the RTMP server waits, and how much it takes.
 */
import { describe, expect, test } from 'vitest'
import { avcHeader, SETS_1080P } from '../../test/harness/flv-bodies.ts'
import { RtmpClient } from '../../test/harness/rtmp-client.ts'
import { commandMessage, mediaMessage } from '../../test/harness/rtmp-publisher.ts'
import { CONFIG, KEY, listen, untilTrue } from '../../test/harness/rtmp-server-fixture.ts'

describe('deadlines', () => {
  test('end a handshake that drips', async () => {
    const { port, clock, server, log } = await listen()
    await using client = await RtmpClient.dial({ port })
    client.socket.write(Buffer.from([3]))
    await untilTrue(() => server.connectionCount === 1)
    clock.advance(CONFIG.handshakeTimeoutMs - 1)
    client.socket.write(Buffer.from([0]))
    clock.advance(1)
    await client.closed
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('handshake took too long')
  })

  test('end a connection that does not come to publish', async () => {
    const { port, clock, log } = await listen()
    await using client = await RtmpClient.open({ port })
    await client.connect('app')
    clock.advance(CONFIG.publishTimeoutMs)
    await client.closed
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('no publish command in time')
  })

  test('end a publisher that falls silent, and no other', async () => {
    const { port, clock, sessions } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    const stream = await sessions.stream()
    clock.advance(CONFIG.idleTimeoutMs)
    client.sendMedia('video', 0, avcHeader(SETS_1080P))
    await sessions.until(() => stream.tracks.length === 1)
    clock.advance(CONFIG.idleTimeoutMs)
    expect(stream.endReason).toBeUndefined()
    clock.advance(CONFIG.idleTimeoutMs)
    await client.closed
    expect(stream.endReason).toBe('connection-lost')
  })

  test('leave no timer behind', async () => {
    const { port, clock, server } = await listen()
    const client = await RtmpClient.publish({ port }, KEY)
    await client[Symbol.asyncDispose]()
    await untilTrue(() => server.connectionCount === 0)
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('bounds', () => {
  test('of all connections turn the next one away and say so once a second', async () => {
    const { port, clock, log } = await listen({ maxPublishConnections: 1 })
    await using _first = await RtmpClient.publish({ port }, KEY)
    for (let i = 0; i < 3; i++) {
      await using next = await RtmpClient.dial({ port })
      await next.closed
    }
    clock.advance(1000)
    const { fields } = await log.line('rtmp connections turned away')
    expect(fields).toMatchObject({ count: 3, openConnections: 1 })
  })

  test('of one address count only connections that do not publish', async () => {
    const { port, server } = await listen({ maxWaitingPerAddress: 1 })
    await using _first = await RtmpClient.publish({ port }, KEY)
    await using waiting = await RtmpClient.open({ port })
    await using refused = await RtmpClient.dial({ port })
    await refused.closed
    await waiting[Symbol.asyncDispose]()
    await untilTrue(() => server.connectionCount === 1)
    await using _next = await RtmpClient.open({ port })
  })

  test('of memory end a peer that begins huge messages', async () => {
    const { port, sessions, log } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    const bomb = mediaMessage('video', 0, Buffer.alloc(4_000_000))
    for (let id = 10; id < 14; id++) client.socket.write(client.encoder.chunks(id, bomb)[0]!)
    expect(await (await sessions.stream()).ended).toBe('refused-media')
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('RTMP_TOO_MUCH_UNFINISHED')
  })

  test('of unread replies end a peer that asks and never reads', async () => {
    const { port, log } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    client.socket.pause()
    const question = client.encoder.write(3, commandMessage(0, 'who', 9, null), { maxFormat: 0 })
    const flood = Buffer.concat(Array.from({ length: 5000 }, () => question))
    while (!client.socket.destroyed) {
      const written = new Promise((resolve) => client.socket.write(flood, resolve))
      await Promise.race([written, client.closed])
    }
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('replies were not read')
  })
})
