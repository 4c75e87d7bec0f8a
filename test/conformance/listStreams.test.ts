import { CreateChannelCommand, ListStreamsCommand, StopStreamCommand } from '@aws-sdk/client-ivs'
import type { ListStreamsCommandInput } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'

const list = (api: ApiFixture, input: ListStreamsCommandInput = {}) =>
  api.client.send(new ListStreamsCommand(input))

async function goLive(api: ApiFixture, stream: Parameters<ApiFixture['goLive']>[1] = {}): Promise<string> {
  const { channel } = await api.client.send(new CreateChannelCommand({}))
  api.clock.advance(1)
  return api.goLive(channel?.arn ?? '', stream).channelArn
}

test('lists the documented members of live streams, without a playback URL', async () => {
  await using api = await startApi()
  expect((await list(api)).streams).toEqual([])
  const channelArn = await goLive(api)
  const { streams } = await list(api)
  expect(streams).toEqual([
    {
      channelArn,
      streamId: expect.stringMatching(/^st-[a-zA-Z0-9]{23}$/) as string,
      state: 'LIVE',
      health: 'HEALTHY',
      viewerCount: 0,
      startTime: new Date(Date.UTC(2026, 0, 1)),
    },
  ])
})

test('shows no stream of another account', async () => {
  await using api = await startApi()
  await goLive(api, { accountId: '210987654321' })
  expect((await list(api)).streams).toEqual([])
})

test('filters by health', async () => {
  await using api = await startApi()
  await goLive(api)
  const starving = await goLive(api, { health: 'STARVING' })
  const { streams } = await list(api, { filterBy: { health: 'STARVING' } })
  expect(streams?.map((stream) => stream.channelArn)).toEqual([starving])
})

test('pages show every stream once while others start and end', async () => {
  await using api = await startApi()
  const arns = [await goLive(api), await goLive(api), await goLive(api), await goLive(api)]
  const first = await list(api, { maxResults: 2 })
  await api.client.send(new StopStreamCommand({ channelArn: arns[0] }))
  arns.push(await goLive(api))
  const second = await list(api, { maxResults: 2, nextToken: first.nextToken })
  const third = await list(api, { maxResults: 2, nextToken: second.nextToken })
  const seen = [first, second, third].flatMap((page) => page.streams ?? [])
  expect(seen.map((stream) => stream.channelArn)).toEqual(arns)
  expect(third.nextToken).toBeUndefined()
})

test('refuses an unknown health, a page size over 100 and a token of another filter with 400', async () => {
  await using api = await startApi()
  await goLive(api)
  await goLive(api)
  const { nextToken } = await list(api, { maxResults: 1 })
  const filterBy = { health: 'HEALTHY' } as const
  await expectRefusal(list(api, { filterBy, nextToken }), invalid('nextToken does not belong'))
  await expectRefusal(list(api, { maxResults: 101 }), invalid('maxResults must be at most 100'))
  const unknown = { health: 'FINE' } as unknown as typeof filterBy
  await expectRefusal(list(api, { filterBy: unknown }), invalid('filterBy.health must be one of HEALTHY'))
})
