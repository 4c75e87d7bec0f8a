/**
 * Encoders that do what encoders should not, all the way to what a viewer gets: real media with bent timing, sent by a
 * scripted publisher, then decoded by ffmpeg without a complaint.
 */
import HLS from 'hls-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clipTags, shifted } from '../harness/clip-tags.ts'
import type { FlvTag } from '../harness/media/flv-file.ts'
import { probePackets, runFfmpeg } from '../harness/media/media-programs.ts'
import { RtmpClient } from '../harness/rtmp-client.ts'
import { startTestServer, type TestServer } from '../harness/test-server.ts'

HLS.setOptions({ strictMode: true })

const AUDIO_TAG = 8
const VIDEO_TAG = 9
const LARGE = '640x360'
const SMALL = '320x180'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server[Symbol.asyncDispose]())

type Run = { readonly init: Buffer; readonly media: Buffer; readonly seconds: number }

/** Publishes `tags` and gives what is served, split at discontinuities. */
async function serve(containerFormat: 'TS' | 'FRAGMENTED_MP4', tags: readonly FlvTag[]): Promise<Run[]> {
  const channel = await server.createChannel({ containerFormat })
  const port = Number(new URL(channel.rtmpUrl.replace('rtmp:', 'http:')).port)
  await using client = await RtmpClient.publish({ port }, channel.streamKey)
  for (const tag of tags) client.sendMedia(tag.type === VIDEO_TAG ? 'video' : 'audio', tag.timeMs, tag.body)
  await server.untilLive(channel)
  const master = await (await fetch(channel.playbackUrl)).text()
  const url = new URL(master.trim().split('\n').at(-1) ?? '', channel.playbackUrl)
  client.unpublish(channel.streamKey)
  await expect.poll(async () => (await fetch(url)).text(), { timeout: 10_000 }).toContain('#EXT-X-ENDLIST')
  const playlist = HLS.parse(await (await fetch(url)).text()) as HLS.types.MediaPlaylist
  return await runsOf(playlist, url)
}

async function runsOf(playlist: HLS.types.MediaPlaylist, url: URL): Promise<Run[]> {
  const runs: { init: Buffer; bodies: Buffer[]; seconds: number }[] = []
  for (const segment of playlist.segments) {
    const map = segment.map as HLS.types.MediaInitializationSection | undefined
    if (runs.length === 0 || segment.discontinuity) {
      runs.push({ init: map ? await bytes(new URL(map.uri, url)) : Buffer.alloc(0), bodies: [], seconds: 0 })
    }
    const run = runs.at(-1)!
    run.bodies.push(await bytes(new URL(segment.uri, url)))
    run.seconds += segment.duration
  }
  return runs.map(({ init, bodies, seconds }) => ({ init, media: Buffer.concat([init, ...bodies]), seconds }))
}

async function bytes(url: URL): Promise<Buffer> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return Buffer.from(await response.arrayBuffer())
}

/** Decodes everything; the number of pictures. */
/** Which kinds of media there are; the clock in transport streams is none. */
async function mediaKinds(run: Run): Promise<ReadonlySet<string>> {
  const packets = await probePackets(run.media)
  return new Set(packets.map(({ kind }) => kind).filter((kind) => kind !== 'data'))
}

async function decode(run: Run): Promise<number> {
  await runFfmpeg(['-xerror', '-i', 'pipe:0', '-f', 'null', '-'], run.media)
  return (await probePackets(run.media)).filter((packet) => packet.kind === 'video').length
}

describe.each(['TS', 'FRAGMENTED_MP4'] as const)('%s', (container) => {
  test('a picture size that changes in mid-stream begins a new run with its own parameters', async () => {
    const tags = [...(await clipTags(LARGE, 6)), ...shifted(await clipTags(SMALL, 6), 6000)]
    const runs = await serve(container, tags)
    expect(runs).toHaveLength(2)
    expect(await Promise.all(runs.map(decode))).toEqual([180, 180])
    expect(runs.map((run) => Math.round(run.seconds))).toEqual([6, 6])
  })

  test('an encoder that starts its clock again goes on in one run', async () => {
    const tags = await clipTags(LARGE, 6)
    const [run, ...others] = await serve(container, [...tags, ...tags])
    expect(others).toEqual([])
    expect(await decode(run!)).toBe(360)
    expect(Math.round(run!.seconds)).toBe(12)
  })

  test('timestamps that pass 2^32 go on in one run', async () => {
    const tags = shifted(await clipTags(LARGE, 8), 2 ** 32 - 4100)
    const [run, ...others] = await serve(container, tags)
    expect(others).toEqual([])
    expect(await decode(run!)).toBe(240)
    expect(Math.round(run!.seconds)).toBe(8)
  })

  test('audio that starts after the first segment is there from the next keyframe on', async () => {
    const tags = await clipTags(LARGE, 8)
    const header = tags.find((tag) => tag.type === AUDIO_TAG)!
    const late = tags.filter((tag) => tag.type === VIDEO_TAG || (tag !== header && tag.timeMs >= 3000))
    const start = late.findIndex((tag) => tag.type === AUDIO_TAG)
    const runs = await serve(container, late.toSpliced(start, 0, { ...header, timeMs: 3000 }))
    expect(runs.map((run) => Math.round(run.seconds))).toEqual([4, 4])
    const kinds = await Promise.all(runs.map(mediaKinds))
    expect(kinds).toEqual([new Set(['video']), new Set(['video', 'audio'])])
  })

  test('a hole of nine seconds in both tracks becomes a discontinuity, not a long segment', async () => {
    const tags = await clipTags(LARGE, 8)
    const headers = tags.filter((tag) => tag.timeMs === 0)
    const before = tags.filter((tag) => tag.timeMs < 4000)
    const after = shifted(
      tags.filter((tag) => tag.timeMs >= 4000 && !headers.includes(tag)),
      9000,
    )
    const runs = await serve(container, [...before, ...after])
    expect(runs.map((run) => Math.round(run.seconds))).toEqual([4, 4])
    expect(await Promise.all(runs.map(decode))).toEqual([120, 120])
  })
})
