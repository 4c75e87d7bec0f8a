/**
 * The playlists of a whole ladder over real sockets: what viewers of each channel type are told, and what they see when
 * rungs lag, stop and come back.
 */
import HLS from 'hls-parser'
import { describe, expect, test } from 'vitest'
import { startPackagedStream, type PackagedStream } from '../harness/packaged-stream.ts'

HLS.setOptions({ strictMode: true })

const FULL_HD = { width: 1920, height: 1080, frameRate: 60, hasAudio: true }
const HD_30 = { width: 1280, height: 720, frameRate: 30, hasAudio: true }
const PORTRAIT = { width: 720, height: 1280, frameRate: 30, hasAudio: true }
const CONSTRAINED = 'CONSTRAINED_BANDWIDTH_DELIVERY' as const

async function text(url: string): Promise<string> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  return response.text()
}

/** Session ids and numbers are another each time. */
function withoutSession(playlist: string): string {
  return playlist
    .replaceAll(/\?vs=[A-Za-z0-9_-]{51}$/gm, '?vs=…')
    .replace(/(?<="VIDEO-SESSION-ID",VALUE=")[A-Za-z0-9_-]{16}/, '…')
}

/** The multivariant playlist without what differs from viewer to viewer. */
async function multivariant(stream: PackagedStream, query = ''): Promise<string> {
  return withoutSession(await text(stream.playbackUrl + query))
}

function master(playlist: string): HLS.types.MasterPlaylist {
  return HLS.parse(playlist) as HLS.types.MasterPlaylist
}

function media(playlist: string): HLS.types.MediaPlaylist {
  return HLS.parse(playlist) as HLS.types.MediaPlaylist
}

describe('the multivariant playlist (reference ivs-behaviour §6.3)', () => {
  test.each([
    { golden: 'basic-1080p60', channel: { type: 'BASIC' }, ladder: FULL_HD, query: '' },
    {
      golden: 'basic-audio-only',
      channel: { type: 'BASIC' },
      ladder: FULL_HD,
      query: '?allow_audio_only=true',
    },
    { golden: 'standard-1080p60', channel: { type: 'STANDARD' }, ladder: FULL_HD, query: '' },
    { golden: 'standard-720p30-portrait', channel: { type: 'STANDARD' }, ladder: PORTRAIT, query: '' },
    {
      golden: 'standard-fmp4-audio-only',
      channel: { type: 'STANDARD', containerFormat: 'FRAGMENTED_MP4' },
      ladder: HD_30,
      query: '?allow_audio_only=true',
    },
    { golden: 'advanced-hd-1080p60', channel: { type: 'ADVANCED_HD' }, ladder: FULL_HD, query: '' },
    {
      golden: 'advanced-sd-constrained',
      channel: { type: 'ADVANCED_SD', preset: CONSTRAINED },
      ladder: HD_30,
      query: '',
    },
  ] as const)('names the rungs of $golden', async ({ golden, channel, ladder, query }) => {
    await using stream = await startPackagedStream({ channel, ladder })
    stream.publish(7 * ladder.frameRate)
    const playlist = await multivariant(stream, query)
    await expect(playlist).toMatchFileSnapshot(`golden/multivariant/${golden}.m3u8`)
    expect(master(playlist).variants.length).toBeGreaterThan(0)
  })

  test('tells bitrates that hold for every segment that is sent (rfc8216bis §4.4.6.2)', async () => {
    await using stream = await startPackagedStream({ channel: { type: 'STANDARD' }, ladder: FULL_HD })
    stream.publish(7 * 60)
    for (const { uri, bandwidth, averageBandwidth } of master(await multivariant(stream)).variants) {
      expect(bandwidth).toBeGreaterThanOrEqual(averageBandwidth ?? 0)
      const playlist = media(await text(new URL(uri.replace('?vs=…', ''), stream.url('/')).href))
      for (const segment of playlist.segments.filter(({ duration }) => duration > 0)) {
        const body = await (await fetch(new URL(segment.uri, stream.url('/')))).arrayBuffer()
        expect((body.byteLength * 8) / segment.duration).toBeLessThanOrEqual(bandwidth + 1)
      }
    }
  })

  test('does not name a rung before it has a whole segment, and names it from then on', async () => {
    await using stream = await startPackagedStream({ channel: { type: 'STANDARD' }, ladder: HD_30 })
    stream.feed?.stop('160p30')
    // The other rungs are waited for, but only for a while.
    stream.publish(2 * 30 + 10)
    expect((await fetch(stream.playbackUrl)).status).toBe(404)
    stream.publish(2 * 30)
    const groups = async (): Promise<unknown[]> =>
      master(await multivariant(stream)).variants.map(({ uri }) => /([a-z0-9_]+)\.m3u8/.exec(uri)?.[1])
    expect(await groups()).toEqual(['720p30', '480p30', '360p30'])
    stream.feed?.resume('160p30')
    stream.publish(4 * 30)
    expect(await groups()).toEqual(['720p30', '480p30', '360p30', '160p30'])
  })
})

describe('media playlists of a ladder', () => {
  test('are strictly valid, and agree, while a rung stops and comes back', async () => {
    await using stream = await startPackagedStream({ channel: { type: 'STANDARD' }, ladder: FULL_HD })
    stream.publish(6 * 60)
    for (let part = 0; part < 54; part++) {
      if (part === 0) stream.feed?.stop('480p30')
      if (part === 20) stream.feed?.resume('480p30')
      stream.publish(20)
      const [source, rung] = await Promise.all([
        text(stream.playlistUrl()),
        text(stream.playlistUrl('', '480p30')),
      ])
      expectOverlapAgrees(media(source), media(rung))
    }
  })

  test('list what a rung missed as a gap without parts, which nobody can fetch (rfc8216bis §4.4.4.7)', async () => {
    await using stream = await startPackagedStream({ channel: { type: 'STANDARD' }, ladder: HD_30 })
    stream.publish(5 * 30)
    stream.feed?.stop('480p30')
    stream.publish(4 * 30)
    stream.feed?.resume('480p30')
    stream.publish(5 * 30)
    const playlist = await text(stream.playlistUrl('', '480p30'))
    await expect(playlist).toMatchFileSnapshot('golden/rung-with-gap.m3u8')
    const gap = media(playlist).segments.find((segment) => segment.gap)
    expect(gap?.parts).toEqual([])
    const uri = new URL(gap?.uri ?? '', stream.url('/'))
    expect((await fetch(uri)).status).toBe(404)
    expect((await fetch(stream.mediaUrl('5', '480p30'))).status).toBe(200)
  })

  test('report where the other renditions stand (rfc8216bis §4.4.5.4)', async () => {
    await using stream = await startPackagedStream({ channel: { type: 'STANDARD' }, ladder: HD_30 })
    stream.publish(5 * 30)
    const { renditionReports } = media(await text(stream.playlistUrl('', '480p30')))
    const names = renditionReports.map(({ uri }) => /([a-z0-9_]+)\.m3u8/.exec(uri)?.[1])
    expect(names).toEqual(['720p30', '360p30', '160p30'])
    for (const report of renditionReports) expect(report).toMatchObject({ lastMSN: 2, lastPart: 1 })
  })
})

describe('audio_only on request', () => {
  test.each([
    { moment: 'a viewer is told of it', query: '?allow_audio_only=true' },
    { moment: 'its playlist is asked for', query: '' },
  ])('is packaged once $moment, and its first playlist is held until there is media', async ({ query }) => {
    await using stream = await startPackagedStream({ channel: { type: 'BASIC' }, ladder: HD_30 })
    stream.publish(5 * 30)
    await multivariant(stream, query)
    const held = fetch(stream.playlistUrl('', 'audio_only'))
    await expect.poll(() => stream.routes.heldConnections).toBe(1)
    stream.publish(3 * 30 + 1)
    const playlist = media(await (await held).text())
    const source = media(await text(stream.playlistUrl()))
    expectOverlapAgrees(source, playlist)
    const [first] = playlist.segments
    expect(first?.mediaSequenceNumber).toBe(3)
    const body = await (await fetch(new URL(first?.uri ?? '', stream.url('/')))).arrayBuffer()
    expect(body.byteLength).toBeGreaterThan(20_000)
  })
})

function expectOverlapAgrees(a: HLS.types.MediaPlaylist, b: HLS.types.MediaPlaylist): void {
  let compared = 0
  for (const segment of a.segments) {
    const other = b.segments.find((one) => one.mediaSequenceNumber === segment.mediaSequenceNumber)
    if (!other) continue
    compared++
    expect(other.programDateTime).toEqual(segment.programDateTime)
    expect(other.discontinuity).toBe(segment.discontinuity)
    expect(other.discontinuitySequence).toBe(segment.discontinuitySequence)
    const isWhole = other.parts.length === segment.parts.length
    if (isWhole || other.gap === true) expect(other.duration).toBe(segment.duration)
  }
  expect(compared).toBeGreaterThan(0)
}
