/**
 * The main job with real programs: publish with ffmpeg, look at what is served with ffprobe, hls-parser and mediabunny.
 */
import assert from 'node:assert/strict'
import HLS from 'hls-parser'
import { GetStreamCommand, ListStreamsCommand, StopStreamCommand } from '@aws-sdk/client-ivs'
import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from 'mediabunny'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { probePackets, runFfmpeg } from '../harness/media/media-programs.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

HLS.setOptions({ strictMode: true })

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const CONTAINERS = ['TS', 'FRAGMENTED_MP4'] as const
/** Of segments of two seconds and their parts. */
const PIECES_OF_A_MINUTE = 150
/** Seconds of media that are published in a second where a whole minute is read. */
const MINUTE_SPEED = 3
const MINUTE_LIMIT_MS = 120_000

async function get(url: string | URL): Promise<Buffer> {
  const response = await fetch(url)
  expect(response.status, String(url)).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

async function mediaPlaylistUrl(channel: TestChannel): Promise<string> {
  const master = HLS.parse((await get(channel.playbackUrl)).toString()) as HLS.types.MasterPlaylist
  return new URL(master.variants[0]?.uri ?? '', channel.playbackUrl).href
}

async function mediaPlaylist(url: string): Promise<HLS.types.MediaPlaylist> {
  return HLS.parse((await get(url)).toString()) as HLS.types.MediaPlaylist
}

async function untilOffline(channel: TestChannel): Promise<void> {
  await vi.waitFor(
    async () => {
      expect((await fetch(channel.playbackUrl)).status).toBe(404)
    },
    { timeout: 10_000 },
  )
}

async function expectReadable(media: Buffer): Promise<void> {
  const packets = await probePackets(media)
  expect(packets.length).toBeGreaterThan(0)
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(media) })
  const track = await input.getPrimaryVideoTrack()
  assert(track)
  expect(await new EncodedPacketSink(track).getFirstPacket()).not.toBeNull()
}

test.concurrent(
  'a minute of each container has only strictly valid playlists, and segments and parts that ffprobe and mediabunny read',
  async () => {
    await Promise.all(CONTAINERS.map(readAMinute))
  },
  MINUTE_LIMIT_MS,
)

/** Follows a stream part by part, until it has read as many pieces as a minute has. */
async function readAMinute(containerFormat: 'TS' | 'FRAGMENTED_MP4'): Promise<void> {
  const channel = await server.createChannel({ containerFormat })
  await using _publisher = await publishWithFfmpeg({
    url: channel.rtmpUrl,
    bFrames: 2,
    speed: MINUTE_SPEED,
  })
  await server.untilLive(channel)
  const url = await mediaPlaylistUrl(channel)
  const seen = new Map<string, Buffer | undefined>()
  let last = (await mediaPlaylist(url)).segments.at(-1)
  while (seen.size <= PIECES_OF_A_MINUTE) {
    const isOpen = last?.uri === ''
    const query = `_HLS_msn=${(last?.mediaSequenceNumber ?? 0) + (isOpen ? 0 : 1)}&_HLS_part=${isOpen ? (last?.parts.length ?? 0) : 0}`
    const playlist = await mediaPlaylist(`${url}&${query}`)
    last = playlist.segments.at(-1)
    for (const segment of playlist.segments) await readSegment(segment, url, seen)
  }
  // Only now: who stops to look at each falls behind.
  for (const media of seen.values()) if (media) await expectReadable(media)
}

/** Adds the new pieces of a segment, with their media where that means something alone. */
async function readSegment(
  segment: HLS.types.Segment,
  url: string,
  seen: Map<string, Buffer | undefined>,
): Promise<void> {
  const init = segment.map as HLS.types.MediaInitializationSection | undefined
  const map = init ? await get(new URL(init.uri, url)) : Buffer.alloc(0)
  for (const part of segment.parts) {
    if (part.hint || seen.has(part.uri)) continue
    const body = await get(new URL(part.uri, url))
    // A part without a keyframe means nothing alone: players append it to the ones before, as the segment does.
    seen.set(part.uri, part.independent ? Buffer.concat([map, body]) : undefined)
  }
  if (!segment.uri || seen.has(segment.uri)) return
  seen.set(segment.uri, Buffer.concat([map, await get(new URL(segment.uri, url))]))
}

