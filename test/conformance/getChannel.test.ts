import { CreateChannelCommand, GetChannelCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, MISSING_STREAM_KEY_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const get = (arn: string | undefined) => api.client.send(new GetChannelCommand({ arn }))

test('shows the channel exactly as its creation did', async () => {
  const created = await api.client.send(new CreateChannelCommand({ name: 'one', tags: { a: 'b' } }))
  const { channel } = await get(created.channel?.arn)
  expect(channel).toEqual(created.channel)
})

test('refuses an ARN that nobody made with 404', async () => {
  await expectRefusal(get(MISSING_CHANNEL_ARN), notFound(MISSING_CHANNEL_ARN))
})

test('does not find the channel under the ARN of another account or region', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  const arn = channel?.arn ?? ''
  for (const other of [arn.replace('123456789012', '210987654321'), arn.replace('us-west-2', 'eu-west-1')]) {
    await expectRefusal(get(other), notFound(other))
  }
})

test.each([
  [undefined, 'arn is required'],
  ['', 'arn must be at least 1 characters long'],
  [MISSING_STREAM_KEY_ARN, 'arn must match'],
  [`${MISSING_CHANNEL_ARN}${'x'.repeat(128)}`, 'arn must be at most 128 characters long'],
])('refuses the ARN %s with 400', async (arn, says) => {
  await expectRefusal(get(arn), invalid(says))
})
