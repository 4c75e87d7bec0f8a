/**
 * The decision about a new viewer as delivery sees it: when it refuses, fails or comes too late, and what it is shown.
 */
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import type { ViewerRules } from '../../src/domain/viewer-access.ts'
import { problem, raw, untilHeld } from '../harness/media-requests.ts'
import { startPackagedStream } from '../harness/packaged-stream.ts'
import { openSession, PAGE, PRIVATE, sessionOf, startPrivate } from '../harness/private-stream.ts'
import { RecordingLogger } from '../harness/recording-logger.ts'

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
