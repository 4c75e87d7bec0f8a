import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import {
  AAC_FRAME,
  AAC_HEADER,
  avcHeader,
  interPicture,
  keyframe,
  SETS_1080P,
  SETS_360P,
} from '../../test/harness/flv-bodies.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { keysOf, RecordingPublishPort } from '../../test/harness/recording-publish-port.ts'
import { RtmpClient } from '../../test/harness/rtmp-client.ts'
import { clientHandshake } from '../../test/harness/rtmp-handshake.ts'
import { commandMessage, dataMessage, mediaMessage } from '../../test/harness/rtmp-publisher.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { amf0Object, encodeAmf0 } from '../media/amf0/amf0-writer.ts'
import { RtmpServer } from './rtmp-server.ts'
import { DropCounts } from '../domain/drops.ts'
import type { RtmpServerConfig } from './rtmp-server.ts'

const CONFIG: RtmpServerConfig = {
  handshakeTimeoutMs: 5000,
  publishTimeoutMs: 10_000,
  idleTimeoutMs: 45_000,
  audioOnlyTimeoutMs: 10_000,
  allowInsecureLoopbackIngest: true,
  maxPublishConnections: 20,
  maxWaitingPerAddress: 20,
}
const KEY = 'sk_us-west-2_Secret'

const servers: RtmpServer[] = []
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe('a publisher', () => {
  test('gets its tracks and units to the session', async () => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.publish({ port }, `${KEY}?priority=1`)
    client.sendMetadata({ encoder: 'test', videodatarate: 1000 })
    client.sendData(0, encodeAmf0('onTextData', amf0Object({ text: 'hello' })))
    client.sendMedia('audio', 0, AAC_HEADER)
    client.sendMedia('video', 0, avcHeader(SETS_1080P))
    client.sendMedia('video', 0, keyframe())
    client.sendMedia('audio', 5, AAC_FRAME)
    client.sendMedia('video', 40, interPicture())
    client.unpublish(KEY)
    const stream = await sessions.stream()
    expect(await stream.ended).toBe('unpublished')
    expect(stream.order).toEqual(['track audio', 'track video', 'unit video', 'unit audio', 'unit video'])
    expect(stream.announcements).toEqual([{ encoder: 'test', videoBitrateBps: 1_000_000 }])
    expect(stream.texts).toEqual(['hello'])
    expect(stream.touches).toBeGreaterThan(0)
  })

  test('leaves one closing line, and its key in none', async () => {
    const { port, log, sessions } = await listen()
    const client = await RtmpClient.publish({ port }, KEY)
    client.sendMedia('video', 0, avcHeader(SETS_1080P))
    client.unpublish(KEY)
    await (
      await sessions.stream()
    ).ended
    await client[Symbol.asyncDispose]()
    const { fields } = await log.line('rtmp connection closed')
    expect(fields).toMatchObject({
      reason: 'unpublished',
      remoteAddress: '127.0.0.1',
      secure: false,
      channelArn: `arn:aws:ivs:us-west-2:000000000000:channel/${KEY}`,
      droppedUnits: 0,
    })
    expect(fields['receivedBytes']).toBeGreaterThan(3000)
    const lines = JSON.stringify(
      log.lines.map((line) => ({ ...line, fields: { ...line.fields, channelArn: '' } })),
    )
    expect(lines).not.toContain(KEY)
  })

  test('may publish again on the same connection after it unpublished', async () => {
    const { port, sessions, clock } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    client.unpublish(KEY)
    await (
      await sessions.stream()
    ).ended
    clock.advance(CONFIG.publishTimeoutMs - 1)
    client.send(3, commandMessage(1, 'publish', 0, null, KEY, 'live'))
    client.sendMedia('video', 0, avcHeader(SETS_360P))
    const second = await sessions.stream(1)
    await sessions.until(() => second.tracks.length === 1)
    clock.advance(CONFIG.publishTimeoutMs)
    expect(second.endReason).toBeUndefined()
  })

  test('that sends everything at once without waiting loses nothing', async () => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.dial({ port })
    const { encoder } = client
    const bytes = [
      clientHandshake('simple').c0c1,
      Buffer.alloc(1536),
      encoder.write(3, commandMessage(0, 'connect', 1, new Map([['app', 'app']]))),
      encoder.write(3, commandMessage(1, 'publish', 0, null, KEY, 'live')),
      encoder.write(5, dataMessage('onMetaData', new Map([['framerate', 30]]))),
      encoder.write(4, mediaMessage('video', 0, avcHeader(SETS_1080P))),
      encoder.write(4, mediaMessage('video', 0, keyframe())),
    ]
    client.socket.write(Buffer.concat(bytes))
    const stream = await sessions.stream()
    await sessions.until(() => stream.units.length === 1)
    expect(stream.announcements).toEqual([{ frameRate: 30 }])
  })

  test('whose socket breaks ends as connection-lost', async () => {
    const { port, sessions, log } = await listen()
    const client = await RtmpClient.publish({ port }, KEY)
    client.socket.resetAndDestroy()
    expect(await (await sessions.stream()).ended).toBe('connection-lost')
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('connection lost')
  })

  test('whose bytes stop making sense ends as refused-media', async () => {
    const { port, sessions, log } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    client.socket.write(Buffer.alloc(64, 0xbf))
    expect(await (await sessions.stream()).ended).toBe('refused-media')
    await client.closed
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('RTMP_CHUNK_INVALID')
  })

  test.each([
    ['HEVC', 'video', '1c0000000000', 'video is HEVC; only H.264 is taken'],
    ['Enhanced RTMP', 'video', '906176303100', 'video is av01 (Enhanced RTMP); only H.264 is taken'],
    ['MP3', 'audio', '2fff', 'audio is MP3; only AAC is taken'],
  ] as const)('that sends %s is told so and disconnected', async (_name, kind, hex, description) => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    client.sendMedia(kind, 0, Buffer.from(hex, 'hex'))
    const status = await client.waitForStatus((one) => one.level === 'error')
    expect(status).toEqual({ level: 'error', code: 'NetStream.Publish.Rejected', description })
    await client.closed
    expect((await sessions.stream()).endReason).toBe('refused-media')
  })

  test('that sends audio alone is told so and disconnected', async () => {
    const { port } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    client.sendMedia('audio', 0, AAC_HEADER)
    client.sendMedia('audio', 0, AAC_FRAME)
    client.sendMedia('audio', 10_000, AAC_FRAME)
    const status = await client.waitForStatus((one) => one.level === 'error')
    expect(status.description).toBe('10000 ms of audio without a picture')
    await client.closed
  })
})

