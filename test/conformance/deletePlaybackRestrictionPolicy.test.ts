import {
  DeletePlaybackRestrictionPolicyCommand,
  GetPlaybackRestrictionPolicyCommand,
} from '@aws-sdk/client-ivs'
import { testAttachableDeletion } from './attachable-deletion.ts'
import { makePolicy } from './resource-makers.ts'

testAttachableDeletion({
  resourceType: 'playback-restriction-policy',
  member: 'playbackRestrictionPolicyArn',
  make: makePolicy,
  get: (api, arn) => api.client.send(new GetPlaybackRestrictionPolicyCommand({ arn })),
  remove: (api, arn) => api.client.send(new DeletePlaybackRestrictionPolicyCommand({ arn })),
  inUse: { name: 'ConflictException', status: 409, says: 'is in use' },
})
