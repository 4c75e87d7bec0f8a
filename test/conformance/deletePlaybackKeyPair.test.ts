import { DeletePlaybackKeyPairCommand, GetPlaybackKeyPairCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeKeyPair, missingArn } from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const remove = (arn: string | undefined) => api.client.send(new DeletePlaybackKeyPairCommand({ arn }))

test('answers 200 with an empty object, and the key pair is gone', async () => {
  const arn = await makeKeyPair(api)
  const answer = await api.post('/DeletePlaybackKeyPair', JSON.stringify({ arn }))
  expect([answer.status, await answer.text()]).toEqual([200, '{}'])
  await expectRefusal(api.client.send(new GetPlaybackKeyPairCommand({ arn })), notFound(arn))
  await expectRefusal(remove(arn), notFound(arn))
})

test('makes room for another one', async () => {
  for (let round = 0; round < 5; round++) await remove(await makeKeyPair(api))
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(remove(missingArn('playback-key')), notFound(missingArn('playback-key')))
  await expectRefusal(remove(undefined), invalid('arn is required'))
})