describe('the session', () => {
  test('disconnects a publisher with a status', async () => {
    const { port, sessions, log } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    const stream = await sessions.stream()
    stream.publisher.disconnect('The stream was stopped.')
    stream.publisher.disconnect('again')
    const status = await client.waitForStatus((one) => one.code === 'NetStream.Unpublish.Success')
    expect(status.description).toBe('The stream was stopped.')
    await client.closed
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('The stream was stopped.')
  })

  test('is rid of a disconnected publisher that keeps its socket open', async () => {
    const { port, sessions, clock, server } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    client.socket.allowHalfOpen = true
    const stream = await sessions.stream()
    stream.publisher.disconnect('The stream was stopped.')
    await once(client.socket, 'end')
    expect(server.connectionCount).toBe(1)
    clock.advance(2000)
    await untilTrue(() => server.connectionCount === 0)
  })
})

describe('turned away', () => {
  test('another application than app', async () => {
    const { port, log } = await listen()
    await using client = await RtmpClient.open({ port })
    await expect(client.connect('live')).rejects.toThrow('NetConnection.Connect.InvalidApp')
    await client.closed
    expect((await log.line('rtmp connection closed')).fields['reason']).toBe('unknown application')
  })

  test('not: the application with a slash behind it', async () => {
    const { port } = await listen()
    await using client = await RtmpClient.open({ port })
    await expect(client.connect('app/')).resolves.toBeUndefined()
  })

  test.each([
    ['an unknown key', 'sk_wrong', 'NetStream.Publish.BadName'],
    ['an empty key', '', 'NetStream.Publish.BadName'],
    ['an endless key', 'x'.repeat(10_000), 'NetStream.Publish.BadName'],
    ['any key while the store fails', 'broken', 'NetStream.Publish.Failed'],
  ])('%s', async (_name, key, code) => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.open({ port })
    await client.connect('app')
    expect(await client.tryPublishing(key)).toMatchObject({ level: 'error', code })
    await client.closed
    expect(sessions.streams).toEqual([])
  })

  test('a second publisher, while the first goes on', async () => {
    const { port, sessions } = await listen()
    await using first = await RtmpClient.publish({ port }, KEY)
    await using second = await RtmpClient.open({ port })
    await second.connect('app')
    expect(await second.tryPublishing(KEY)).toEqual({
      level: 'error',
      code: 'NetStream.Publish.BadName',
      description: 'The channel is live already.',
    })
    await second.closed
    first.sendMedia('video', 0, avcHeader(SETS_1080P))
    const stream = await sessions.stream()
    await sessions.until(() => stream.tracks.length === 1)
    expect(sessions.streams).toHaveLength(1)
  })

  test.each(['too-many-streams', 'shutting-down'] as const)(
    'a publisher when the session says %s',
    async (reason) => {
      const { port, sessions } = await listen()
      sessions.refusal = reason
      await using client = await RtmpClient.open({ port })
      await client.connect('app')
      expect((await client.tryPublishing(KEY)).code).toBe('NetStream.Publish.Failed')
      await client.closed
    },
  )

  test('plain RTMP on a channel that asks for TLS, unless loopback is allowed', async () => {
    const strict = await listen({ allowInsecureLoopbackIngest: false })
    await using refused = await RtmpClient.open({ port: strict.port })
    await refused.connect('app')
    expect((await refused.tryPublishing('secure')).code).toBe('NetStream.Publish.Rejected')
    await refused.closed
    const lenient = await listen({ allowInsecureLoopbackIngest: true })
    await using taken = await RtmpClient.publish({ port: lenient.port }, 'secure')
    expect(taken.socket.destroyed).toBe(false)
  })

  test('not: a channel that asks for TLS over a secure socket, its first bytes read by others', async () => {
    const { server } = await listen({ allowInsecureLoopbackIngest: false })
    const front = createServer((socket) => {
      socket.once('data', (firstBytes: Buffer) => {
        socket.pause()
        server.accept(socket, { secure: true, firstBytes })
      })
    })
    front.listen(0, '127.0.0.1')
    await once(front, 'listening')
    await using client = await RtmpClient.publish({ port: (front.address() as AddressInfo).port }, 'secure')
    expect(client.socket.destroyed).toBe(false)
    front.close()
  })
})

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

