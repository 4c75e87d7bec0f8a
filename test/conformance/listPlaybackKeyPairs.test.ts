import { DeletePlaybackKeyPairCommand, ListPlaybackKeyPairsCommand } from '@aws-sdk/client-ivs'
import { makeKeyPair } from './resource-makers.ts'
import { testListing } from './resource-listing.ts'

testListing({
  make: makeKeyPair,
  list: async (api, input) => {
    const { keyPairs: items, nextToken } = await api.client.send(new ListPlaybackKeyPairsCommand(input))
    return { items, nextToken }
  },
  remove: (api, arn) => api.client.send(new DeletePlaybackKeyPairCommand({ arn })),
  shown: {},
  pageQuota: 'playbackKeyPairs',
})
