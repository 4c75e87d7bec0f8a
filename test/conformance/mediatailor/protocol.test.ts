import { GetPlaybackConfigurationCommand, MediaTailorClient } from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { REGION, startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { putPlaybackConfigurations } from '../resource-makers.ts'
import { expectFault, notFound } from './expect-fault.ts'
import { sendSigned } from './signed-request.ts'

const OURS = { id: 'AKIDOURS', secret: 'our/secret+key', account: '123456789012' }
const THEIRS = { id: 'AKIDTHEIRS', secret: 'their secret', account: '210987654321' }

let api: ApiFixture
beforeAll(async () => {
  api = await startApi(undefined, [OURS, THEIRS], { GetPlaybackConfiguration: 2 })
  await putPlaybackConfigurations(api, ['ads'])
})
afterAll(() => api[Symbol.asyncDispose]())

const GET = { method: 'GET', path: '/playbackConfiguration/ads' }

function clientOf({ id, secret }: typeof OURS): MediaTailorClient {
  return new MediaTailorClient({
    endpoint: api.url,
    region: REGION,
    credentials: { accessKeyId: id, secretAccessKey: secret },
    maxAttempts: 1,
    // The server's clock stands still; the client signs by its own.
    systemClockOffset: api.clock.nowMs() - Date.now(),
  })
}

test('a key sees the configurations of its account and no others', async () => {
  api.clock.advance(1000)
  const get = new GetPlaybackConfigurationCommand({ Name: 'ads' })
  expect((await clientOf(OURS).send(get)).Name).toBe('ads')
  await expectFault(clientOf(THEIRS).send(get), notFound('playback configuration ads not found'))
})

test('a signature must be scoped to the service, and is checked also where services share a path', async () => {
  api.clock.advance(1000)
  const forIvs = await sendSigned(api, { ...GET, service: 'ivs' }, OURS)
  expect(forIvs).toEqual({
    status: 403,
    type: 'InvalidSignatureException',
    body: { Message: 'the credential must be scoped to the service mediatailor' },
  })
  const path = '/tags/arn%3Aaws%3Amediatailor'
  const wrong = await sendSigned(api, { method: 'GET', path }, { ...OURS, secret: 'wrong' })
  expect([wrong.status, wrong.type]).toEqual([403, 'InvalidSignatureException'])
  const other = await sendSigned(api, { method: 'GET', path, service: 's3' }, OURS)
  expect([other.status, other.body['message']]).toEqual([
    403,
    'InvalidSignatureException: the credential must be scoped to the service ivs',
  ])
})

test('what is called too often is throttled', async () => {
  api.clock.advance(1000)
  const statuses = []
  for (let call = 0; call < 3; call++) statuses.push((await sendSigned(api, GET, OURS)).status)
  expect(statuses).toEqual([200, 200, 429])
  const { type, body } = await sendSigned(api, GET, OURS)
  expect([type, body['Message']]).toEqual([
    'ThrottlingException',
    expect.stringContaining('more than 2 calls per second of GetPlaybackConfiguration'),
  ])
})

test('errors have the header of their type and the body of the service', async () => {
  const answer = await fetch(`${api.url}/playbackConfiguration/ads`)
  expect([answer.status, await answer.json()]).toEqual([
    403,
    { Message: 'the request has no Authorization header' },
  ])
  expect(answer.headers.get('x-amzn-errortype')).toBe('MissingAuthenticationToken')
  expect(answer.headers.get('content-type')).toBe('application/json')
})

test.each([
  ['PUT', '/function/one'],
  ['GET', '/functions'],
  ['POST', '/playbackConfiguration'],
  ['GET', '/prefetchSchedule/ads'],
])('%s %s is an unknown operation', async (method, path) => {
  const { status, type } = await sendSigned(api, { method, path }, OURS)
  expect([status, type]).toEqual([404, 'UnknownOperationException'])
})