describe.concurrent.each(CONTAINERS)('%s', (containerFormat) => {
  test('carries exactly the pictures and sound that were published', async () => {
    const channel = await server.createChannel({ containerFormat })
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, bFrames: 2 })
    await server.untilLive(channel)
    const url = await mediaPlaylistUrl(channel)
    const playlist = await mediaPlaylist(`${url}&_HLS_msn=2`)
    const [first] = playlist.segments
    const map = first?.map ? await get(new URL(first.map.uri, url)) : Buffer.alloc(0)
    const whole = playlist.segments.filter((segment) => segment.uri)
    const bodies = await Promise.all(whole.map((segment) => get(new URL(segment.uri, url))))
    const media = Buffer.concat([map, ...bodies])
    const packets = await probePackets(media)
    const video = packets.filter((packet) => packet.kind === 'video')
    const steps = video.slice(1).map((packet, i) => packet.dts - (video[i]?.dts ?? 0))
    // RTMP rounds to a millisecond: 33 or 34 ms, never a hole.
    for (const step of steps) expect(Math.abs(step - 3000)).toBeLessThanOrEqual(90)
    expect(video.filter((packet) => packet.keyframe)).toHaveLength(whole.length)
    // Decodes without one complaint.
    await runFfmpeg(['-xerror', '-i', 'pipe:0', '-f', 'null', '-'], media)
  })
})

describe.concurrent('encoders', () => {
  test('ffmpeg publishes over RTMPS on the TLS port that also answers HTTPS', async () => {
    const channel = await server.createChannel()
    await using publisher = await publishWithFfmpeg({ url: channel.rtmpsUrl, mode: 'encode' })
    await server.untilLive(channel)
    expect(publisher.complaints()).toBe('')
  })

  test('ffmpeg without audio is played as video alone', async () => {
    const channel = await server.createChannel()
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, audio: false })
    await server.untilLive(channel)
    const master = (await get(channel.playbackUrl)).toString()
    expect(master).toMatch(/CODECS="avc1\.[0-9A-F]{6}",/)
  })

  test('a keyframe interval of ten seconds stays playable inside the declared target duration', async () => {
    const channel = await server.createChannel()
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, keyframeSeconds: 10 })
    await server.untilLive(channel)
    const url = await mediaPlaylistUrl(channel)
    const playlist = await mediaPlaylist(`${url}&_HLS_msn=1`)
    expect(playlist.targetDuration).toBe(6)
    const whole = playlist.segments.filter((segment) => segment.uri)
    expect(whole.length).toBeGreaterThanOrEqual(2)
    const bodies = await Promise.all(whole.map((segment) => get(new URL(segment.uri, url))))
    await runFfmpeg(['-xerror', '-i', 'pipe:0', '-f', 'null', '-'], Buffer.concat(bodies))
  })
})

describe.concurrent('the end', () => {
  test('a clean unpublish ends the stream at once, with an end in the playlist', async () => {
    const channel = await server.createChannel()
    await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    const url = await mediaPlaylistUrl(channel)
    await publisher.stop()
    await untilOffline(channel)
    expect((await mediaPlaylist(url)).endlist).toBe(true)
    await expect(server.client.send(new GetStreamCommand({ channelArn: channel.arn }))).rejects.toMatchObject(
      {
        name: 'ChannelNotBroadcasting',
      },
    )
  })

  test('StopStream ends the stream and disconnects the encoder', async () => {
    const channel = await server.createChannel()
    await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    const { streams } = await server.client.send(new ListStreamsCommand({}))
    expect(streams?.map((stream) => stream.channelArn)).toContain(channel.arn)
    await server.client.send(new StopStreamCommand({ channelArn: channel.arn }))
    expect(await publisher.exited).not.toBe(0)
    await untilOffline(channel)
  })

  test('an encoder that vanishes frees the channel for the next one', async () => {
    const channel = await server.createChannel()
    const first = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    await first.kill()
    await untilOffline(channel)
    await using _second = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
  })

  test('a second encoder on a live channel is refused and the first goes on', async () => {
    const channel = await server.createChannel()
    await using first = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    await using second = await publishWithFfmpeg({ url: channel.rtmpUrl })
    expect(await second.exited).not.toBe(0)
    expect((await fetch(channel.playbackUrl)).status).toBe(200)
    expect(first.complaints()).toBe('')
  })
})
