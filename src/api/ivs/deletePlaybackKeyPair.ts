/**
 * DeletePlaybackKeyPair: takes a key away, so that tokens signed with it are worth nothing.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { resourceNotFound } from './refusals.ts'

/** Deletes a playback key pair; unlike other deletions this one is answered with an empty object. */
export const deletePlaybackKeyPair: Operation = defineOperation({
  name: 'DeletePlaybackKeyPair',
  input: Type.Object({ arn: arnOf('playback-key') }),
  run: async ({ playbackKeyPairs, accountId }, { arn }) => {
    if (!(await playbackKeyPairs.delete(accountId, arn))) throw resourceNotFound(arn)
    return {}
  },
})
