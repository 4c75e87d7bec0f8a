/**
 * Rules that hold for every request of a viewing session: revocation, origin, size.
 */
import { describe, expect, test } from 'vitest'
import { problem, text, untilHeld } from '../harness/media-requests.ts'
import { startPackagedStream } from '../harness/packaged-stream.ts'
import {
  INVALID,
  openSession,
  PAGE,
  PRIVATE,
  REFUSED,
  sessionOf,
  startPrivate,
  urlsOf,
  type WatchedStream,
} from '../harness/private-stream.ts'
import { GrantingAccess } from '../harness/viewer-access.ts'

describe('a revoked viewer', () => {
  const VIEWER = { viewerId: 'viewer-ü', viewerSessionVersion: Number.MAX_SAFE_INTEGER }

  async function startRevocable(): Promise<
    WatchedStream & AsyncDisposable & { readonly revoke: () => void }
  > {
    const watched = await startPrivate(VIEWER)
    const { stream, access } = watched
    const revoke = (): void => access.revoke(stream.channel.arn, VIEWER.viewerId, VIEWER.viewerSessionVersion)
    return { ...watched, revoke, [Symbol.asyncDispose]: () => watched[Symbol.asyncDispose]() }
  }

  test('gets nothing more, of any kind', async () => {
    await using watched = await startRevocable()
    const url = await openSession(watched.stream)
    const urls = [url, ...urlsOf(await text(url), url)]
    watched.revoke()
    for (const one of urls) expect(await problem(one)).toEqual(INVALID)
  })

  test('is refused when a held playlist and a held part could be sent', async () => {
    await using watched = await startRevocable()
    const { stream } = watched
    const url = await openSession(stream)
    const hint = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(await text(url))?.[1] ?? ''
    const held = [problem(`${url}?_HLS_msn=3&_HLS_part=3`), problem(new URL(hint, url).href)]
    await untilHeld(stream, 2)
    watched.revoke()
    stream.publish(40)
    expect(await Promise.all(held)).toEqual([INVALID, INVALID])
  })

  test('loses a segment that is growing at its next part', async () => {
    await using watched = await startRevocable()
    const { stream } = watched
    const url = await openSession(stream)
    const prefetch = /#EXT-X-PREFETCH:(.*)/.exec(await text(url))?.[1] ?? ''
    const response = await fetch(new URL(prefetch, url))
    const body = response.text()
    watched.revoke()
    stream.publish(20)
    await expect(body).rejects.toThrow()
    expect(stream.routes.heldConnections).toBe(0)
  })

  test('takes nobody else along', async () => {
    await using watched = await startPrivate(VIEWER)
    const url = await openSession(watched.stream)
    watched.access.revoke(watched.stream.channel.arn, 'another', VIEWER.viewerSessionVersion)
    watched.access.revoke('arn:another', VIEWER.viewerId, VIEWER.viewerSessionVersion)
    await text(url)
  })
})

describe('a strict origin', () => {
  const STRICT = { strictOrigins: [PAGE, 'https://*.example.org'] }

  test('is wanted of every request, and no other will do', async () => {
    await using watched = await startPrivate(STRICT)
    const headers = { Origin: PAGE }
    const playlistUrl = await openSession(watched.stream, headers)
    const urls = [playlistUrl, ...urlsOf(await text(playlistUrl, headers), playlistUrl).slice(0, 4)]
    for (const url of urls) {
      const allowed = await fetch(url, { headers })
      expect(allowed.status).toBe(200)
      expect(allowed.headers.get('access-control-allow-origin')).toBe(PAGE)
      expect(allowed.headers.get('vary')).toContain('Origin')
      const absent = await fetch(url)
      expect([absent.status, absent.headers.get('content-type'), await absent.text()]).toEqual([
        403,
        'text/plain; charset=utf-8',
        'origin required',
      ])
      expect(await problem(url, { headers: { Origin: 'https://evil.example.com' } })).toEqual(REFUSED)
      expect(await problem(url, { headers: { Origin: 'null' } })).toEqual(REFUSED)
      expect((await fetch(url, { headers: { Origin: 'https://a.example.org' } })).status).toBe(200)
    }
  })

  test('of a public stream closes the shared URLs', async () => {
    await using stream = await startPackagedStream({ access: new GrantingAccess(STRICT) })
    stream.publish(200)
    const url = await openSession(stream, { Origin: PAGE })
    expect(sessionOf(url)).not.toBe('')
    await text(url, { Origin: PAGE })
    expect(await problem(stream.mediaUrl('1'), { headers: { Origin: PAGE } })).toEqual(INVALID)
  })

  test('with the longest rules a token can hold still makes a session', async () => {
    const strictOrigins = Array.from({ length: 5 }, (_, n) => `https://${'a'.repeat(250)}${n}.example.com`)
    const rules = { strictOrigins, viewerId: '☃'.repeat(40), viewerSessionVersion: -1 }
    await using watched = await startPrivate(rules)
    const headers = { Origin: strictOrigins[4] ?? '' }
    await text(await openSession(watched.stream, headers), headers)
  })
})

describe('a maximum resolution', () => {
  const FULL_HD = { width: 1920, height: 1080, frameRate: 30, hasAudio: true }
  const LADDER = ['chunked', '720p30', '480p30', '360p30', '160p30']

  test.each([
    { maximumResolution: 'SD', allowed: ['480p30', '360p30', '160p30', 'audio_only'] },
    { maximumResolution: 'HD', allowed: ['720p30', '480p30', '360p30', '160p30', 'audio_only'] },
    { maximumResolution: 'FULL_HD', allowed: [...LADDER, 'audio_only'] },
  ] as const)(
    '$maximumResolution is told of and given nothing larger',
    async ({ maximumResolution, allowed }) => {
      const channel = { ...PRIVATE, type: 'STANDARD' } as const
      await using watched = await startPrivate({ maximumResolution }, { channel, ladder: FULL_HD })
      const { stream } = watched
      const playlist = await text(`${stream.playbackUrl}?token=x&allow_audio_only=true`)
      const uris = playlist.split('\n').filter((line) => line.includes('.m3u8'))
      const names = uris.map((uri) => /([a-z0-9_]+)\.m3u8$/.exec(uri)?.[1] ?? '')
      expect(names).toEqual(allowed)
      const first = new URL(uris[0] ?? '', stream.playbackUrl).href
      for (const name of LADDER) {
        const status = (allowed as readonly string[]).includes(name) ? 200 : 403
        const url = first.replace(/[a-z0-9_]+\.m3u8$/, `${name}.m3u8`)
        expect([name, (await fetch(url)).status]).toEqual([name, status])
        const segment = url.replace('/playlist/', '/segment/').replace('.m3u8', '/1.ts')
        expect([name, (await fetch(segment)).status]).toEqual([name, status])
      }
    },
  )

  test('below everything there is gives nothing', async () => {
    const channel = { ...PRIVATE, type: 'BASIC' } as const
    await using watched = await startPrivate({ maximumResolution: 'SD' }, { channel, ladder: FULL_HD })
    expect(await problem(`${watched.stream.playbackUrl}?token=x`)).toEqual(REFUSED)
  })
})
