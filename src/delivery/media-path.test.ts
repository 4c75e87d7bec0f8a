import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  countedPlaylistPath,
  initUri,
  parseMediaPath,
  partUri,
  playlistPath,
  RELATIVE_ROOT,
  segmentUri,
  sessionArgument,
  sessionRoot,
  sharedRoot,
  withoutSessionId,
} from './media-path.ts'

const STREAM = { streamId: 'st-AbCdEfGhIjKlMnOpQrStUvW', rendition: 'chunked', container: 'TS' } as const
const ORIGIN = 'http://host'

const address = fc.record({
  streamId: fc.stringMatching(/^st-[a-zA-Z0-9]{1,64}$/),
  rendition: fc.stringMatching(/^[a-z0-9_]{1,32}$/),
  container: fc.constantFrom('TS' as const, 'FRAGMENTED_MP4' as const),
})
const guidedBy = fc.option(
  fc.record({
    accountHash: fc.stringMatching(/^[0-9a-f]{40}$/),
    configurationName: fc.string({ minLength: 1, maxLength: 100, unit: 'grapheme' }),
  }),
  { nil: undefined },
)
const sessionId = fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,100}$/), { nil: undefined })

test('what is printed is parsed as what it was', () => {
  fc.assert(
    fc.property(
      address,
      sessionId,
      guidedBy,
      fc.nat(999_999_999),
      fc.nat(999_999),
      (one, id, by, number, part) => {
        const root = id === undefined ? sharedRoot('') : sessionRoot('', id, by)
        const at = { ...one, root }
        const common = { sessionId: id, streamId: one.streamId, rendition: one.rendition }
        expect(parseMediaPath(playlistPath(at))).toEqual({ kind: 'playlist', ...common })
        expect(parseMediaPath(segmentUri(at, number))).toEqual({ kind: 'segment', ...common, msn: number })
        expect(parseMediaPath(partUri(at, number, part))).toEqual({
          kind: 'part',
          ...common,
          msn: number,
          part,
        })
        expect(parseMediaPath(initUri(at, number))).toEqual({ kind: 'init', ...common, initId: number })
      },
    ),
  )
})

test('relative to a playlist of a session, media is below the root of that session', () => {
  const configuration = { accountHash: '0'.repeat(40), configurationName: 'my ads / ü' }
  for (const root of [
    sessionRoot('', 'abc'),
    sessionRoot('/video/live', 'abc'),
    sessionRoot('', 'abc', configuration),
  ]) {
    const base = ORIGIN + playlistPath({ ...STREAM, root })
    const relative = { ...STREAM, root: RELATIVE_ROOT }
    const resolved = [
      segmentUri(relative, 3),
      partUri(relative, 3, 1),
      initUri(relative, 0),
      playlistPath({ ...relative, rendition: '720p30' }),
    ].map((uri) => new URL(uri, base).href)
    expect(resolved).toEqual([
      ORIGIN + segmentUri({ ...STREAM, root }, 3),
      ORIGIN + partUri({ ...STREAM, root }, 3, 1),
      ORIGIN + initUri({ ...STREAM, root }, 0),
      ORIGIN + playlistPath({ ...STREAM, root, rendition: '720p30' }),
    ])
  }
})

test('the session of a counted playlist is read among other arguments', () => {
  const [, query = ''] = countedPlaylistPath({ ...STREAM, root: '/v1' }, 'a-b_c').split('?')
  expect(sessionArgument(query)).toBe('a-b_c')
  expect(sessionArgument(`${query}&_HLS_msn=3`)).toBe('a-b_c')
  expect(sessionArgument(`_HLS_msn=3&${query}`)).toBe('a-b_c')
  expect(sessionArgument('tvs=abc')).toBeUndefined()
  expect(sessionArgument('vs=a b')).toBeUndefined()
  expect(sessionArgument('')).toBeUndefined()
})

test.each([
  ['/v1/s/abc/playlist/st-a/x.m3u8', '/v1/s/***/playlist/st-a/x.m3u8'],
  ['/v1/s/abc', '/v1/s/***'],
  [`/v1/i-media/${'0'.repeat(40)}/b/abc/segment/1`, `/v1/i-media/${'0'.repeat(40)}/b/***/segment/1`],
  ['/v1/playlist/st-a/x.m3u8', '/v1/playlist/st-a/x.m3u8'],
])('%s is shown as %s', (path, shown) => {
  expect(withoutSessionId(path)).toBe(shown)
})

test('no path makes the parser throw or gives a name with anything else than letters in it', () => {
  const bits = fc.constantFrom(
    '/v1',
    '/s/',
    `/i-media/${'0'.repeat(40)}/`,
    'segment/',
    'playlist/',
    'st-a',
    '/',
    '..',
    '%2f',
    '.ts',
    '.m3u8',
    '1',
    '\n',
    '\0',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.array(bits, { maxLength: 12 }).map((some) => some.join('')),
      ),
      (path) => {
        const parsed = parseMediaPath(path)
        if (!parsed || parsed.kind === 'multivariant') return
        expect(parsed.streamId).toMatch(/^st-[a-zA-Z0-9]+$/)
        expect(parsed.rendition).toMatch(/^[a-z0-9_]+$/)
      },
    ),
  )
})

test.each([
  '/v1/playlist/st-a/chunked.m3u8\n',
  '/v1/s//playlist/st-a/chunked.m3u8',
  '/v1/s/a/b/playlist/st-a/chunked.m3u8',
  '/v1/s/a/playlist/st-a/chunked.m3u8/',
  '/v1/s/a=/playlist/st-a/chunked.m3u8',
  '/v1/i-media/a/b/c/playlist/st-a/chunked.m3u8',
  `/v1/i-media/${'0'.repeat(40)}//c/playlist/st-a/chunked.m3u8`,
  `/v1/i-media/${'0'.repeat(40)}/b/playlist/st-a/chunked.m3u8`,
  `/v1/s/${'a'.repeat(2561)}/playlist/st-a/chunked.m3u8`,
])('%j is no media path', (path) => {
  expect(parseMediaPath(path)).toBeUndefined()
})
