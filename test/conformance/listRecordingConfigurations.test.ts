import { DeleteRecordingConfigurationCommand, ListRecordingConfigurationsCommand } from '@aws-sdk/client-ivs'
import { expect } from 'vitest'
import { makeRecordingConfiguration } from './resource-makers.ts'
import { testListing } from './resource-listing.ts'

testListing({
  make: makeRecordingConfiguration,
  list: async (api, input) => {
    const { recordingConfigurations: items, nextToken } = await api.client.send(
      new ListRecordingConfigurationsCommand(input),
    )
    return { items, nextToken }
  },
  remove: (api, arn) => api.client.send(new DeleteRecordingConfigurationCommand({ arn })),
  shown: {
    destinationConfiguration: { s3: { bucketName: 'some-bucket' } },
    state: expect.stringMatching(/^(CREATING|ACTIVE)$/) as string,
  },
  pageQuota: 'recordingConfigurations',
})
