/**
 * Delivery over real sockets: playlists as documents, and how requests for what exists, is about to exist or never will
 * are answered.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import HLS from 'hls-parser'
import { describe, expect, test } from 'vitest'
import { bytes, problem, raw, text, untilHeld } from '../harness/media-requests.ts'
import { SMALL_VIDEO } from '../harness/media/sample-tracks.ts'
import { startPackagedStream } from '../harness/packaged-stream.ts'

HLS.setOptions({ strictMode: true })

const LOW_TS = {}
const FMP4 = { channel: { containerFormat: 'FRAGMENTED_MP4' as const } }
const NORMAL_TS = { channel: { latencyMode: 'NORMAL' as const } }
const NORMAL_FMP4 = { channel: { ...FMP4.channel, ...NORMAL_TS.channel } }

describe('playlists', () => {
  const rows = [
    { golden: 'low-ts.m3u8', options: LOW_TS, frames: 60 * 20 + 25 },
    { golden: 'low-fmp4.m3u8', options: FMP4, frames: 60 * 3 + 25 },
    { golden: 'normal-ts.m3u8', options: NORMAL_TS, frames: 60 * 3 + 25 },
    { golden: 'normal-fmp4.m3u8', options: NORMAL_FMP4, frames: 60 * 3 + 25 },
  ]
  test.each(rows)('prints $golden', async ({ golden, options, frames }) => {
    await using stream = await startPackagedStream(options)
    stream.publish(frames)
    const playlist = await text(stream.playlistUrl())
    await expect(playlist).toMatchFileSnapshot(`golden/${golden}`)
    HLS.parse(playlist)
  })

  test('prints a delta update that leaves out what is older than the skip boundary (rfc8216bis §6.2.5.1)', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 * 20 + 25)
    const delta = await text(stream.playlistUrl('?_HLS_skip=YES'))
    await expect(delta).toMatchFileSnapshot('golden/delta-ts.m3u8')
    const whole = await text(stream.playlistUrl())
    const skipped = Number(/SKIPPED-SEGMENTS=([0-9]+)/.exec(delta)?.[1])
    const countOf = (playlist: string): number => playlist.match(/#EXTINF/g)?.length ?? 0
    expect(countOf(delta) + skipped).toBe(countOf(whole))
  })

  test('prints an ended stream whole, with its end and without anything to wait for', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 * 2 + 25)
    stream.end()
    const playlist = await text(stream.playlistUrl())
    await expect(playlist).toMatchFileSnapshot('golden/ended-ts.m3u8')
    HLS.parse(playlist)
  })

  test('marks a change of picture size as a discontinuity with its own init section', async () => {
    await using stream = await startPackagedStream(FMP4)
    stream.publish(60 * 2)
    stream.changeTrack(SMALL_VIDEO)
    stream.publish(60 * 2 + 1)
    const playlist = await text(stream.playlistUrl())
    expect(playlist).toMatch(
      /#EXT-X-DISCONTINUITY\n#EXT-X-MAP:URI="[^"]*init-1\.mp4"\n#EXT-X-PROGRAM-DATE-TIME/,
    )
    HLS.parse(playlist)
    const folder = stream.url(`/v1/segment/${stream.streamId}/chunked`)
    const inits = [await bytes(`${folder}/init-0.mp4`), await bytes(`${folder}/init-1.mp4`)]
    expect(inits[0]).not.toEqual(inits[1])
  })

  test('prints the multivariant playlist of the stream', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 * 3)
    const playlist = (await text(stream.playbackUrl))
      .replaceAll(/\?vs=[A-Za-z0-9_-]{51}$/gm, '?vs=…')
      .replace(/(?<="VIDEO-SESSION-ID",VALUE=")[A-Za-z0-9_-]{16}/, '…')
    await expect(playlist).toMatchFileSnapshot('golden/multivariant.m3u8')
    const parsed = HLS.parse(playlist) as HLS.types.MasterPlaylist
    expect(parsed.variants).toHaveLength(1)
    expect(parsed.variants[0]?.uri).toBe(`${new URL(stream.playlistUrl()).pathname}?vs=…`)
  })

  test('are strictly valid after every part of a minute, in every form', async () => {
    for (const options of [LOW_TS, FMP4, NORMAL_TS, NORMAL_FMP4]) {
      await using stream = await startPackagedStream(options)
      stream.publish(61)
      for (let part = 0; part < 180; part++) {
        stream.publish(10)
        HLS.parse(await text(stream.playlistUrl()))
      }
    }
  })

  test('are the same bytes for every reader until something changes', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const first = await text(stream.playlistUrl())
    stream.clock.advance(20)
    expect(await text(stream.playlistUrl())).toBe(first)
  })

  test('are compressed for readers that take gzip', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const packed = await fetch(stream.playlistUrl(), { headers: { 'Accept-Encoding': 'gzip' } })
    expect(packed.headers.get('content-encoding')).toBe('gzip')
    expect(packed.headers.get('vary')).toBe('Accept-Encoding')
    const plain = await fetch(stream.playlistUrl(), { headers: { 'Accept-Encoding': 'gzip;q=0' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await packed.text()).toBe(await plain.text())
  })
})

describe('blocking reload (rfc8216bis §6.2.5.2)', () => {
  test('answers when the wanted part exists, not before', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 + 1 + 10)
    let answered = false
    const held = text(stream.playlistUrl('?_HLS_msn=1&_HLS_part=1')).then((playlist) => {
      answered = true
      return playlist
    })
    await untilHeld(stream, 1)
    expect(answered).toBe(false)
    stream.publish(10)
    expect(await held).toContain('chunked/1.1.ts"')
  })

  test('answers a request for a whole segment when it is whole', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 + 31)
    const held = text(stream.playlistUrl('?_HLS_msn=1'))
    await untilHeld(stream, 1)
    stream.publish(40)
    expect(await held).toMatch(/#EXTINF:2.000,live\n[^\n]*chunked\/1\.ts\n/)
  })

  test('takes a part past the end of a segment for the first part of the next', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 + 51)
    const held = text(stream.playlistUrl('?_HLS_msn=1&_HLS_part=6'))
    await untilHeld(stream, 1)
    stream.publish(10)
    await untilHeld(stream, 1)
    stream.publish(10)
    expect(await held).toContain('chunked/2.0.ts"')
  })

  test('holds a reader that asks for the last part of a segment that has just begun, as hls.js does for plain play', async () => {
    await using stream = await startPackagedStream()
    stream.publish(75)
    const held = text(stream.playlistUrl('?_HLS_msn=1&_HLS_part=5'))
    await untilHeld(stream, 1)
    stream.publish(60)
    expect(await held).toContain('chunked/1.5.ts"')
  })

  test('answers at once for media that is past', async () => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    expect(await text(stream.playlistUrl('?_HLS_msn=1&_HLS_part=99'))).toContain('#EXTM3U')
  })

  test('lets the answer go when the stream ends', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const held = text(stream.playlistUrl('?_HLS_msn=2&_HLS_part=0'))
    await untilHeld(stream, 1)
    stream.end()
    expect(await held).toContain('#EXT-X-ENDLIST')
  })

  test('gives up after three target durations', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const held = problem(stream.playlistUrl('?_HLS_msn=2'))
    await untilHeld(stream, 1)
    stream.clock.advance(6_600)
    expect(await held).toEqual({ status: 503, code: 'media_delayed' })
  })

  test.each([
    { query: '?_HLS_msn=9', why: 'a segment too far ahead' },
    { query: '?_HLS_msn=1&_HLS_part=15', why: 'a part more than three seconds ahead (rfc8216bis §6.2.5.2)' },
    { query: '?_HLS_part=1', why: 'a part of no segment' },
    { query: '?_HLS_msn=-1', why: 'a negative number' },
    { query: '?_HLS_msn=1e3', why: 'what is no whole number' },
  ])('refuses $why', async ({ query }) => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    expect(await problem(stream.playlistUrl(query))).toEqual({ status: 400, code: 'invalid_parameter' })
  })

  test('wakes a thousand waiting readers with one change and keeps none of them', async () => {
    await using stream = await startPackagedStream()
    stream.publish(75)
    const readers = Array.from({ length: 1000 }, () => text(stream.playlistUrl('?_HLS_msn=1&_HLS_part=1')))
    await untilHeld(stream, 1000)
    stream.publish(10)
    const playlists = new Set(await Promise.all(readers))
    expect(playlists.size).toBe(1)
    expect(stream.routes.heldConnections).toBe(0)
  })

  test('forgets a reader that leaves', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const leaving = new AbortController()
    const held = fetch(stream.playlistUrl('?_HLS_msn=2'), { signal: leaving.signal })
    await untilHeld(stream, 1)
    leaving.abort()
    await expect(held).rejects.toThrow()
    await untilHeld(stream, 0)
  })

  test.each([
    { kind: 'a held one', between: [] },
    { kind: 'held ones, with answered ones between', between: ['multivariant'] },
  ])('cuts a connection that piles requests behind $kind', async ({ between }) => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    const socket = connect(stream.port, '127.0.0.1')
    const paths = [
      `${new URL(stream.playlistUrl()).pathname}?_HLS_msn=2`,
      ...between.map(() => new URL(stream.playbackUrl).pathname),
    ]
    const lines = paths.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join('')
    socket.on('error', () => undefined)
    // One after the other, so that each is dealt with before the next comes.
    const writing = setInterval(() => socket.write(lines), 5)
    await new Promise((resolve) => socket.once('close', resolve))
    clearInterval(writing)
    await untilHeld(stream, 0)
  })
})

describe('segments and parts', () => {
  test('a segment is its parts in order', async () => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const parts = await Promise.all([0, 1, 2, 3, 4, 5].map((part) => bytes(stream.mediaUrl(`1.${part}`))))
    expect(Buffer.concat(parts)).toEqual(await bytes(stream.mediaUrl('1')))
  })

  test('a hinted part is held until it exists', async () => {
    await using stream = await startPackagedStream()
    stream.publish(72)
    const held = bytes(stream.mediaUrl('1.1'))
    await untilHeld(stream, 1)
    stream.publish(10)
    expect((await held).length).toBeGreaterThan(188)
  })

  test('the open segment arrives while it grows, and equals the whole one', async () => {
    await using stream = await startPackagedStream()
    stream.publish(72)
    const response = await open(stream.mediaUrl('1'))
    const chunks: Buffer[] = []
    response.on('data', (chunk: Buffer) => chunks.push(chunk))
    await expect.poll(() => chunks.length).toBe(1)
    stream.publish(10)
    await expect.poll(() => chunks.length).toBe(2)
    stream.publish(60)
    await new Promise((resolve) => response.once('end', resolve))
    expect(Buffer.concat(chunks)).toEqual(await bytes(stream.mediaUrl('1')))
  })

  test('the next segment is held until it begins', async () => {
    await using stream = await startPackagedStream()
    stream.publish(72)
    const whole = bytes(stream.mediaUrl('2'))
    await untilHeld(stream, 1)
    stream.publish(60)
    await untilHeld(stream, 1)
    stream.publish(60)
    expect(await whole).toEqual(await bytes(stream.mediaUrl('2')))
  })

  test('a segment that just left the playlist can still be fetched, older ones cannot', async () => {
    await using stream = await startPackagedStream()
    stream.publish(60 * 25)
    const first = Number(/MEDIA-SEQUENCE:([0-9]+)/.exec(await text(stream.playlistUrl()))?.[1])
    await bytes(stream.mediaUrl(String(first - 1)))
    expect((await problem(stream.mediaUrl(String(first - 2)))).status).toBe(404)
  })

  test.each([
    { range: 'bytes=0-9', status: 206, from: 0, to: 10 },
    { range: 'bytes=10-', status: 206, from: 10, to: undefined },
    { range: 'bytes=-20', status: 206, from: -20, to: undefined },
    { range: 'bytes=1000-3000', status: 206, from: 1000, to: 3001 },
    { range: 'bytes=5-2', status: 200, from: 0, to: undefined },
    { range: 'bytes=0-1,5-6', status: 200, from: 0, to: undefined },
    { range: 'pages=1-2', status: 200, from: 0, to: undefined },
    { range: 'bytes=99999999-', status: 416, from: 0, to: 0 },
  ])('answers the range $range with $status (RFC 9110 §14.2)', async ({ range, status, from, to }) => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const whole = await bytes(stream.mediaUrl('1'))
    const response = await fetch(stream.mediaUrl('1'), { headers: { Range: range } })
    expect(response.status).toBe(status)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(whole.subarray(from, to))
  })

  test.each(['1', '1.0'])('%s is for shared caches, and not for that of a browser', async (name) => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const { headers } = await fetch(stream.mediaUrl(name))
    expect(headers.get('cache-control')).toBe('public, max-age=0, s-maxage=3600')
    // With a validator browsers would ask whether theirs is still good, and players time an answer without a body.
    expect([headers.get('etag'), headers.get('last-modified')]).toEqual([null, null])
  })

  test.each(['1', '1.0'])('HEAD of %s tells what GET would send, without the body', async (name) => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const whole = await bytes(stream.mediaUrl(name))
    const head = await fetch(stream.mediaUrl(name), { method: 'HEAD' })
    expect(head.headers.get('content-length')).toBe(String(whole.length))
    expect(head.headers.get('content-type')).toBe('video/mp2t')
    expect(await head.text()).toBe('')
  })

  test('a reader that does not read a growing segment is dropped and counted', async () => {
    await using stream = await startPackagedStream({
      pictureBytes: 400_000,
      maxReaderBacklogBytes: 1024 * 1024,
    })
    stream.publish(72)
    const response = await open(stream.mediaUrl('1'))
    response.pause()
    response.on('error', () => undefined)
    stream.publish(50)
    await expect.poll(() => stream.routes.droppedReaders).toBe(1)
    expect(stream.routes.heldConnections).toBe(0)
  })

  test('a reader that takes too long for a whole body is dropped and counted', async () => {
    await using stream = await startPackagedStream({ pictureBytes: 300_000 })
    stream.publish(130)
    const response = await open(stream.mediaUrl('1'))
    response.pause()
    response.on('error', () => undefined)
    stream.clock.advance(29_000)
    expect(stream.routes.droppedReaders).toBe(0)
    stream.clock.advance(3_000)
    expect(stream.routes.droppedReaders).toBe(1)
  })
})

describe('what is not there', () => {
  test('an offline channel is 404 in the documented form', async () => {
    await using stream = await startPackagedStream()
    expect(await problem(stream.playbackUrl)).toEqual({ status: 404, code: 'transcode_does_not_exist' })
  })

  test('an ended stream keeps its tail for the length of the window, then nothing', async () => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    stream.end()
    expect((await problem(stream.playbackUrl)).status).toBe(404)
    await text(stream.playlistUrl())
    stream.clock.advance(30_000)
    expect((await problem(stream.playlistUrl())).status).toBe(404)
  })

  test.each([
    '/v1/segment/st-x/chunked/0.ts',
    '/v1/segment/../../etc/passwd',
    '/v1/playlist/st-AbCdEfGhIjKlMnOpQrStUvW/other.m3u8',
    '/v1/segment/st-AbCdEfGhIjKlMnOpQrStUvW/chunked/init-0.1.mp4',
    '/v1/segment/st-AbCdEfGhIjKlMnOpQrStUvW/chunked/999999999.ts',
    '/v1/segment/st-AbCdEfGhIjKlMnOpQrStUvW/chunked/0.99.ts',
    '/v1/',
  ])('%s is 404', async (path) => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const response = await raw(stream, { path })
    expect(response.statusCode).toBe(404)
  })

  test('other methods are refused, preflights are answered', async () => {
    await using stream = await startPackagedStream()
    stream.publish(100)
    expect((await problem(stream.playlistUrl(), { method: 'POST' })).status).toBe(405)
    const preflight = await fetch(stream.playlistUrl(), { method: 'OPTIONS' })
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, HEAD, OPTIONS')
  })
})

function open(url: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest(url, { agent: false }, resolve).once('error', reject).end()
  })
}
