/**
 * A real HTTP cache between viewers and the server: it may keep what does not change, and nothing else.
 */
import { expect, test } from 'vitest'
import { startNginxCache } from '../harness/nginx-cache.ts'
import { startPackagedStream, type PackagedStream } from '../harness/packaged-stream.ts'
import { GrantingAccess } from '../harness/viewer-access.ts'

type Cached = { readonly status: number; readonly cache: string | null; readonly text: string }

async function get(url: string): Promise<Cached> {
  const response = await fetch(url)
  return { status: response.status, cache: response.headers.get('x-cache'), text: await response.text() }
}

function through(cacheUrl: string, url: string): string {
  const { pathname, search } = new URL(url)
  return cacheUrl + pathname + search
}

async function untilHeld(stream: PackagedStream, count: number): Promise<void> {
  await expect.poll(() => stream.routes.heldConnections, { timeout: 5000 }).toBe(count)
}

test('keeps segments and parts, which never change', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''))
  stream.publish(200)
  for (const name of ['1', '1.2']) {
    const first = await get(through(cache.url, stream.mediaUrl(name)))
    const second = await get(through(cache.url, stream.mediaUrl(name)))
    expect([first.cache, second.cache]).toEqual(['MISS', 'HIT'])
    expect(second.text).toBe(first.text)
  }
})

test('keeps a segment that was asked for while it grew only as the whole one', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''))
  stream.publish(72)
  const growing = get(through(cache.url, stream.mediaUrl('1')))
  await untilHeld(stream, 1)
  stream.publish(60)
  const first = await growing
  const second = await get(through(cache.url, stream.mediaUrl('1')))
  expect(second.cache).toBe('HIT')
  expect(second.text).toBe(first.text)
  expect(second.text).toBe((await get(stream.mediaUrl('1'))).text)
})

test('asks the server once for a hundred viewers who wait for the same part', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''))
  stream.publish(75)
  const url = through(cache.url, stream.playlistUrl('?_HLS_msn=1&_HLS_part=1'))
  const viewers = Array.from({ length: 100 }, () => get(url))
  await untilHeld(stream, 1)
  stream.publish(10)
  const answers = await Promise.all(viewers)
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1)
  expect(answers[0]?.text).toContain('chunked/1.1.ts"')
  expect(answers.filter((answer) => answer.cache === 'MISS')).toHaveLength(1)
})

test('never answers one blocking request with what another one asked for', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''))
  stream.publish(75)
  for (const part of [0, 1, 2, 3]) {
    const held = get(through(cache.url, stream.playlistUrl(`?_HLS_msn=1&_HLS_part=${part}`)))
    stream.publish(10)
    expect((await held).text).toContain(`chunked/1.${part}.ts"`)
  }
})

test('keeps no answer for an offline channel and no multivariant playlist', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''))
  expect((await get(through(cache.url, stream.playbackUrl))).status).toBe(404)
  stream.publish(200)
  for (let i = 0; i < 2; i++) {
    const answer = await get(through(cache.url, stream.playbackUrl))
    expect([answer.status, answer.cache]).toEqual([200, 'MISS'])
  }
})

test('serves compressed and plain playlists each to who asked for them', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''))
  stream.publish(200)
  const url = through(cache.url, stream.playlistUrl('?_HLS_msn=1'))
  const packed = await fetch(url, { headers: { 'Accept-Encoding': 'gzip' } })
  const plain = await fetch(url, { headers: { 'Accept-Encoding': 'identity' } })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  expect(plain.headers.get('content-encoding')).toBeNull()
  expect(await packed.text()).toBe(await plain.text())
})

/** The media playlist's URL of a new session, as the cache knows it. */
async function openSession(stream: PackagedStream, cacheUrl: string): Promise<string> {
  const { text } = await get(through(cacheUrl, stream.playbackUrl))
  return cacheUrl + (text.split('\n').find((line) => line.includes('/v1/')) ?? '')
}

/** As the guide to playing tells operators to write it. */
const KEY_WITHOUT_SESSION = '$uri?$arg__hls_msn&$arg__hls_part&$arg__hls_skip'

test('keeps one playlist for the sessions of all viewers when its key leaves the session out', async () => {
  await using stream = await startPackagedStream()
  await using cache = await startNginxCache(stream.url(''), { cacheKey: KEY_WITHOUT_SESSION })
  stream.publish(75)
  const [one, two] = [await openSession(stream, cache.url), await openSession(stream, cache.url)]
  expect(one).not.toBe(two)
  for (const part of [1, 2]) {
    const query = `&_HLS_msn=1&_HLS_part=${part}`
    const held = [get(one + query), get(two + query)]
    await untilHeld(stream, 1)
    stream.publish(10)
    const answers = await Promise.all(held)
    expect(answers.map((answer) => answer.cache).sort()).toEqual(['HIT', 'MISS'])
    expect(answers[0]?.text).toContain(`chunked/1.${part}.ts"`)
    expect(answers[0]?.text).toBe(answers[1]?.text)
  }
})

test('keeps nothing of a private channel', async () => {
  await using stream = await startPackagedStream({
    channel: { authorized: true },
    access: new GrantingAccess({ viewerId: 'v' }),
  })
  await using cache = await startNginxCache(stream.url(''))
  stream.publish(200)
  const playlist = await openSession(stream, cache.url)
  const segment = playlist.replace(/playlist\/(.*)\.m3u8/, 'segment/$1/1.ts')
  for (const url of [playlist, segment, playlist, segment]) {
    const answer = await get(url)
    expect([answer.status, answer.cache]).toEqual([200, 'MISS'])
  }
})
