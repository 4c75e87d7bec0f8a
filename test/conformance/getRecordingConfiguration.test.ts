import { GetRecordingConfigurationCommand } from '@aws-sdk/client-ivs'
import { makeRecordingConfiguration } from './resource-makers.ts'
import { testGetting } from './resource-getting.ts'

testGetting({
  resourceType: 'recording-configuration',
  make: makeRecordingConfiguration,
  get: async (api, arn) =>
    (await api.client.send(new GetRecordingConfigurationCommand({ arn }))).recordingConfiguration,
})
