/**
 * DeletePlaybackRestrictionPolicy: removes a playback restriction policy that no channel refers to.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { requireDeleted } from './refusals.ts'

/** Deletes a playback restriction policy. */
export const deletePlaybackRestrictionPolicy: Operation = defineOperation({
  name: 'DeletePlaybackRestrictionPolicy',
  status: 204,
  input: Type.Object({ arn: arnOf('playback-restriction-policy') }),
  run: async ({ playbackRestrictionPolicies, accountId }, { arn }) => {
    requireDeleted(await playbackRestrictionPolicies.delete(accountId, arn), arn)
    return undefined
  },
})
