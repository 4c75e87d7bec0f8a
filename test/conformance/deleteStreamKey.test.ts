import { CreateChannelCommand, DeleteStreamKeyCommand, GetStreamKeyCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_STREAM_KEY_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const remove = (arn: string | undefined) => api.client.send(new DeleteStreamKeyCommand({ arn }))

test('answers 204, and the secret opens nothing any more', async () => {
  const { channel, streamKey } = await api.client.send(new CreateChannelCommand({}))
  const value = streamKey?.value ?? ''
  expect((await api.store.streamKeys.findChannelByValue(value))?.arn).toBe(channel?.arn)
  const arn = streamKey?.arn ?? ''
  expect((await remove(arn)).$metadata.httpStatusCode).toBe(204)
  expect(await api.store.streamKeys.findChannelByValue(value)).toBeUndefined()
  await expectRefusal(api.client.send(new GetStreamKeyCommand({ arn })), notFound(arn))
})

test('leaves a running stream alone', async () => {
  const { channel, streamKey } = await api.client.send(new CreateChannelCommand({}))
  api.goLive(channel?.arn ?? '')
  await remove(streamKey?.arn)
  expect(api.stopped).not.toContain(channel?.arn)
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(remove(MISSING_STREAM_KEY_ARN), notFound(MISSING_STREAM_KEY_ARN))
  await expectRefusal(remove(undefined), invalid('arn is required'))
})
