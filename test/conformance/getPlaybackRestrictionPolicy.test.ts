import { GetPlaybackRestrictionPolicyCommand } from '@aws-sdk/client-ivs'
import { makePolicy } from './resource-makers.ts'
import { testGetting } from './resource-getting.ts'

testGetting({
  resourceType: 'playback-restriction-policy',
  make: makePolicy,
  get: async (api, arn) =>
    (await api.client.send(new GetPlaybackRestrictionPolicyCommand({ arn }))).playbackRestrictionPolicy,
})
