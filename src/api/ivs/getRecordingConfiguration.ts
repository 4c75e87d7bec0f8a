/**
 * GetRecordingConfiguration: one recording configuration with its state.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { toRecordingConfigurationShape } from './recording-configuration-shape.ts'
import { resourceNotFound } from './refusals.ts'

/** Gets a recording configuration. */
export const getRecordingConfiguration: Operation = defineOperation({
  name: 'GetRecordingConfiguration',
  input: Type.Object({ arn: arnOf('recording-configuration') }),
  run: async ({ recordingConfigurations, accountId }, { arn }) => {
    const configuration = await recordingConfigurations.get(accountId, arn)
    if (!configuration) throw resourceNotFound(arn)
    return { recordingConfiguration: toRecordingConfigurationShape(configuration) }
  },
})
