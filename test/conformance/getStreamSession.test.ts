import {
  CreateChannelCommand,
  DeleteChannelCommand,
  GetStreamSessionCommand,
  UpdateChannelCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newRecordingConfiguration } from '../../src/domain/recording-configuration.ts'
import { ACCOUNT_ID, MISSING_CHANNEL_ARN, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { rememberSession } from './remembered-session.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const get = async (channelArn: string | undefined, streamId?: string) =>
  (await api.client.send(new GetStreamSessionCommand({ channelArn, streamId }))).streamSession

async function createChannel(name = '') {
  const { channel } = await api.client.send(new CreateChannelCommand({ name }))
  return { ...channel, arn: channel?.arn ?? '' }
}

const STATE_CHANGE = 'IVS Stream State Change'
const MISSING_STREAM_ID = `st-${'a'.repeat(23)}`

test('shows a whole session: its times, channel, tracks in both forms and events, newest first', async () => {
  const channel = await createChannel('as-it-was')
  const streamId = await rememberSession(api, channel.arn, {
    createdAtMs: Date.UTC(2026, 0, 2, 3, 3, 50, 900),
    startTimeMs: Date.UTC(2026, 0, 2, 3, 3, 57, 100),
    endTimeMs: Date.UTC(2026, 0, 2, 3, 9, 30, 999),
    ingest: {
      videos: [
        {
          codec: 'avc1.42C028',
          profile: 'Baseline',
          level: '4.0',
          width: 1920,
          height: 1080,
          frameRate: 30_000 / 1001,
          bitrateBps: 3_500_000,
          encoder: 'Lavf58.45.100',
        },
      ],
      audios: [{ codec: 'mp4a.40.2', channels: 2, sampleRate: 48_000, bitrateBps: 160_000 }],
    },
    events: [
      { number: 1, name: 'Session Created', type: STATE_CHANGE, timeMs: Date.UTC(2026, 0, 2, 3, 3, 50) },
      { number: 2, name: 'Stream Failure', type: STATE_CHANGE, timeMs: 0, code: 'SomeCode' },
    ],
  })
  const video = {
    codec: 'avc1.42C028',
    profile: 'Baseline',
    level: '4.0',
    videoWidth: 1920,
    videoHeight: 1080,
    encoder: 'Lavf58.45.100',
    track: 'Track0',
    targetBitrate: 3_500_000,
    targetFramerate: 30,
  }
  const audio = {
    codec: 'mp4a.40.2',
    channels: 2,
    sampleRate: 48_000,
    track: 'Track0',
    targetBitrate: 160_000,
  }
  expect(await get(channel.arn, streamId)).toEqual({
    streamId,
    startTime: new Date('2026-01-02T03:03:57Z'),
    endTime: new Date('2026-01-02T03:09:30Z'),
    channel,
    ingestConfiguration: { video: { ...video, avcProfile: 'Baseline', avcLevel: '4.0' }, audio },
    ingestConfigurations: { videoConfigurations: [video], audioConfigurations: [audio] },
    truncatedEvents: [
      { name: 'Stream Failure', type: STATE_CHANGE, eventTime: new Date(0), code: 'SomeCode' },
      { name: 'Session Created', type: STATE_CHANGE, eventTime: new Date('2026-01-02T03:03:50Z') },
    ],
  })
})

test('prints times as the documented samples do, and nothing for what is not known', async () => {
  const channel = await createChannel()
  await rememberSession(api, channel.arn, { createdAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678) })
  const answer = await api.post('/GetStreamSession', JSON.stringify({ channelArn: channel.arn }))
  const { streamSession } = (await answer.json()) as { streamSession: Record<string, unknown> }
  expect(streamSession['startTime']).toBe('2026-01-02T03:04:05Z')
  expect(Object.keys(streamSession).sort()).toEqual(['channel', 'startTime', 'streamId', 'truncatedEvents'])
})

