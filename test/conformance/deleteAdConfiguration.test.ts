import { DeleteAdConfigurationCommand, GetAdConfigurationCommand } from '@aws-sdk/client-ivs'
import { testAttachableDeletion } from './attachable-deletion.ts'
import { makeAdConfiguration } from './resource-makers.ts'

testAttachableDeletion({
  resourceType: 'ad-configuration',
  member: 'adConfigurationArn',
  make: makeAdConfiguration,
  get: (api, arn) => api.client.send(new GetAdConfigurationCommand({ arn })),
  remove: (api, arn) => api.client.send(new DeleteAdConfigurationCommand({ arn })),
  inUse: { name: 'ConflictException', status: 409, says: 'is in use' },
})
