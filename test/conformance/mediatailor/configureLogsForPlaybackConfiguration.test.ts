import {
  ConfigureLogsForPlaybackConfigurationCommand,
  GetPlaybackConfigurationCommand,
} from '@aws-sdk/client-mediatailor'
import type { ConfigureLogsForPlaybackConfigurationCommandInput } from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { putPlaybackConfigurations } from '../resource-makers.ts'
import { badRequest, expectFault, notFound } from './expect-fault.ts'
import { sendSigned } from './signed-request.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
  await putPlaybackConfigurations(api, ['ads'])
})
afterAll(() => api[Symbol.asyncDispose]())

const PlaybackConfigurationName = 'ads'
const configure = async (input: Partial<ConfigureLogsForPlaybackConfigurationCommandInput>) => {
  const full = { PlaybackConfigurationName, PercentEnabled: 0, ...input }
  const { $metadata, ...answer } = await api.mediaTailor.send(
    new ConfigureLogsForPlaybackConfigurationCommand(full),
  )
  expect($metadata.httpStatusCode).toBe(200)
  return answer
}
const logOf = async (Name: string) =>
  (await api.mediaTailor.send(new GetPlaybackConfigurationCommand({ Name }))).LogConfiguration

test('keeps what is given, and the next call replaces it whole', async () => {
  const log: Partial<ConfigureLogsForPlaybackConfigurationCommandInput> = {
    PercentEnabled: 100,
    EnabledLoggingStrategies: ['VENDED_LOGS', 'LEGACY_CLOUDWATCH'],
    AdsInteractionLog: {
      PublishOptInEventTypes: ['RAW_ADS_RESPONSE'],
      ExcludeEventTypes: ['FILLED_AVAIL', 'BEACON_FIRED'],
    },
    ManifestServiceInteractionLog: { ExcludeEventTypes: ['GENERATED_MANIFEST'] },
  }
  expect(await configure(log)).toEqual({ PlaybackConfigurationName, ...log })
  expect(await logOf('ads')).toEqual(log)
  const least = { PercentEnabled: 5, EnabledLoggingStrategies: ['LEGACY_CLOUDWATCH'] }
  expect(await configure({ PercentEnabled: 5 })).toEqual({ PlaybackConfigurationName, ...least })
  expect(await logOf('ads')).toEqual(least)
})

test('takes events that clients know only since', async () => {
  const AdsInteractionLog = { PublishOptInEventTypes: ['PRE_ADS_REQUEST_HOOK_SUMMARY'] }
  const answer = await sendSigned(api, {
    method: 'PUT',
    path: '/configureLogs/playbackConfiguration',
    body: { PlaybackConfigurationName, PercentEnabled: 1, AdsInteractionLog },
  })
  expect(answer).toMatchObject({ status: 200, body: { AdsInteractionLog } })
})

test.each<{ says: string; input: object }>([
  { says: 'PercentEnabled must be at least 0', input: { PercentEnabled: -1 } },
  { says: 'PercentEnabled must be at most 100', input: { PercentEnabled: 101 } },
  { says: 'PercentEnabled is required', input: { PercentEnabled: undefined } },
  { says: 'PlaybackConfigurationName is required', input: { PlaybackConfigurationName: undefined } },
  { says: 'EnabledLoggingStrategies[0] must be one of', input: { EnabledLoggingStrategies: ['FILE'] } },
  {
    says: 'AdsInteractionLog.ExcludeEventTypes[0] must be one of',
    input: { AdsInteractionLog: { ExcludeEventTypes: ['NONE'] } },
  },
])('refuses with 400: $says', async ({ says, input }) => {
  await expectFault(configure(input), badRequest(says))
})

test('refuses a configuration that nobody made with 404', async () => {
  await expectFault(configure({ PlaybackConfigurationName: 'none' }), notFound('none not found'))
})
