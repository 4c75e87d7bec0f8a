import { GetRecordingConfigurationCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeRecordingConfiguration, missingArn } from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const get = (arn: string | undefined) => api.client.send(new GetRecordingConfigurationCommand({ arn }))

test('shows the one that was asked for', async () => {
  const arn = await makeRecordingConfiguration(api, 'one')
  await makeRecordingConfiguration(api, 'two')
  const { recordingConfiguration } = await get(arn)
  expect(recordingConfiguration).toMatchObject({ arn, name: 'one', tags: {} })
})

test('refuses an ARN that nobody made, or of another account or region, with 404', async () => {
  const arn = await makeRecordingConfiguration(api)
  const others = [
    missingArn('recording-configuration'),
    arn.replace('123456789012', '210987654321'),
    arn.replace('us-west-2', 'eu-west-1'),
  ]
  for (const other of others) await expectRefusal(get(other), notFound(other))
})

test.each([
  [undefined, 'arn is required'],
  ['', 'arn must be at least 1 characters long'],
  [MISSING_CHANNEL_ARN, 'arn must match'],
  [`${missingArn('recording-configuration')}${'x'.repeat(128)}`, 'arn must be at most 128 characters long'],
])('refuses the ARN %s with 400', async (arn, says) => {
  await expectRefusal(get(arn), invalid(says))
})
