/**
 * Viewing sessions over real sockets: what a private channel gives, to whom, and when it stops (reference ivs-behaviour
 * §6.2, §6.4, §7, §8).
 */
import { createSecretKey, randomBytes } from 'node:crypto'
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ViewerRules } from '../../src/domain/viewer-access.ts'
import { GrantingAccess } from '../harness/viewer-access.ts'
import {
  fixedSessionKeys,
  startPackagedStream,
  type PackagedStream,
  type PackagedStreamOptions,
} from '../harness/packaged-stream.ts'
import { RecordingLogger } from '../harness/recording-logger.ts'

const PRIVATE = { authorized: true }
const PAGE = 'https://watch.example.com'
const INVALID = { status: 403, code: 'invalid_playback_auth_token' }
const REFUSED = { status: 403, code: 'playback_auth_error' }

type Watched = { readonly stream: PackagedStream; readonly access: GrantingAccess }

/** A private stream with a few segments, to whose viewers `rules` apply. */
async function startPrivate(
  rules: ViewerRules = {},
  options: PackagedStreamOptions = {},
): Promise<Watched & AsyncDisposable> {
  const access = new GrantingAccess(rules)
  const stream = await startPackagedStream({ channel: PRIVATE, ...options, access })
  stream.publish(200)
  return { stream, access, [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose]() }
}

async function problem(url: string, init: RequestInit = {}): Promise<{ status: number; code: unknown }> {
  const response = await fetch(url, init)
  const [first] = (await response.json()) as [Record<string, unknown>]
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(response.headers.get('access-control-allow-origin')).toBe('*')
  return { status: response.status, code: first['error_code'] }
}

async function text(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers })
  expect(response.status).toBe(200)
  return response.text()
}

/** The media playlist's URL of a new session. */
async function openSession(stream: PackagedStream, headers: Record<string, string> = {}): Promise<string> {
  const playlist = await text(`${stream.playbackUrl}?token=secret.token.text`, headers)
  const uri = playlist.split('\n').find((line) => line.includes('.m3u8')) ?? ''
  return new URL(uri, stream.playbackUrl).href
}

/** Every URL in a media playlist, as players resolve it. */
function urlsOf(playlist: string, playlistUrl: string): string[] {
  const uris = playlist.split('\n').flatMap((line) => {
    if (line.startsWith('#EXT-X-PREFETCH:')) return [line.slice('#EXT-X-PREFETCH:'.length)]
    if (!line.startsWith('#')) return line === '' ? [] : [line]
    return /URI="([^"]*)"/.exec(line)?.slice(1) ?? []
  })
  return uris.map((uri) => new URL(uri, playlistUrl).href)
}

/** The same request of another session. */
function withSession(url: string, sessionId: string): string {
  return url.replace(/\/v1\/s\/[^/]+/, `/v1/s/${sessionId}`)
}

function sessionOf(url: string): string {
  return /\/v1\/s\/([^/]+)/.exec(url)?.[1] ?? ''
}

async function untilHeld(stream: PackagedStream, count: number): Promise<void> {
  await expect.poll(() => stream.routes.heldConnections, { timeout: 5000 }).toBe(count)
}

function raw(stream: PackagedStream, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: stream.port, agent: false, ...options }, resolve)
      .once('error', reject)
      .end()
  })
}

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

