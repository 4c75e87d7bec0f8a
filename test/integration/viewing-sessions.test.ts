/**
 * Viewing sessions over real sockets: what a private channel gives, to whom, and when it stops (reference ivs-behaviour
 * §6.2, §6.4, §7, §8).
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { problem, raw, text, untilHeld } from '../harness/media-requests.ts'
import { fixedSessionKeys, startPackagedStream } from '../harness/packaged-stream.ts'
import {
  INVALID,
  openSession,
  PAGE,
  PRIVATE,
  sessionOf,
  startPrivate,
  urlsOf,
  withSession,
} from '../harness/private-stream.ts'
import { GrantingAccess } from '../harness/viewer-access.ts'

describe('a private channel', () => {
  test('gives nothing to whoever shows no session, of any kind of request', async () => {
    await using watched = await startPrivate()
    const { stream } = watched
    for (const url of [
      stream.playlistUrl(),
      stream.mediaUrl('1'),
      stream.mediaUrl('1.0'),
      stream.mediaUrl('9'),
    ]) {
      expect(await problem(url)).toEqual(INVALID)
      expect((await fetch(url, { method: 'HEAD' })).status).toBe(403)
      expect(await problem(url, { headers: { Range: 'bytes=0-9' } })).toEqual(INVALID)
    }
  })

  test.each(['TS', 'FRAGMENTED_MP4'] as const)(
    'in %s plays to an authorized viewer by URLs that all carry his session and never the token',
    async (containerFormat) => {
      const channel = { ...PRIVATE, containerFormat }
      await using watched = await startPrivate({}, { channel })
      const { stream } = watched
      const playlistUrl = await openSession(stream)
      const playlist = await text(playlistUrl)
      const urls = urlsOf(playlist, playlistUrl)
      expect(urls.length).toBeGreaterThan(20)
      const root = stream.url(`/v1/s/${sessionOf(playlistUrl)}/`)
      expect(urls.filter((url) => !url.startsWith(root))).toEqual([])
      expect([playlist, ...urls].filter((one) => one.includes('secret'))).toEqual([])
      const answers = urls.map((url) =>
        fetch(url).then(async (answer) => [answer.status, await answer.blob()]),
      )
      await untilHeld(stream, 3)
      stream.publish(130)
      const statuses = (await Promise.all(answers)).map(([status]) => status)
      expect(new Set(statuses)).toEqual(new Set([200]))
    },
  )

  test('sends the same playlist to each viewer, to be kept by nobody else', async () => {
    await using watched = await startPrivate()
    const first = await openSession(watched.stream)
    const second = await openSession(watched.stream)
    expect(first).not.toBe(second)
    expect(await text(first)).toBe(await text(second))
    for (const url of [first, ...urlsOf(await text(first), first).slice(0, 3)]) {
      const { headers } = await fetch(url)
      expect(headers.get('cache-control')).toMatch(/^private,/)
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  test('asks with token, origin and address, once for each multivariant request and for nothing else', async () => {
    await using watched = await startPrivate()
    const url = await openSession(watched.stream, { Origin: PAGE })
    await text(url, { Origin: PAGE })
    expect(watched.access.requests).toEqual([
      expect.objectContaining({ token: 'secret.token.text', origin: PAGE, viewerAddress: '127.0.0.1' }),
    ])
  })

  test('answers ranges and HEAD of its sessions as a public one does', async () => {
    await using watched = await startPrivate()
    const playlistUrl = await openSession(watched.stream)
    const [segment = ''] = urlsOf(await text(playlistUrl), playlistUrl).filter((url) => url.endsWith('/1.ts'))
    const range = await fetch(segment, { headers: { Range: 'bytes=5-9' } })
    expect([range.status, (await range.arrayBuffer()).byteLength]).toEqual([206, 5])
    expect((await fetch(segment, { method: 'HEAD' })).status).toBe(200)
  })
})

describe('a session id', () => {
  const CHANGES: readonly [string, (id: string) => string][] = [
    ['cut short', (id) => id.slice(0, -1)],
    ['cut to almost nothing', (id) => id.slice(0, 5)],
    ['longer by a character', (id) => `${id}A`],
    ['with another first byte', (id) => `B${id.slice(1)}`],
    [
      'with another byte in the middle',
      (id) => id.slice(0, 20) + (id[20] === 'A' ? 'B' : 'A') + id.slice(21),
    ],
    ['with another last byte', (id) => id.slice(0, -2) + (id.at(-2) === 'A' ? 'B' : 'A') + id.slice(-1)],
    ['with spare bits at the end', (id) => id.slice(0, -1) + (id.endsWith('9') ? '8' : '9')],
    ['of random bytes', () => randomBytes(38).toString('base64url')],
    ['of zeros', () => 'A'.repeat(51)],
    ['of two thousand characters', () => 'A'.repeat(2000)],
  ]
  test.each(CHANGES)('%s opens nothing', async (_what, change) => {
    await using watched = await startPrivate()
    const url = await openSession(watched.stream)
    const changed = change(sessionOf(url))
    expect(changed).not.toBe(sessionOf(url))
    expect(await problem(withSession(url, changed))).toEqual(INVALID)
  })

  test.each([
    ['with characters that are not base64url', 'ab+c=='],
    ['that is empty', ''],
    ['that is longer than any', 'A'.repeat(3000)],
    ['that climbs', '..'],
    ['with an encoded slash', 'a%2Fb'],
    ['with a line feed', 'a%0D%0ASet-Cookie:x'],
  ])('%s makes the path one that does not exist', async (_what, id) => {
    await using watched = await startPrivate()
    const path = `/v1/s/${id}/playlist/${watched.stream.streamId}/chunked.m3u8`
    const answer = await raw(watched.stream, { path })
    expect(answer.statusCode).toBe(404)
    expect(Object.keys(answer.headers)).not.toContain('set-cookie')
    answer.resume()
  })

  test('of one stream opens nothing of another', async () => {
    const sessionKeys = fixedSessionKeys()
    await using one = await startPrivate({}, { sessionKeys })
    const streamId = 'st-ZZZZZZZZZZZZZZZZZZZZZZZ'
    await using other = await startPrivate({}, { sessionKeys, streamId })
    const [mine, theirs] = [await openSession(one.stream), await openSession(other.stream)]
    await text(theirs)
    expect(await problem(withSession(theirs, sessionOf(mine)))).toEqual(INVALID)
    for (const url of urlsOf(await text(theirs), theirs).slice(0, 2)) {
      expect(await problem(withSession(url, sessionOf(mine)))).toEqual(INVALID)
    }
  })

  test('signed with another key of the same day opens nothing', async () => {
    await using one = await startPrivate()
    await using other = await startPrivate()
    const url = await openSession(one.stream)
    expect(await problem(withSession(url, sessionOf(await openSession(other.stream))))).toEqual(INVALID)
  })

  test('opens nothing once its key is gone, and works after a rotation that kept it', async () => {
    const old = { day: 1, secret: createSecretKey(randomBytes(32)) }
    const fresh = { day: 2, secret: createSecretKey(randomBytes(32)) }
    const keys = {
      current: old,
      kept: [old, fresh],
      find: (day: number) => keys.kept.find((key) => key.day === day),
    }
    await using watched = await startPrivate({}, { sessionKeys: keys })
    const [url, unseen] = [await openSession(watched.stream), await openSession(watched.stream)]
    keys.current = fresh
    await text(url)
    await text(await openSession(watched.stream))
    keys.kept = [fresh]
    expect(await problem(unseen)).toEqual(INVALID)
  })

  test('ends after 48 hours', async () => {
    await using watched = await startPrivate()
    const url = await openSession(watched.stream)
    watched.stream.clock.advance(48 * 60 * 60 * 1000 - 2000)
    await text(url)
    watched.stream.clock.advance(2000)
    expect(await problem(url)).toEqual(INVALID)
  })

  test('opens nothing of a public stream either when it is wrong', async () => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const path = `/v1/s/${'A'.repeat(51)}/segment/${stream.streamId}/chunked/1.ts`
    expect(await problem(stream.url(path))).toEqual(INVALID)
  })
})

describe('a public channel', () => {
  test('keeps its shared URLs, with the session as an argument that changes nothing', async () => {
    await using stream = await startPackagedStream()
    stream.publish(200)
    const url = await openSession(stream)
    expect(url).toMatch(/\/v1\/playlist\/[^/]+\/chunked\.m3u8\?vs=[A-Za-z0-9_-]+$/)
    expect(await text(url)).toBe(await text(stream.playlistUrl()))
    expect(await text(url)).not.toContain('vs=')
    await text(`${stream.playlistUrl()}?vs=forged`)
  })

  test('holds a viewer with rules of his own to them, and leaves the others their shared URLs', async () => {
    const access = new GrantingAccess({ viewerId: 'v', viewerSessionVersion: 1 }, { guarded: false })
    await using stream = await startPackagedStream({ access })
    stream.publish(200)
    const url = await openSession(stream)
    await text(url)
    access.revoke(stream.channel.arn, 'v', 1)
    expect(await problem(url)).toEqual(INVALID)
    await text(stream.playlistUrl())
  })
})
