/**
 * RTMP and RTMPS ingest over real sockets: encoders that nobody here wrote, and a scripted one for what they do rarely.
 *
 * The protocol and the demuxer are the real ones; the session behind them records.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { generate } from 'selfsigned'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.ts'
import { RtmpServer } from '../../src/ingest/rtmp-server.ts'
import type { AccessUnit } from '../../src/media/access-unit.ts'
import { flvTags } from '../harness/media/flv-file.ts'
import type { FlvTag } from '../harness/media/flv-file.ts'
import { encodeRealInput } from '../harness/media/real-input.ts'
import { runProgram, startProgram } from '../harness/programs.ts'
import type { ProgramEnd } from '../harness/programs.ts'
import { RecordingLogger } from '../harness/recording-logger.ts'
import { keysOf, RecordingPublishPort } from '../harness/recording-publish-port.ts'
import type { RecordedStream } from '../harness/recording-publish-port.ts'
import { RtmpClient } from '../harness/rtmp-client.ts'
import { DropCounts } from '../../src/domain/drops.ts'
import { commandMessage, FIRST_MESSAGE_STREAM, recordPublisher } from '../harness/rtmp-publisher.ts'

const KEY = 'sk_us-west-2_interop'
const TIMEOUT_MS = { handshake: 5000, publish: 5000, idle: 20_000, audioOnly: 10_000 }

let folder: string
let clipFile: string
let clip: Buffer
let tags: FlvTag[]
const servers: RtmpServer[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'headwater-ingest-'))
  const input = { seconds: 3, size: '320x180', frameRate: 30, keyframeSeconds: 1, bFrames: 2 }
  clip = (await encodeRealInput({ ...input, audio: { sampleRate: 48_000, channels: 2 } })).flv
  clipFile = join(folder, 'clip.flv')
  await writeFile(clipFile, clip)
  tags = flvTags(clip)
})

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

afterAll(() => rm(folder, { recursive: true }))

describe('ffmpeg', () => {
  test('-c copy: every picture and frame arrives with the time and the bytes of the file', async () => {
    const { url, sessions } = await listen()
    const end = await ffmpeg('-i', clipFile, '-c', 'copy', '-f', 'flv', `${url}/app/${KEY}`)
    expect(end.exitCode).toBe(0)
    const stream = await sessions.stream()
    expect(await stream.ended).toBe('unpublished')
    expect(summary(stream.units, 'video')).toEqual(fileSummary(tags, 'video'))
    expect(summary(stream.units, 'audio')).toEqual(fileSummary(tags, 'audio'))
    expect(stream.tracks.map((track) => track.kind).toSorted()).toEqual(['audio', 'video'])
    expect(stream.announcements[0]).toMatchObject({
      encoder: expect.stringContaining('Lavf') as string,
      frameRate: 30,
    })
  })

  test('live encode with B-frames: decode order, offsets and keyframes are there', async () => {
    const { url, sessions } = await listen()
    const picture = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=2']
    const tone = ['-f', 'lavfi', '-i', 'sine=440:duration=2']
    const codecs = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', '30', '-c:a', 'aac']
    const end = await ffmpeg(...picture, ...tone, ...codecs, '-f', 'flv', `${url}/app/${KEY}`)
    expect(end).toMatchObject({ exitCode: 0 })
    const stream = await sessions.stream()
    expect(await stream.ended).toBe('unpublished')
    const video = stream.units.filter((unit) => unit.kind === 'video')
    expect(video).toHaveLength(60)
    expect(video.map((unit) => unit.keyframe).flatMap((is, index) => (is ? [index] : []))).toEqual([0, 30])
    expect(isSorted(video.map((unit) => unit.dtsTicks))).toBe(true)
    expect(video.some((unit) => unit.ptsTicks - unit.dtsTicks >= 6000)).toBe(true)
    expect(video.every((unit) => unit.ptsTicks >= unit.dtsTicks)).toBe(true)
  })

  test('over RTMPS publishes to a channel that refuses plain RTMP', async () => {
    const { sessions, tlsUrl } = await listen({ tls: true })
    const end = await ffmpeg('-i', clipFile, '-c', 'copy', '-f', 'flv', `${tlsUrl}/app/secure`)
    expect(end.exitCode).toBe(0)
    const stream = await sessions.stream()
    expect(summary(stream.units, 'video')).toEqual(fileSummary(tags, 'video'))
  })

  test.each([
    ['an unknown key', 'app/sk_wrong', 'The stream key is not valid.'],
    ['another application', `live/${KEY}`, 'Publish to the application "app".'],
    ['plain RTMP on a channel that asks for TLS', 'app/secure', 'This channel takes RTMPS only.'],
  ])('with %s ends with an error and shows our reason', async (_name, path, reason) => {
    const { url } = await listen()
    const end = await ffmpeg('-i', clipFile, '-c', 'copy', '-f', 'flv', `${url}/${path}`)
    expect(end.exitCode).not.toBe(0)
    expect(end.stderr).toContain(reason)
  })

  test('as second publisher ends with an error, and the first goes on', async () => {
    const { url, port, sessions } = await listen()
    await using first = await RtmpClient.publish({ port }, KEY)
    const end = await ffmpeg('-i', clipFile, '-c', 'copy', '-f', 'flv', `${url}/app/${KEY}`)
    expect(end.exitCode).not.toBe(0)
    expect(end.stderr).toContain('The channel is live already.')
    sendTags(first, tags, 0)
    first.unpublish(KEY)
    expect(await (await sessions.stream()).ended).toBe('unpublished')
  })

  test('ends when the session disconnects it', async () => {
    const { url, sessions } = await listen()
    const loop = ['-re', '-stream_loop', '-1', '-i', clipFile, '-c', 'copy', '-f', 'flv', `${url}/app/${KEY}`]
    const program = startProgram('ffmpeg', ['-hide_banner', '-v', 'error', ...loop])
    const stream = await sessions.stream()
    await sessions.until(() => stream.units.length > 10)
    stream.publisher.disconnect('The stream was stopped.')
    const end = await program.ended
    expect(end.exitCode).not.toBe(0)
  })

  test('as a player accepts our signed handshake and is told to use HLS', async () => {
    const { url } = await listen()
    const end = await ffmpeg('-i', `${url}/app/${KEY}`, '-f', 'null', '-')
    expect(end.stderr).toContain('This server plays over HLS only.')
    expect(end.stderr).not.toMatch(/handshake|signature|digest/i)
  })
})

describe('GStreamer', () => {
  test('rtmp2sink: every picture and frame of the file arrives', async () => {
    await publishWithGstreamer((url) => ['rtmp2sink', `location=${url}`])
  })

  test('rtmpsink (librtmp): every picture and frame of the file arrives', async (context) => {
    const probe = await runProgram('gst-inspect-1.0', ['--exists', 'rtmpsink'])
    context.skip(probe.exitCode !== 0, 'this GStreamer has no rtmpsink')
    await publishWithGstreamer((url) => ['rtmpsink', `location=${url} live=1`])
  })

  async function publishWithGstreamer(sink: (url: string) => string[]): Promise<void> {
    const { url, sessions } = await listen()
    const demux = ['filesrc', `location=${clipFile}`, '!', 'flvdemux', 'name=d']
    const video = ['d.video', '!', 'queue', '!', 'h264parse', '!', 'm.video']
    const audio = ['d.audio', '!', 'queue', '!', 'aacparse', '!', 'm.audio']
    const mux = ['flvmux', 'name=m', 'streamable=true', '!', ...sink(`${url}/app/${KEY}`)]
    const end = await runProgram('gst-launch-1.0', ['-q', ...mux, ...demux, ...video, ...audio])
    expect(end.exitCode).toBe(0)
    const stream = await sessions.stream()
    await stream.ended
    expect(hashes(stream.units, 'video')).toEqual(fileSummary(tags, 'video').map(({ md5 }) => md5))
    expect(hashes(stream.units, 'audio')).toEqual(fileSummary(tags, 'audio').map(({ md5 }) => md5))
  }
})

describe('a scripted encoder', () => {
  test.each([1, 65_536])('with chunks of %i bytes loses nothing', async (chunkSizeBytes) => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY, chunkSizeBytes)
    sendTags(client, tags, 0)
    client.unpublish(KEY)
    const stream = await sessions.stream()
    await stream.ended
    expect(summary(stream.units, 'video')).toEqual(fileSummary(tags, 'video'))
    expect(summary(stream.units, 'audio')).toEqual(fileSummary(tags, 'audio'))
  })

  test.each(['simple', 'complex-0', 'complex-1'] as const)('shakes hands: %s', async (handshake) => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.publish({ port, handshake }, KEY)
    client.unpublish(KEY)
    expect(await (await sessions.stream()).ended).toBe('unpublished')
  })

  test('with FCPublish before createStream, without metadata, audio late and the video clock near 2^32', async () => {
    const { port, sessions } = await listen()
    await using client = await RtmpClient.open({ port })
    await client.connect('app', { tcUrl: 'rtmp://127.0.0.1/app', flashVer: 'FMLE/3.0', objectEncoding: 0 })
    await client.call('releaseStream', null, KEY)
    await client.call('FCPublish', null, KEY)
    await client.call('createStream', null)
    await client.startPublishing(`${KEY}?bandwidthtest=1`)
    const startMs = 2 ** 32 - 1500
    const late = tags.filter((tag) => tag.type === 9 || tag.body[1] === 0 || tag.timeMs > 1000)
    sendTags(client, late, startMs)
    client.unpublish(KEY)
    const stream = await sessions.stream()
    await stream.ended
    const shifted = late.map((tag) => ({ ...tag, timeMs: tag.timeMs + startMs }))
    expect(summary(stream.units, 'video')).toEqual(fileSummary(shifted, 'video'))
    expect(summary(stream.units, 'audio')).toEqual(fileSummary(shifted, 'audio'))
    expect(stream.announcements).toEqual([])
  })

  test('with extended timestamps, repeated on later chunks or not', async () => {
    for (const omitRepeatedTimestamp of [false, true]) {
      const { port, sessions } = await listen()
      await using client = await RtmpClient.publish({ port }, KEY, 128)
      for (const tag of tags) {
        const form = { maxFormat: 0, omitRepeatedTimestamp } as const
        client.sendMedia(tag.type === 9 ? 'video' : 'audio', tag.timeMs + 2 ** 24, tag.body, form)
      }
      client.unpublish(KEY)
      const stream = await sessions.stream()
      await stream.ended
      const shifted = tags.map((tag) => ({ ...tag, timeMs: tag.timeMs + 2 ** 24 }))
      expect(summary(stream.units, 'video')).toEqual(fileSummary(shifted, 'video'))
    }
  })

  test('that restarts its clock and changes its picture in mid-stream hands over both as they are', async () => {
    const input = { seconds: 1, size: '640x360', frameRate: 25, keyframeSeconds: 1, bFrames: 0 }
    const other = flvTags((await encodeRealInput({ ...input, audio: undefined })).flv)
    const { port, sessions } = await listen()
    await using client = await RtmpClient.publish({ port }, KEY)
    sendTags(client, tags, 60_000)
    sendTags(client, other, 0)
    client.unpublish(KEY)
    const stream = await sessions.stream()
    await stream.ended
    const sizes = stream.tracks.flatMap((track) => (track.kind === 'video' ? [track.avc.width] : []))
    expect(sizes).toEqual([320, 640])
    const video = stream.units.filter((unit) => unit.kind === 'video')
    expect(video.map((unit) => unit.dtsTicks).indexOf(0)).toBe(90)
  })

  test('that reconnects after a broken socket publishes again at once', async () => {
    const { port, sessions } = await listen()
    const first = await RtmpClient.publish({ port }, KEY)
    first.socket.resetAndDestroy()
    expect(await (await sessions.stream()).ended).toBe('connection-lost')
    await using _second = await RtmpClient.publish({ port }, KEY)
    expect(sessions.streams).toHaveLength(2)
  })

  test('over TLS publishes to a channel that refuses plain RTMP', async () => {
    const { sessions, tlsPort } = await listen({ tls: true })
    await using client = await RtmpClient.publish({ port: tlsPort, tls: true }, 'secure')
    client.unpublish('secure')
    expect(await (await sessions.stream()).ended).toBe('unpublished')
  })

  test('that publishes on another message stream is answered there', async () => {
    const { port } = await listen()
    await using client = await RtmpClient.open({ port })
    await client.connect('app')
    await client.call('createStream', null)
    await client.call('createStream', null)
    client.send(3, commandMessage(FIRST_MESSAGE_STREAM + 1, 'publish', 0, null, KEY, 'live'))
    await client.waitForStatus((status) => status.code === 'NetStream.Publish.Start')
    const streams = client.commands.filter((one) => one.name === 'onStatus').map((one) => one.messageStreamId)
    expect(streams).toEqual([FIRST_MESSAGE_STREAM + 1])
  })
})

test('a recording plays round after round as one continuous stream', async () => {
  const { port, sessions } = await listen()
  const script = { app: 'app', streamName: KEY, chunkSizeBytes: 4096 }
  const recording = recordPublisher(script, tags, 3000)
  await using client = await RtmpClient.dial({ port })
  client.socket.write(Buffer.concat([recording.opening, recording.headers]))
  const round = Buffer.concat(recording.round.map((piece) => piece.bytes))
  for (let i = 0; i < 3; i++) client.socket.write(round)
  const stream = await sessions.stream()
  const perRound = { video: fileSummary(tags, 'video'), audio: fileSummary(tags, 'audio') }
  const total = 3 * (perRound.video.length + perRound.audio.length)
  await sessions.until(() => stream.units.length === total)
  for (const kind of ['video', 'audio'] as const) {
    const units = stream.units.filter((unit) => unit.kind === kind)
    const originTicks = units[0]!.dtsTicks - perRound[kind][0]!.dtsTicks
    const expected = [0, 1, 2].flatMap((number) =>
      perRound[kind].map((unit) => unit.dtsTicks + number * 270_000 + originTicks),
    )
    expect(units.map((unit) => unit.dtsTicks)).toEqual(expected)
  }
})

type Listening = {
  readonly port: number
  readonly url: string
  readonly tlsPort: number
  readonly tlsUrl: string
  readonly sessions: RecordingPublishPort
}

async function listen(options: { tls?: boolean } = {}): Promise<Listening> {
  const sessions = new RecordingPublishPort()
  const server = new RtmpServer({
    drops: new DropCounts(),
    config: {
      handshakeTimeoutMs: TIMEOUT_MS.handshake,
      publishTimeoutMs: TIMEOUT_MS.publish,
      idleTimeoutMs: TIMEOUT_MS.idle,
      audioOnlyTimeoutMs: TIMEOUT_MS.audioOnly,
      allowInsecureLoopbackIngest: false,
      maxPublishConnections: 10,
      maxWaitingPerAddress: 10,
    },
    clock: systemClock,
    logger: new RecordingLogger(),
    streamKeys: keysOf(KEY, 'secure'),
    publishPort: sessions,
  })
  servers.push(server)
  const port = await server.listen(0, '127.0.0.1')
  const tlsPort = options.tls ? await listenTls(server) : 0
  return { port, url: `rtmp://127.0.0.1:${port}`, tlsPort, tlsUrl: `rtmps://127.0.0.1:${tlsPort}`, sessions }
}

async function listenTls(server: RtmpServer): Promise<number> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }])
  const front = createTlsServer({ key, cert }, (socket) => server.accept(socket, { secure: true }))
  front.listen(0, '127.0.0.1').unref()
  await once(front, 'listening')
  return (front.address() as AddressInfo).port
}

function ffmpeg(...args: readonly string[]): Promise<ProgramEnd> {
  return runProgram('ffmpeg', ['-hide_banner', '-v', 'error', ...args])
}

function sendTags(client: RtmpClient, sent: readonly FlvTag[], offsetMs: number): void {
  for (const tag of sent) {
    client.sendMedia(tag.type === 9 ? 'video' : 'audio', tag.timeMs + offsetMs, tag.body)
  }
}

type UnitSummary = {
  readonly dtsTicks: number
  readonly ptsTicks: number
  readonly keyframe: boolean
  readonly md5: string
}

function summary(units: readonly AccessUnit[], kind: 'video' | 'audio'): UnitSummary[] {
  return units
    .filter((unit) => unit.kind === kind)
    .map(({ dtsTicks, ptsTicks, keyframe, data }) => ({ dtsTicks, ptsTicks, keyframe, md5: md5(data) }))
}

function hashes(units: RecordedStream['units'], kind: 'video' | 'audio'): string[] {
  return summary(units, kind).map((unit) => unit.md5)
}

/** The units that the file's tags stand for, read independently of the code under test. */
function fileSummary(all: readonly FlvTag[], kind: 'video' | 'audio'): UnitSummary[] {
  const type = kind === 'video' ? 9 : 8
  return all
    .filter((tag) => tag.type === type && tag.body[1] === 1)
    .map(({ body, timeMs }) => ({
      dtsTicks: timeMs * 90,
      ptsTicks: (timeMs + (kind === 'video' ? body.readIntBE(2, 3) : 0)) * 90,
      keyframe: kind === 'audio' || body.readUInt8(0) >> 4 === 1,
      md5: md5(body.subarray(kind === 'video' ? 5 : 2)),
    }))
}

function md5(bytes: Uint8Array): string {
  return createHash('md5').update(bytes).digest('hex')
}

function isSorted(numbers: readonly number[]): boolean {
  return numbers.every((value, index) => index === 0 || value >= (numbers[index - 1] ?? 0))
}
