/**
 * ImportPlaybackKeyPair: the public half of a key that signs playback tokens.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import { newPlaybackKeyPair } from '../../domain/playback-key-pair.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { resourceName, tags } from './members.ts'
import { toPlaybackKeyPairShape } from './playback-key-pair-shape.ts'

/** Imports a playback key pair. */
export const importPlaybackKeyPair: Operation = defineOperation({
  name: 'ImportPlaybackKeyPair',
  input: Type.Object({
    publicKeyMaterial: Type.String(),
    name: Type.Optional(resourceName),
    tags: Type.Optional(tags),
  }),
  run: async ({ playbackKeyPairs, identity, limits, clock, accountId }, input) => {
    const birth = { region: identity.region, accountId, nowMs: clock.nowMs() }
    const keyPair = newPlaybackKeyPair(birth, input)
    const outcome = await playbackKeyPairs.create(keyPair, limits.playbackKeyPairs)
    if (outcome === 'duplicate') throw new DomainError('CONFLICT', 'publicKeyMaterial was imported already')
    if (outcome === 'over-limit') {
      throw new DomainError(
        'QUOTA_EXCEEDED',
        `an account can have ${limits.playbackKeyPairs} playback key pairs`,
      )
    }
    return { keyPair: toPlaybackKeyPairShape(keyPair) }
  },
})
