/**
 * CreateRecordingConfiguration: where and what to record; it is usable once its bucket is known to be writable.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import { newRecordingConfiguration } from '../../domain/recording-configuration.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toRecordingConfigurationShape } from './recording-configuration-shape.ts'
import { recordingMembers, toRecordingConfigurationRequest } from './recording-settings.ts'

/** Creates a recording configuration in state `CREATING`. */
export const createRecordingConfiguration: Operation = defineOperation({
  name: 'CreateRecordingConfiguration',
  input: Type.Object(recordingMembers),
  run: async (context, input) => {
    const { recordingConfigurations, identity, limits, clock, accountId } = context
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const configuration = newRecordingConfiguration(birth, toRecordingConfigurationRequest(input))
    const limit = limits.recordingConfigurations
    if ((await recordingConfigurations.create(configuration, limit)) === 'over-limit') {
      throw new DomainError('QUOTA_EXCEEDED', `an account can have ${limit} recording configurations`)
    }
    context.recordingActivation.wake()
    return { recordingConfiguration: toRecordingConfigurationShape(configuration) }
  },
})
