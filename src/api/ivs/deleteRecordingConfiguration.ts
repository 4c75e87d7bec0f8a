/**
 * DeleteRecordingConfiguration: removes a recording configuration that no channel refers to.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { requireDeleted } from './refusals.ts'

/** Deletes a recording configuration. */
export const deleteRecordingConfiguration: Operation = defineOperation({
  name: 'DeleteRecordingConfiguration',
  status: 204,
  input: Type.Object({ arn: arnOf('recording-configuration') }),
  run: async ({ recordingConfigurations, accountId }, { arn }) => {
    requireDeleted(await recordingConfigurations.delete(accountId, arn), arn)
    return undefined
  },
})
