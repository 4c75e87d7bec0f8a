import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import {
  AAC_FRAME,
  AAC_HEADER,
  avcHeader,
  interPicture,
  keyframe,
  SETS_1080P,
  SETS_360P,
} from '../../test/harness/flv-bodies.ts'
import { RtmpClient } from '../../test/harness/rtmp-client.ts'
import { clientHandshake } from '../../test/harness/rtmp-handshake.ts'
import { commandMessage, dataMessage, mediaMessage } from '../../test/harness/rtmp-publisher.ts'
import { CONFIG, KEY, listen, untilTrue } from '../../test/harness/rtmp-server-fixture.ts'
import { amf0Object, encodeAmf0 } from '../media/amf0/amf0-writer.ts'

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
