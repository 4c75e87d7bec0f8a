import {
  DeletePlaybackRestrictionPolicyCommand,
  ListPlaybackRestrictionPoliciesCommand,
} from '@aws-sdk/client-ivs'
import { makePolicy } from './resource-makers.ts'
import { testListing } from './resource-listing.ts'

testListing({
  make: makePolicy,
  list: async (api, input) => {
    const { playbackRestrictionPolicies: items, nextToken } = await api.client.send(
      new ListPlaybackRestrictionPoliciesCommand(input),
    )
    return { items, nextToken }
  },
  remove: (api, arn) => api.client.send(new DeletePlaybackRestrictionPolicyCommand({ arn })),
  shown: { allowedCountries: [], allowedOrigins: [], enableStrictOriginEnforcement: false },
})
