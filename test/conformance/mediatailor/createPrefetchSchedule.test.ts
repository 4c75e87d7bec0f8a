import {
  CreatePrefetchScheduleCommand,
  DeletePlaybackConfigurationCommand,
  DeletePrefetchScheduleCommand,
  GetPrefetchScheduleCommand,
  ListPrefetchSchedulesCommand,
} from '@aws-sdk/client-mediatailor'
import type {
  CreatePrefetchScheduleCommandInput,
  ListPrefetchSchedulesCommandInput,
} from '@aws-sdk/client-mediatailor'
import { expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { putPlaybackConfigurations } from '../resource-makers.ts'
import { badRequest, conflict, expectFault, notFound } from './expect-fault.ts'
import { sendSigned } from './signed-request.ts'

type Input = Partial<CreatePrefetchScheduleCommandInput>

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
const PlaybackConfigurationName = 'ads'

async function start(): Promise<ApiFixture> {
  const api = await startApi()
  await putPlaybackConfigurations(api, ['ads'])
  return api
}
/** A moment so far from now, in whole seconds as the wire has them. */
const after = (api: ApiFixture, ms: number) => new Date(Math.floor((api.clock.nowMs() + ms) / 1000) * 1000)
const single = (api: ApiFixture, endsInMs = HOUR_MS) => ({
  Retrieval: { EndTime: after(api, endsInMs) },
  Consumption: { EndTime: after(api, endsInMs) },
})
const recurring = (api: ApiFixture, endsInMs = HOUR_MS) => ({
  EndTime: after(api, endsInMs),
  RecurringConsumption: {},
  RecurringRetrieval: {},
})
const create = async (api: ApiFixture, Name: string, input: Input) => {
  const full = { PlaybackConfigurationName, Name, ...input }
  const { $metadata, ...answer } = await api.mediaTailor.send(new CreatePrefetchScheduleCommand(full))
  expect($metadata.httpStatusCode).toBe(200)
  return answer
}
const get = async (api: ApiFixture, Name: string) => {
  const command = new GetPrefetchScheduleCommand({ PlaybackConfigurationName, Name })
  const { $metadata, ...answer } = await api.mediaTailor.send(command)
  expect($metadata.httpStatusCode).toBe(200)
  return answer
}
const list = async (api: ApiFixture, input: Partial<ListPrefetchSchedulesCommandInput> = {}) => {
  const command = new ListPrefetchSchedulesCommand({ PlaybackConfigurationName, ...input })
  const { Items = [], NextToken } = await api.mediaTailor.send(command)
  return { names: Items.map(({ Name }) => Name), NextToken }
}
const remove = (api: ApiFixture, Name: string) =>
  api.mediaTailor.send(new DeletePrefetchScheduleCommand({ PlaybackConfigurationName, Name }))

test('keeps and shows a schedule for one break, which is the default', async () => {
  await using api = await start()
  const input: Input = {
    StreamId: 'stream-1',
    Retrieval: {
      StartTime: after(api, 60_000),
      EndTime: after(api, HOUR_MS),
      DynamicVariables: { 'scte.event_id': '7' },
      TrafficShapingType: 'RETRIEVAL_WINDOW',
      TrafficShapingRetrievalWindow: { RetrievalWindowDurationSeconds: 60 },
    },
    Consumption: {
      StartTime: after(api, 120_000),
      EndTime: after(api, DAY_MS),
      AvailMatchingCriteria: [{ DynamicVariable: 'scte.event_id', Operator: 'EQUALS' }],
    },
  }
  const shown = await create(api, 'one/two'.replace('/', ' '), input)
  expect(shown).toEqual({
    ...input,
    Arn: `arn:aws:mediatailor:${REGION}:${ACCOUNT_ID}:prefetchSchedule/ads/one two`,
    Name: 'one two',
    PlaybackConfigurationName,
    ScheduleType: 'SINGLE',
  })
  expect(await get(api, 'one two')).toEqual(shown)
})

test('keeps and shows a recurring schedule', async () => {
  await using api = await start()
  const RecurringPrefetchConfiguration: Input['RecurringPrefetchConfiguration'] = {
    StartTime: after(api, 0),
    EndTime: after(api, 30 * DAY_MS),
    RecurringConsumption: { RetrievedAdExpirationSeconds: 600, AvailMatchingCriteria: [] },
    RecurringRetrieval: { DynamicVariables: { a: 'b' }, DelayAfterAvailEndSeconds: 0 },
  }
  const input: Input = { ScheduleType: 'RECURRING', RecurringPrefetchConfiguration }
  const shown = await create(api, 'event', input)
  expect(shown).toMatchObject(input)
  expect(await get(api, 'event')).toEqual(shown)
})

test('keeps and shows what clients know only since, and tags', async () => {
  await using api = await start()
  const EndTime = after(api, HOUR_MS).getTime() / 1000
  const shaping = {
    TrafficShapingType: 'TPS',
    TrafficShapingTpsConfiguration: { PeakTps: 100, PeakConcurrentUsers: 5000 },
  }
  const body = { Retrieval: { EndTime, ...shaping }, Consumption: { EndTime }, tags: { a: 'b' } }
  const answer = await sendSigned(api, { method: 'POST', path: '/prefetchSchedule/ads/tps', body })
  expect(answer).toMatchObject({ status: 200, body })
  expect((await sendSigned(api, { method: 'GET', path: '/prefetchSchedule/ads/tps' })).body).toEqual(
    answer.body,
  )
})

test('lists by type and stream, page by page, oldest first', async () => {
  await using api = await start()
  expect(await list(api)).toEqual({ names: [], NextToken: undefined })
  for (const [Name, StreamId] of [
    ['b', ''],
    ['a', 's'],
    ['c', 's'],
  ] as const) {
    await create(api, Name, { ...single(api), StreamId })
    api.clock.advance(1)
  }
  await create(api, 'r', { ScheduleType: 'RECURRING', RecurringPrefetchConfiguration: recurring(api) })
  expect((await list(api)).names).toEqual(['b', 'a', 'c'])
  expect((await list(api, { ScheduleType: 'ALL' })).names).toEqual(['b', 'a', 'c', 'r'])
  expect((await list(api, { ScheduleType: 'RECURRING' })).names).toEqual(['r'])
  expect((await list(api, { StreamId: 's' })).names).toEqual(['a', 'c'])
  const first = await list(api, { MaxResults: 2 })
  expect(first.names).toEqual(['b', 'a'])
  expect(await list(api, { MaxResults: 2, NextToken: first.NextToken ?? '' })).toEqual({
    names: ['c'],
    NextToken: undefined,
  })
  const otherList = list(api, { ScheduleType: 'ALL', NextToken: first.NextToken ?? '' })
  await expectFault(otherList, badRequest('does not belong to this list'))
  await expectFault(list(api, { PlaybackConfigurationName: 'none' }), notFound('none not found'))
})

test('a configuration has 25 active schedules at most; what has ended makes room', async () => {
  await using api = await start()
  for (let index = 0; index < 25; index++) {
    await create(api, `s${index}`, single(api, index === 0 ? 60_000 : HOUR_MS))
  }
  await expectFault(create(api, 'more', single(api)), badRequest('25 active prefetch schedules'))
  api.clock.advance(60_000)
  await create(api, 'more', single(api))
  await expectFault(create(api, 'most', single(api)), badRequest('25 active prefetch schedules'))
})

test('one that ended is shown for seven days', async () => {
  await using api = await start()
  await create(api, 'old', single(api, HOUR_MS))
  api.clock.advance(HOUR_MS + 7 * DAY_MS - 1000)
  expect((await get(api, 'old')).Name).toBe('old')
  expect((await list(api)).names).toEqual(['old'])
  api.clock.advance(2000)
  await expectFault(get(api, 'old'), notFound('prefetch schedule old of playback configuration ads'))
  expect((await list(api)).names).toEqual([])
})

test('is deleted with 204, or with its configuration', async () => {
  await using api = await start()
  await create(api, 'one', single(api))
  await create(api, 'two', single(api))
  await expectFault(create(api, 'one', single(api)), conflict('there is a prefetch schedule one already'))
  expect((await remove(api, 'one')).$metadata.httpStatusCode).toBe(204)
  await expectFault(get(api, 'one'), notFound('prefetch schedule one'))
  await expectFault(remove(api, 'one'), notFound('prefetch schedule one'))
  await api.mediaTailor.send(new DeletePlaybackConfigurationCommand({ Name: 'ads' }))
  await expectFault(get(api, 'two'), notFound('prefetch schedule two'))
  await expectFault(create(api, 'two', single(api)), notFound('playback configuration ads not found'))
})

const RETRIEVAL = 'Retrieval'
const window = { TrafficShapingRetrievalWindow: { RetrievalWindowDurationSeconds: 1 } }

test('refuses what does not go together or does not lie ahead with 400, and keeps nothing', async () => {
  await using api = await start()
  const { Retrieval, Consumption } = single(api)
  const RecurringPrefetchConfiguration = recurring(api)
  const inputs: readonly (readonly [string, object])[] = [
    ['Retrieval is required with ScheduleType SINGLE', { Consumption }],
    ['Consumption is required with ScheduleType SINGLE', { Retrieval }],
    ['RecurringPrefetchConfiguration needs', { Retrieval, Consumption, RecurringPrefetchConfiguration }],
    ['RecurringPrefetchConfiguration is required', { ScheduleType: 'RECURRING' }],
    [
      'Retrieval needs ScheduleType SINGLE',
      { ScheduleType: 'RECURRING', Retrieval, RecurringPrefetchConfiguration },
    ],
    [
      'Consumption needs ScheduleType SINGLE',
      { ScheduleType: 'RECURRING', Consumption, RecurringPrefetchConfiguration },
    ],
    ['Consumption.EndTime must lie ahead', { Retrieval, Consumption: { EndTime: after(api, -1000) } }],
    [
      'Consumption.EndTime must be at most 24 hours ahead',
      { Retrieval, Consumption: { EndTime: after(api, DAY_MS + 1000) } },
    ],
    [
      'Retrieval.StartTime must be before Retrieval.EndTime',
      { Retrieval: { ...Retrieval, StartTime: Retrieval.EndTime }, Consumption },
    ],
    ['Retrieval.EndTime is required', { Retrieval: {}, Consumption }],
    [
      `${RETRIEVAL}.TrafficShapingRetrievalWindow.RetrievalWindowDurationSeconds must be at least 1`,
      {
        Retrieval: { ...Retrieval, TrafficShapingRetrievalWindow: { RetrievalWindowDurationSeconds: 0 } },
        Consumption,
      },
    ],
    ['ScheduleType must be one of SINGLE, RECURRING', { ScheduleType: 'ALL', Retrieval, Consumption }],
  ]
  for (const [says, input] of inputs) await expectFault(create(api, 'bad', input), badRequest(says))

  const EndTime = Retrieval.EndTime.getTime() / 1000
  const shapings: readonly (readonly [string, object])[] = [
    ['TrafficShapingTpsConfiguration is required with TPS', { TrafficShapingType: 'TPS' }],
    ['TrafficShapingTpsConfiguration needs TrafficShapingType TPS', { TrafficShapingTpsConfiguration: {} }],
    [
      'TrafficShapingRetrievalWindow needs TrafficShapingType RETRIEVAL_WINDOW',
      { TrafficShapingType: 'TPS', TrafficShapingTpsConfiguration: {}, ...window },
    ],
  ]
  for (const [says, shaping] of shapings) {
    const body = { Retrieval: { EndTime, ...shaping }, Consumption: { EndTime } }
    const answer = await sendSigned(api, { method: 'POST', path: '/prefetchSchedule/ads/bad', body })
    expect([answer.status, answer.body]).toEqual([400, { Message: `Retrieval.${says}` }])
  }
  expect((await list(api, { ScheduleType: 'ALL' })).names).toEqual([])
})
