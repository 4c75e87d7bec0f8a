import { DeleteRecordingConfigurationCommand, GetRecordingConfigurationCommand } from '@aws-sdk/client-ivs'
import { testAttachableDeletion } from './attachable-deletion.ts'
import { makeRecordingConfiguration } from './resource-makers.ts'

testAttachableDeletion({
  resourceType: 'recording-configuration',
  member: 'recordingConfigurationArn',
  make: makeRecordingConfiguration,
  get: (api, arn) => api.client.send(new GetRecordingConfigurationCommand({ arn })),
  remove: (api, arn) => api.client.send(new DeleteRecordingConfigurationCommand({ arn })),
  inUse: { name: 'ConflictException', status: 409, says: 'is in use' },
})
