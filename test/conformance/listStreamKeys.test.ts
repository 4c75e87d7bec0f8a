import {
  CreateChannelCommand,
  CreateStreamKeyCommand,
  DeleteStreamKeyCommand,
  ListStreamKeysCommand,
} from '@aws-sdk/client-ivs'
import type { ListStreamKeysCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const list = (input: ListStreamKeysCommandInput) => api.client.send(new ListStreamKeysCommand(input))

test('lists the one key of a channel without its secret', async () => {
  const { channel, streamKey } = await api.client.send(new CreateChannelCommand({}))
  const answer = await list({ channelArn: channel?.arn, nextToken: '' })
  expect(answer.streamKeys).toEqual([{ arn: streamKey?.arn, channelArn: channel?.arn, tags: {} }])
  expect(answer.nextToken).toBeUndefined()
})

test('lists nothing for a channel whose key was deleted', async () => {
  const { channel, streamKey } = await api.client.send(new CreateChannelCommand({}))
  await api.client.send(new DeleteStreamKeyCommand({ arn: streamKey?.arn }))
  expect((await list({ channelArn: channel?.arn })).streamKeys).toEqual([])
})

test('shows one key a page unless more are asked for', async () => {
  await using roomy = await startApi({ channels: 1, streamKeysPerChannel: 3 })
  const { channel } = await roomy.client.send(new CreateChannelCommand({}))
  await roomy.client.send(new CreateStreamKeyCommand({ channelArn: channel?.arn }))
  const command = (input: object) =>
    roomy.client.send(new ListStreamKeysCommand({ channelArn: channel?.arn, ...input }))
  const first = await command({})
  expect(first.streamKeys).toHaveLength(1)
  const second = await command({ nextToken: first.nextToken })
  expect(second.streamKeys).toHaveLength(1)
  expect(second.nextToken).toBeUndefined()
  expect(await command({ maxResults: 50 })).toMatchObject({
    streamKeys: [...(first.streamKeys ?? []), ...(second.streamKeys ?? [])],
  })
})

test('refuses a channel that nobody made with 404', async () => {
  await expectRefusal(list({ channelArn: MISSING_CHANNEL_ARN }), notFound(MISSING_CHANNEL_ARN))
})

test('refuses a missing channel, a page size over 50 and a foreign token with 400', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  const channelArn = channel?.arn
  await expectRefusal(list({ channelArn: undefined }), invalid('channelArn is required'))
  await expectRefusal(list({ channelArn, maxResults: 51 }), invalid('maxResults must be at most 50'))
  await expectRefusal(list({ channelArn, nextToken: 'abcd' }), invalid('nextToken does not belong'))
})
