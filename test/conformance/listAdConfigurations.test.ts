import { DeleteAdConfigurationCommand, ListAdConfigurationsCommand } from '@aws-sdk/client-ivs'
import { makeAdConfiguration, playbackConfigurationArn } from './resource-makers.ts'
import { testListing } from './resource-listing.ts'

testListing({
  make: makeAdConfiguration,
  list: async (api, input) => {
    const { adConfigurations: items, nextToken } = await api.client.send(
      new ListAdConfigurationsCommand(input),
    )
    return { items, nextToken }
  },
  remove: (api, arn) => api.client.send(new DeleteAdConfigurationCommand({ arn })),
  shown: {
    mediaTailorPlaybackConfigurations: [{ playbackConfigurationArn: playbackConfigurationArn('ads') }],
    postRollConfiguration: { enabled: false, durationSeconds: 15 },
  },
  pageQuota: 'adConfigurations',
})
