/**
 * PutPlaybackConfiguration: makes a playback configuration, or replaces it whole.
 */
import { Type } from 'typebox'
import type { Tags } from '../../domain/channel.ts'
import { DomainError } from '../../domain/errors.ts'
import { putPlaybackConfiguration as put } from '../../domain/playback-configuration-rules.ts'
import { tags } from '../ivs/members.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { knownMembers } from './known-members.ts'
import { name } from './members.ts'
import { documentSchema, putMembers } from './playback-configuration-members.ts'
import { toPlaybackConfigurationShape } from './playback-configuration-shape.ts'

/** Puts a playback configuration, also while channels use it: the next ad break goes by it. */
export const putPlaybackConfiguration: Operation = defineOperation({
  name: 'PutPlaybackConfiguration',
  method: 'PUT',
  path: '/playbackConfiguration',
  input: Type.Object({ Name: name, ...putMembers, tags: Type.Optional(tags) }),
  run: async ({ playbackConfigurations, identity, limits, clock, accountId }, input) => {
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const { Name, tags: given } = input as { readonly Name: string; readonly tags?: Tags }
    const wanted = { name: Name, document: knownMembers(documentSchema, input), tags: given }
    const limit = limits.playbackConfigurations
    const kept = await playbackConfigurations.put(
      accountId,
      Name,
      (stored) => put(birth, wanted, stored),
      limit,
    )
    if (kept !== 'over-limit') return toPlaybackConfigurationShape(identity, kept)
    throw new DomainError('QUOTA_EXCEEDED', `an account can have ${limit} playback configurations`)
  },
})