test('takes the session that began last when none is named, ended or not', async () => {
  const { arn } = await createChannel()
  const newest = await rememberSession(api, arn, { createdAtMs: 3000, startTimeMs: 4000 })
  const oldest = await rememberSession(api, arn, { createdAtMs: 1000, endTimeMs: 2000 })
  const found = await get(arn)
  expect([found?.streamId, found?.startTime, found?.endTime]).toEqual([newest, new Date(4000), undefined])
  expect((await get(arn, oldest))?.streamId).toBe(oldest)
})

test('keeps the channel as it was, also when it has changed since or is deleted', async () => {
  const channel = await createChannel('before')
  const streamId = await rememberSession(api, channel.arn, { createdAtMs: 1, endTimeMs: 2 })
  await api.client.send(new UpdateChannelCommand({ arn: channel.arn, name: 'after' }))
  expect((await get(channel.arn, streamId))?.channel).toEqual(channel)
  await api.client.send(new DeleteChannelCommand({ arn: channel.arn }))
  expect((await get(channel.arn))?.channel).toEqual(channel)
})

test('shows the recording configuration of then', async () => {
  const { arn } = await createChannel()
  const recordingConfiguration = newRecordingConfiguration(
    { region: REGION, accountId: ACCOUNT_ID, nowMs: 1 },
    { bucketName: 'bucket', name: 'then', tags: { a: 'b' } },
  )
  await rememberSession(api, arn, { createdAtMs: 1, recordingConfiguration })
  expect((await get(arn))?.recordingConfiguration).toEqual({
    arn: recordingConfiguration.arn,
    name: 'then',
    destinationConfiguration: { s3: { bucketName: 'bucket' } },
    state: 'CREATING',
    tags: { a: 'b' },
    thumbnailConfiguration: {
      recordingMode: 'INTERVAL',
      targetIntervalSeconds: 60,
      storage: ['SEQUENTIAL'],
    },
    recordingReconnectWindowSeconds: 0,
    renditionConfiguration: { renditionSelection: 'ALL' },
  })
})

test('shows 500 events at most', async () => {
  const { arn } = await createChannel()
  const events = Array.from({ length: 510 }, (_, index) => ({
    number: index + 1,
    name: index % 2 ? 'Starvation End' : 'Starvation Start',
    type: 'IVS Stream Health Change',
    timeMs: index * 1000,
  }))
  await rememberSession(api, arn, { createdAtMs: 1, events })
  const shown = (await get(arn))?.truncatedEvents?.map((event) => event.eventTime?.getTime())
  expect(shown).toEqual(
    events
      .slice(10)
      .map((event) => event.timeMs)
      .reverse(),
  )
})

test('refuses what is not there with 404', async () => {
  const { arn } = await createChannel()
  const neverLive = { name: 'ResourceNotFoundException', status: 404, says: 'has no stream session' }
  await expectRefusal(get(MISSING_CHANNEL_ARN), notFound(MISSING_CHANNEL_ARN))
  await expectRefusal(get(arn), neverLive)
  await expectRefusal(get(arn, MISSING_STREAM_ID), notFound(MISSING_STREAM_ID))
})

test('shows nothing of another channel or another account', async () => {
  const { arn } = await createChannel()
  const other = await createChannel()
  const foreign = await rememberSession(api, arn, { createdAtMs: 1, accountId: '999999999999' })
  const elsewhere = await rememberSession(api, other.arn, { createdAtMs: 1 })
  await expectRefusal(get(arn, foreign), notFound(foreign))
  await expectRefusal(get(arn, elsewhere), notFound(elsewhere))
})

test('refuses a request that breaks the model with 400', async () => {
  const { arn } = await createChannel()
  await expectRefusal(get(undefined), invalid('channelArn is required'))
  await expectRefusal(get(arn, 'st-short'), invalid('streamId must be at least 26 characters long'))
  await expectRefusal(get(arn, `xx-${'a'.repeat(23)}`), invalid('streamId must match'))
})
