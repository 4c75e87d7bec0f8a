/**
 * CreatePlaybackRestrictionPolicy: from where channels may be watched.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import { newPlaybackRestrictionPolicy } from '../../domain/playback-restriction-policy.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { tags } from './members.ts'
import { toPlaybackRestrictionPolicyShape } from './playback-restriction-policy-shape.ts'
import { playbackRestrictionMembers, toPlaybackRestrictionSettings } from './playback-restriction-settings.ts'

/** Creates a playback restriction policy. */
export const createPlaybackRestrictionPolicy: Operation = defineOperation({
  name: 'CreatePlaybackRestrictionPolicy',
  input: Type.Object({ ...playbackRestrictionMembers, tags: Type.Optional(tags) }),
  run: async ({ playbackRestrictionPolicies, identity, limits, clock, accountId }, input) => {
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const policy = newPlaybackRestrictionPolicy(birth, toPlaybackRestrictionSettings(input), input.tags)
    const limit = limits.playbackRestrictionPolicies
    if ((await playbackRestrictionPolicies.create(policy, limit)) === 'over-limit') {
      throw new DomainError('QUOTA_EXCEEDED', `an account can have ${limit} playback restriction policies`)
    }
    return { playbackRestrictionPolicy: toPlaybackRestrictionPolicyShape(policy) }
  },
})