test.each([
  ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
  ['a TLS hello', Buffer.from('160301020001000000', 'hex')],
  ['zeros', Buffer.alloc(4000)],
])('%s instead of RTMP is closed without an answer', async (_name, bytes) => {
  const { port, log } = await listen()
  await using client = await RtmpClient.dial({ port })
  let answered = 0
  client.socket.on('data', (piece: Buffer) => (answered += piece.length))
  client.socket.write(bytes)
  await client.closed
  expect(answered).toBe(0)
  expect((await log.line('rtmp connection closed')).fields['reason']).toBe('RTMP_HANDSHAKE_INVALID')
})

test('closing ends every connection, tells its publisher and takes no more', async () => {
  const { port, server, sessions } = await listen()
  await using client = await RtmpClient.publish({ port }, KEY)
  await using waiting = await RtmpClient.open({ port })
  await server.close()
  expect((await sessions.stream()).endReason).toBe('shutdown')
  const status = await client.waitForStatus((one) => one.code === 'NetStream.Unpublish.Success')
  expect(status.description).toBe('The server is shutting down.')
  await Promise.all([client.closed, waiting.closed])
  await expect(RtmpClient.dial({ port })).rejects.toThrow('ECONNREFUSED')
})

type Listening = {
  readonly port: number
  readonly server: RtmpServer
  readonly sessions: RecordingPublishPort
  readonly clock: ManualClock
  readonly log: RecordingLogger
}

async function listen(config: Partial<RtmpServerConfig> = {}): Promise<Listening> {
  const clock = new ManualClock()
  const log = new RecordingLogger()
  const sessions = new RecordingPublishPort()
  const server = new RtmpServer({
    drops: new DropCounts(),
    config: { ...CONFIG, ...config },
    clock,
    logger: log,
    streamKeys: keysOf(KEY, 'secure'),
    publishPort: sessions,
  })
  servers.push(server)
  return { port: await server.listen(0, '127.0.0.1'), server, sessions, clock, log }
}

/** Lets the event loop turn until something outside the tests' reach has happened. */
async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}
