import { CreateChannelCommand, StartViewerSessionRevocationCommand } from '@aws-sdk/client-ivs'
import type { StartViewerSessionRevocationCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
let channelArn = ''
beforeAll(async () => {
  api = await startApi()
  channelArn = (await api.client.send(new CreateChannelCommand({}))).channel?.arn ?? ''
})
afterAll(() => api[Symbol.asyncDispose]())

const revoke = (input: Partial<StartViewerSessionRevocationCommandInput>) =>
  api.client.send(new StartViewerSessionRevocationCommand({ channelArn, viewerId: 'viewer', ...input }))

test('revokes a viewer who never watched an idle channel, with 200 and an empty object', async () => {
  const { $metadata, ...answer } = await revoke({})
  expect([$metadata.httpStatusCode, answer]).toEqual([200, {}])
  expect(await api.store.revocations.find(channelArn, 'viewer')).toEqual({
    accountId: ACCOUNT_ID,
    channelArn,
    viewerId: 'viewer',
    version: 0,
    revokedAtMs: api.clock.nowMs(),
  })
})

test('takes a viewer id in any script', async () => {
  const viewerId = '\u{1F3BE} Zoë "\\ %\u00a0ключ'
  await revoke({ viewerId })
  expect(await api.store.revocations.find(channelArn, viewerId)).toMatchObject({ viewerId })
})

test('the highest version counts, and the latest moment', async () => {
  const viewerId = 'again'
  await revoke({ viewerId, viewerSessionVersionsLessThanOrEqualTo: 1_700_000_000_000 })
  api.clock.advance(1000)
  await revoke({ viewerId, viewerSessionVersionsLessThanOrEqualTo: 5 })
  expect(await api.store.revocations.find(channelArn, viewerId)).toMatchObject({
    version: 1_700_000_000_000,
    revokedAtMs: api.clock.nowMs(),
  })
})

test('refuses a channel that nobody made with 404', async () => {
  await expectRefusal(revoke({ channelArn: MISSING_CHANNEL_ARN }), notFound(MISSING_CHANNEL_ARN))
  expect(await api.store.revocations.find(MISSING_CHANNEL_ARN, 'viewer')).toBeUndefined()
})

test.each([
  [{ channelArn: undefined }, 'channelArn is required'],
  [{ viewerId: undefined }, 'viewerId is required'],
  [{ viewerId: '' }, 'viewerId must be at least 1 characters long'],
  [{ viewerId: 'a\u0000' }, 'viewerId must match'],
  [{ viewerId: 'a\ud83d' }, 'viewerId must match'],
  [{ viewerId: 'x'.repeat(41) }, 'viewerId must be at most 40 characters long'],
  [
    { viewerSessionVersionsLessThanOrEqualTo: -1 },
    'viewerSessionVersionsLessThanOrEqualTo must be at least 0',
  ],
  [
    { viewerSessionVersionsLessThanOrEqualTo: 0.5 },
    'viewerSessionVersionsLessThanOrEqualTo must be a whole number',
  ],
  [
    { viewerSessionVersionsLessThanOrEqualTo: 2 ** 53 },
    'viewerSessionVersionsLessThanOrEqualTo must be at most',
  ],
])('refuses %j with 400', async (input, says) => {
  await expectRefusal(revoke(input), invalid(says))
})
