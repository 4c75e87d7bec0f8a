import { GetAdConfigurationCommand } from '@aws-sdk/client-ivs'
import { makeAdConfiguration } from './resource-makers.ts'
import { testGetting } from './resource-getting.ts'

testGetting({
  resourceType: 'ad-configuration',
  make: makeAdConfiguration,
  get: async (api, arn) => (await api.client.send(new GetAdConfigurationCommand({ arn }))).adConfiguration,
})
