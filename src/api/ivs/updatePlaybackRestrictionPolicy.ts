/**
 * UpdatePlaybackRestrictionPolicy: changes what is given.
 */
import { Type } from 'typebox'
import { changePlaybackRestrictionPolicy } from '../../domain/playback-restriction-policy.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { toPlaybackRestrictionPolicyShape } from './playback-restriction-policy-shape.ts'
import { playbackRestrictionMembers, toPlaybackRestrictionSettings } from './playback-restriction-settings.ts'
import { resourceNotFound } from './refusals.ts'

/** Updates a playback restriction policy, also while channels use it. */
export const updatePlaybackRestrictionPolicy: Operation = defineOperation({
  name: 'UpdatePlaybackRestrictionPolicy',
  input: Type.Object({ ...playbackRestrictionMembers, arn: arnOf('playback-restriction-policy') }),
  run: async ({ playbackRestrictionPolicies, accountId }, input) => {
    const settings = toPlaybackRestrictionSettings(input)
    const policy = await playbackRestrictionPolicies.update(accountId, input.arn, (stored) =>
      changePlaybackRestrictionPolicy(stored, settings),
    )
    if (!policy) throw resourceNotFound(input.arn)
    return { playbackRestrictionPolicy: toPlaybackRestrictionPolicyShape(policy) }
  },
})
