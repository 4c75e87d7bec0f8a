/**
 * Whom the RTMP server turns away, and how it says so.
 */
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { describe, expect, test } from 'vitest'
import { avcHeader, SETS_1080P } from '../../test/harness/flv-bodies.ts'
import { RtmpClient } from '../../test/harness/rtmp-client.ts'
import { KEY, listen } from '../../test/harness/rtmp-server-fixture.ts'

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
