import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { createReadAccess } from './authorize-read.ts'
import { signRead } from './sign-read.ts'

const IDENTITY = { accountId: '000000000000', publicUrl: 'https://live.example.com', region: 'us-west-2' }
const KEY = { id: 'AKIDEXAMPLEEXAMPLE', secret: 'a-secret-of-16-chars', account: '111111111111' }
const CREDENTIALS = { accessKeyId: KEY.id, secretAccessKey: KEY.secret, region: 'us-west-2' }

function requestOf(url: string, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  const { host, pathname, search } = new URL(url)
  const all = Object.entries({ host, ...headers }).map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: 'GET',
    url: `${pathname}${search}`,
    headers: Object.fromEntries(all) as Record<string, string>,
    headersDistinct: Object.fromEntries(all.map(([name, value]) => [name, [value]])) as Record<
      string,
      string[]
    >,
  } as unknown as IncomingMessage
}

describe('without access keys', () => {
  const access = createReadAccess({ accessKeys: [], identity: IDENTITY, clock: new ManualClock() })

  test.each(['http://127.0.0.1:8080/events', 'http://localhost/events', 'https://live.example.com/events'])(
    '%s is open to this machine, as the account of the server',
    (url) => {
      expect(access(requestOf(url))).toEqual({ kind: 'granted', accountId: '000000000000' })
    },
  )

  test('the own page may read', () => {
    const request = requestOf('http://127.0.0.1:8080/events', { Origin: 'http://127.0.0.1:8080' })
    expect(access(request).kind).toBe('granted')
  })

  test.each([
    ['pages of others', requestOf('http://127.0.0.1:8080/events', { Origin: 'https://evil.example' })],
    ['names of others that point here', requestOf('http://evil.example:8080/events')],
  ])('%s may not', (_who, request) => {
    expect(access(request)).toMatchObject({ kind: 'refused', status: 403 })
  })
})

describe('with access keys', () => {
  const clock = new ManualClock()
  const access = createReadAccess({ accessKeys: [KEY], identity: IDENTITY, clock })
  const url = new URL('http://127.0.0.1:8080/events?after=7&x=%20')

  test('a signed request reads as the account of its key', () => {
    const request = requestOf(url.href, signRead(url, CREDENTIALS, clock.nowMs()))
    expect(access(request)).toEqual({ kind: 'granted', accountId: '111111111111' })
  })

  test.each([
    ['no signature', {}],
    [
      'another secret',
      signRead(url, { ...CREDENTIALS, secretAccessKey: 'another-secret-of-16' }, clock.nowMs()),
    ],
    ['an old signature', signRead(url, CREDENTIALS, clock.nowMs() - 301_000)],
    ['another query', signRead(new URL('http://127.0.0.1:8080/events'), CREDENTIALS, clock.nowMs())],
  ])('%s is refused', (_what, headers) => {
    expect(access(requestOf(url.href, headers))).toMatchObject({ kind: 'refused', status: 403 })
  })
})
