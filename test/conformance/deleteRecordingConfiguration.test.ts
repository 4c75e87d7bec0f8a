import {
  DeleteChannelCommand,
  DeleteRecordingConfigurationCommand,
  GetRecordingConfigurationCommand,
  GetChannelCommand,
  UpdateChannelCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeChannel, makeRecordingConfiguration, missingArn } from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const remove = (arn: string | undefined) => api.client.send(new DeleteRecordingConfigurationCommand({ arn }))
const MIDDLE = 3
const IN_USE = { name: 'ConflictException', status: 409, says: 'is in use' }

test('answers 204, and it is gone', async () => {
  const arn = await makeRecordingConfiguration(api)
  expect((await remove(arn)).$metadata.httpStatusCode).toBe(204)
  await expectRefusal(api.client.send(new GetRecordingConfigurationCommand({ arn })), notFound(arn))
  await expectRefusal(remove(arn), notFound(arn))
})

test('refuses one that a channel refers to with 409, until it is detached', async () => {
  const arn = await makeRecordingConfiguration(api)
  const channelArn = await makeChannel(api, { recordingConfigurationArn: arn })
  await expectRefusal(remove(arn), IN_USE)
  await api.client.send(new UpdateChannelCommand({ arn: channelArn, recordingConfigurationArn: '' }))
  await remove(arn)
})

test('refuses one that a channel was changed to with 409, until the channel is gone', async () => {
  const arn = await makeRecordingConfiguration(api)
  const channelArn = await makeChannel(api)
  await api.client.send(new UpdateChannelCommand({ arn: channelArn, recordingConfigurationArn: arn }))
  await expectRefusal(remove(arn), IN_USE)
  await api.client.send(new DeleteChannelCommand({ arn: channelArn }))
  await remove(arn)
})

test('is never deleted under a channel that is attached to it at the same moment', async () => {
  const channelArns = await Promise.all(Array.from({ length: 2 * MIDDLE }, () => makeChannel(api)))
  for (let round = 0; round < 5; round++) {
    const arn = await makeRecordingConfiguration(api)
    const attach = (channelArn: string) =>
      api.client.send(new UpdateChannelCommand({ arn: channelArn, recordingConfigurationArn: arn }))
    // In the middle, so that some attach before and some after.
    const outcomes = await Promise.allSettled([
      ...channelArns.slice(0, MIDDLE).map(attach),
      remove(arn),
      ...channelArns.slice(MIDDLE).map(attach),
    ])
    const [deletion] = outcomes.splice(MIDDLE, 1)
    const deleted = deletion?.status === 'fulfilled'
    const channels = await Promise.all(
      channelArns.map((channelArn) => api.client.send(new GetChannelCommand({ arn: channelArn }))),
    )
    const attached = channels.filter(({ channel }) => channel?.recordingConfigurationArn === arn).length
    expect(attached).toBe(outcomes.filter((outcome) => outcome.status === 'fulfilled').length)
    expect(deleted).toBe(attached === 0)
    for (const channelArn of channelArns) {
      await api.client.send(new UpdateChannelCommand({ arn: channelArn, recordingConfigurationArn: '' }))
    }
    if (!deleted) await remove(arn)
  }
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(
    remove(missingArn('recording-configuration')),
    notFound(missingArn('recording-configuration')),
  )
  await expectRefusal(remove(undefined), invalid('arn is required'))
})