describe('a revoked viewer', () => {
  const VIEWER = { viewerId: 'viewer-ü', viewerSessionVersion: Number.MAX_SAFE_INTEGER }

  async function startRevocable(): Promise<Watched & AsyncDisposable & { readonly revoke: () => void }> {
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

describe('the decision', () => {
  test('that refuses is passed on as it is', async () => {
    const refusal = { status: 403, code: 'playback_auth_error', message: 'token was used already' } as const
    const authorize = (): Promise<{ kind: 'refused' } & typeof refusal> =>
      Promise.resolve({ kind: 'refused', ...refusal })
    await using stream = await startPackagedStream({ channel: PRIVATE, access: { authorize } })
    stream.publish(200)
    const response = await fetch(`${stream.playbackUrl}?player_version=1&token=secret`)
    expect(response.status).toBe(403)
    const path = new URL(stream.playbackUrl).pathname
    expect(await response.json()).toEqual([
      {
        url: `${path}?player_version=1&token=***`,
        error: 'token was used already',
        error_code: 'playback_auth_error',
        type: 'error',
      },
    ])
  })

  test('that fails or does not come refuses, and the log holds no token', async () => {
    const logger = new RecordingLogger()
    const answers = [
      () => Promise.reject(new Error('no database')),
      () => new Promise<never>(() => undefined),
    ]
    const access = { authorize: () => answers.shift()?.() ?? Promise.reject(new Error('asked too often')) }
    await using stream = await startPackagedStream({ channel: PRIVATE, access, logger })
    stream.publish(200)
    const url = `${stream.playbackUrl}?token=secret`
    const unavailable = { status: 503, code: 'playback_auth_unavailable' }
    expect(await problem(url)).toEqual(unavailable)
    const late = problem(url)
    await untilHeld(stream, 1)
    stream.clock.advance(5_000)
    expect(await late).toEqual(unavailable)
    expect(JSON.stringify(logger.lines)).not.toContain('secret')
    expect(logger.lines.map((line) => line.sentence)).toEqual(['authorization of a viewer failed'])
  })

  test('that comes after the end of the stream opens nothing', async () => {
    const decision = Promise.withResolvers<{ kind: 'granted'; rules: ViewerRules }>()
    await using stream = await startPackagedStream({ access: { authorize: () => decision.promise } })
    stream.publish(200)
    const answer = problem(stream.playbackUrl)
    await untilHeld(stream, 1)
    stream.end()
    decision.resolve({ kind: 'granted', rules: {} })
    expect(await answer).toEqual({ status: 404, code: 'transcode_does_not_exist' })
  })

  test('for a viewer who left is dropped', async () => {
    const decision = Promise.withResolvers<{ kind: 'granted'; rules: ViewerRules }>()
    const logger = new RecordingLogger()
    await using stream = await startPackagedStream({ access: { authorize: () => decision.promise }, logger })
    stream.publish(200)
    const socket = connect(stream.port, '127.0.0.1')
    socket.write(`GET ${new URL(stream.playbackUrl).pathname} HTTP/1.1\r\nHost: x\r\n\r\n`)
    await untilHeld(stream, 1)
    socket.destroy()
    await new Promise((resolve) => setImmediate(resolve))
    decision.resolve({ kind: 'granted', rules: {} })
    await untilHeld(stream, 0)
    expect(logger.lines).toEqual([])
  })
})

describe('what is shown of a request', () => {
  test.each([
    ['token=secret', 'token=***'],
    ['x=1&token=secret&y=2', 'x=1&token=***&y=2'],
    ['%74oken=secret', 'token=***'],
    ['token=secret&token=secret', 'token=***&token=***'],
    ['vs=secret', 'vs=***'],
    ['tok=en', 'tok=en'],
  ])('?%s comes back as ?%s', async (query, shown) => {
    await using stream = await startPackagedStream()
    const [first] = (await (await fetch(`${stream.playbackUrl}?${query}`)).json()) as [{ url: string }]
    expect(first.url.split('?')[1]).toBe(shown)
  })

  test('a session id in the path does not come back', async () => {
    await using watched = await startPrivate({ viewerId: 'v' })
    const url = await openSession(watched.stream)
    const gone = url.replace(/\/playlist\/.*/, `/segment/${watched.stream.streamId}/chunked/999999999.ts`)
    const body = await (await fetch(gone)).text()
    expect(body).not.toContain(sessionOf(url))
    expect(body).toContain('/v1/s/***/segment/')
  })

  test.each([
    '/v1/s/../../etc/passwd',
    '/v1/s/x/playlist/..%2f..%2fetc/passwd.m3u8',
    '/v1/s/x/segment/st-AbCdEfGhIjKlMnOpQrStUvW/chunked/../../../1.ts',
    '/v1/s/x/segment/st-AbCdEfGhIjKlMnOpQrStUvW/chunked/1.ts%00.m3u8',
    '/v1/s/x/s/y/playlist/st-AbCdEfGhIjKlMnOpQrStUvW/chunked.m3u8',
    '//v1/s/x/playlist/st-AbCdEfGhIjKlMnOpQrStUvW/chunked.m3u8',
    '/v1/s/x',
    '/v1/s/',
  ])('%s leads nowhere', async (path) => {
    await using watched = await startPrivate()
    const answer = await raw(watched.stream, { path })
    expect([404, 418]).toContain(answer.statusCode)
    answer.resume()
  })

  test('an origin with odd bytes is refused without harm', async () => {
    await using watched = await startPrivate({ strictOrigins: ['*'] })
    const url = new URL(await openSession(watched.stream, { Origin: PAGE }))
    const socket = connect(watched.stream.port, '127.0.0.1')
    socket.write(
      `GET ${url.pathname} HTTP/1.1\r\nHost: x\r\nOrigin: a\xff\tb\r\nConnection: close\r\n\r\n`,
      'latin1',
    )
    const answer = await new Promise<string>((resolve) => {
      let received = ''
      socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
      socket.once('close', () => resolve(received))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400|403) /)
  })
})
