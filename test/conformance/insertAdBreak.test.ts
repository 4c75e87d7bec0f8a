import { CreateChannelCommand, InsertAdBreakCommand, StopStreamCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAdConfiguration } from '../../src/domain/ad-configuration.ts'
import { ACCOUNT_ID, MISSING_CHANNEL_ARN, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const insert = (channelArn: string | undefined, durationSeconds: number | undefined) =>
  api.client.send(new InsertAdBreakCommand({ channelArn, durationSeconds }))

async function channelWithAds(): Promise<string> {
  const birth = { region: REGION, accountId: ACCOUNT_ID, nowMs: 0 }
  const adConfiguration = newAdConfiguration(birth, { playbackConfigurationArns: [] })
  await api.store.adConfigurations.create(adConfiguration, 100)
  const { channel } = await api.client.send(
    new CreateChannelCommand({ adConfigurationArn: adConfiguration.arn }),
  )
  return channel?.arn ?? ''
}

function offline(channelArn: string) {
  return {
    name: 'ChannelNotBroadcasting',
    status: 404,
    says: `Channel: ${channelArn} is not currently online`,
  }
}

test('gives the id of the break, one break at a time', async () => {
  const channelArn = await channelWithAds()
  api.goLive(channelArn)
  const first = await insert(channelArn, 30)
  expect(first.$metadata.httpStatusCode).toBe(200)
  expect(first.adBreakId).toMatch(/^[a-zA-Z0-9]{12}$/)
  const running = { name: 'ConflictException', status: 409, says: 'has an ad break running' }
  await expectRefusal(insert(channelArn, 1), running)
  api.clock.advance(37_999)
  await expectRefusal(insert(channelArn, 1), running)
  api.clock.advance(1)
  expect((await insert(channelArn, 300)).adBreakId).not.toBe(first.adBreakId)
})

test('a break on one channel is none on another, and none of the next stream', async () => {
  const [one, other] = [await channelWithAds(), await channelWithAds()]
  api.goLive(one)
  api.goLive(other)
  await insert(one, 300)
  await insert(other, 300)
  await api.client.send(new StopStreamCommand({ channelArn: one }))
  api.goLive(one)
  await insert(one, 300)
})

test('refuses an offline channel with 404, also while nothing is playable yet', async () => {
  const channelArn = await channelWithAds()
  await expectRefusal(insert(channelArn, 30), offline(channelArn))
  api.holdChannel(channelArn)
  await expectRefusal(insert(channelArn, 30), offline(channelArn))
})

test('refuses a live channel without an ad configuration with 400', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  await expectRefusal(insert(channel?.arn, 30), offline(channel?.arn ?? ''))
  api.goLive(channel?.arn ?? '')
  await expectRefusal(insert(channel?.arn, 30), invalid('channel with an ad configuration'))
})

test('refuses a channel that nobody made with 404, and durations out of range with 400', async () => {
  await expectRefusal(insert(MISSING_CHANNEL_ARN, 30), notFound(MISSING_CHANNEL_ARN))
  await expectRefusal(insert(undefined, 30), invalid('channelArn is required'))
  await expectRefusal(insert(MISSING_CHANNEL_ARN, undefined), invalid('durationSeconds is required'))
  await expectRefusal(insert(MISSING_CHANNEL_ARN, 0), invalid('durationSeconds must be at least 1'))
  await expectRefusal(insert(MISSING_CHANNEL_ARN, 301), invalid('durationSeconds must be at most 300'))
  await expectRefusal(insert(MISSING_CHANNEL_ARN, 1.5), invalid('durationSeconds must be a whole number'))
})
