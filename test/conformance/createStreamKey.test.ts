import {
  CreateChannelCommand,
  CreateStreamKeyCommand,
  DeleteStreamKeyCommand,
  GetStreamKeyCommand,
} from '@aws-sdk/client-ivs'
import type { CreateStreamKeyCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const create = (input: CreateStreamKeyCommandInput) => api.client.send(new CreateStreamKeyCommand(input))
const SECOND_KEY = {
  name: 'ServiceQuotaExceededException',
  status: 402,
  says: 'a channel can have 1 stream key',
}

test('resets the key of a channel once the old one is deleted', async () => {
  const { channel, streamKey: old } = await api.client.send(new CreateChannelCommand({}))
  await expectRefusal(create({ channelArn: channel?.arn }), SECOND_KEY)
  await api.client.send(new DeleteStreamKeyCommand({ arn: old?.arn }))
  const { streamKey } = await create({ channelArn: channel?.arn, tags: { reset: 'yes' } })
  expect(streamKey).toMatchObject({ channelArn: channel?.arn, tags: { reset: 'yes' } })
  expect(streamKey?.value).toMatch(/^sk_us-west-2_[a-zA-Z0-9]{24}$/)
  expect(streamKey?.value).not.toBe(old?.value)
  expect((await api.client.send(new GetStreamKeyCommand({ arn: streamKey?.arn }))).streamKey).toEqual(
    streamKey,
  )
})

test('makes one key when many are asked for at once', async () => {
  const { channel, streamKey } = await api.client.send(new CreateChannelCommand({}))
  await api.client.send(new DeleteStreamKeyCommand({ arn: streamKey?.arn }))
  const calls = Array.from({ length: 6 }, () => create({ channelArn: channel?.arn }))
  const outcomes = await Promise.allSettled(calls)
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
})

test('refuses a channel that nobody made with 404', async () => {
  await expectRefusal(create({ channelArn: MISSING_CHANNEL_ARN }), notFound(MISSING_CHANNEL_ARN))
})

test('refuses a missing channel and reserved tags with 400', async () => {
  await expectRefusal(create({ channelArn: undefined }), invalid('channelArn is required'))
  const reserved = create({ channelArn: MISSING_CHANNEL_ARN, tags: { 'aws:x': 'y' } })
  await expectRefusal(reserved, invalid('reserved prefix aws:'))
})
