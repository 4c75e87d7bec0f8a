import { CreateChannelCommand, GetStreamCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const get = (channelArn: string | undefined) => api.client.send(new GetStreamCommand({ channelArn }))

test('shows what is live, with its start in whole seconds', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  const startTimeMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  const { streamId } = api.goLive(channel?.arn ?? '', { startTimeMs, viewerCount: 7, health: 'STARVING' })
  expect((await get(channel?.arn)).stream).toEqual({
    channelArn: channel?.arn,
    streamId,
    playbackUrl: channel?.playbackUrl,
    startTime: new Date('2026-01-02T03:04:05Z'),
    state: 'LIVE',
    health: 'STARVING',
    viewerCount: 7,
  })
})

test('prints the start as the documented samples do', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  api.goLive(channel?.arn ?? '', { startTimeMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) })
  const answer = await api.post('/GetStream', JSON.stringify({ channelArn: channel?.arn }))
  expect(await answer.text()).toContain('"startTime":"2026-01-02T03:04:05Z"')
})

test('refuses an offline channel with 404 ChannelNotBroadcasting, also while nothing is playable yet', async () => {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  const offline = {
    name: 'ChannelNotBroadcasting',
    status: 404,
    says: `Channel: ${channel?.arn} is not currently online`,
  }
  await expectRefusal(get(channel?.arn), offline)
  api.holdChannel(channel?.arn ?? '')
  await expectRefusal(get(channel?.arn), offline)
})

test('refuses a channel that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(get(MISSING_CHANNEL_ARN), notFound(MISSING_CHANNEL_ARN))
  await expectRefusal(get(undefined), invalid('channelArn is required'))
})
