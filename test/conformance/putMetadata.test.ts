import { CreateChannelCommand, PutMetadataCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
let channelArn = ''
beforeAll(async () => {
  api = await startApi()
  channelArn = (await api.client.send(new CreateChannelCommand({}))).channel?.arn ?? ''
  api.goLive(channelArn)
})
afterAll(() => api[Symbol.asyncDispose]())

const put = (arn: string | undefined, metadata: string | undefined) =>
  api.client.send(new PutMetadataCommand({ channelArn: arn, metadata }))

test('hands the text to the live stream and answers 204 without a body', async () => {
  const { $metadata, ...answer } = await put(channelArn, '{"score": "1 : 0 ⚽"}')
  expect([$metadata.httpStatusCode, answer]).toEqual([204, {}])
  expect(api.metadata).toContain('{"score": "1 : 0 ⚽"}')
})

test('takes 1 KB, counted in bytes', async () => {
  await put(channelArn, 'x'.repeat(1024))
  await put(channelArn, 'é'.repeat(512))
  const tooLarge = invalid('Metadata size exceeds payload limit')
  await expectRefusal(put(channelArn, 'x'.repeat(1025)), tooLarge)
  await expectRefusal(put(channelArn, 'é'.repeat(513)), tooLarge)
})

test('refuses empty, missing and broken text with 400', async () => {
  await expectRefusal(put(channelArn, ''), invalid('metadata must be at least 1 characters long'))
  await expectRefusal(put(channelArn, undefined), invalid('metadata is required'))
  await expectRefusal(put(undefined, 'x'), invalid('channelArn is required'))
  const halfSurrogate = `{"channelArn":"${channelArn}","metadata":"\\ud83d"}`
  expect((await api.post('/PutMetadata', halfSurrogate)).status).toBe(400)
})

test('refuses an offline channel with 404, also while nothing is playable yet', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  const offline = {
    name: 'ChannelNotBroadcasting',
    status: 404,
    says: `Channel: ${channel?.arn} is not currently online`,
  }
  await expectRefusal(put(channel?.arn, 'x'), offline)
  api.holdChannel(channel?.arn ?? '')
  await expectRefusal(put(channel?.arn, 'x'), offline)
})

test('refuses a channel that nobody made with 404, and never shows the text', async () => {
  await expectRefusal(put(MISSING_CHANNEL_ARN, 'secret'), notFound(MISSING_CHANNEL_ARN))
  const answer = await api.post(
    '/PutMetadata',
    JSON.stringify({ channelArn, metadata: 's3cret'.repeat(200) }),
  )
  expect(answer.status).toBe(400)
  expect(await answer.text()).not.toContain('s3cret')
})
