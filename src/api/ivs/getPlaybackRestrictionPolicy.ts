/**
 * GetPlaybackRestrictionPolicy: one policy.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { toPlaybackRestrictionPolicyShape } from './playback-restriction-policy-shape.ts'
import { resourceNotFound } from './refusals.ts'

/** Gets a playback restriction policy. */
export const getPlaybackRestrictionPolicy: Operation = defineOperation({
  name: 'GetPlaybackRestrictionPolicy',
  input: Type.Object({ arn: arnOf('playback-restriction-policy') }),
  run: async ({ playbackRestrictionPolicies, accountId }, { arn }) => {
    const policy = await playbackRestrictionPolicies.get(accountId, arn)
    if (!policy) throw resourceNotFound(arn)
    return { playbackRestrictionPolicy: toPlaybackRestrictionPolicyShape(policy) }
  },
})
