import { GetPlaybackKeyPairCommand } from '@aws-sdk/client-ivs'
import { makeKeyPair } from './resource-makers.ts'
import { testGetting } from './resource-getting.ts'

testGetting({
  resourceType: 'playback-key',
  make: makeKeyPair,
  get: async (api, arn) => (await api.client.send(new GetPlaybackKeyPairCommand({ arn }))).keyPair,
})
