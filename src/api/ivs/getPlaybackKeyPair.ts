/**
 * GetPlaybackKeyPair: one imported key, by its fingerprint and without the key itself.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { toPlaybackKeyPairShape } from './playback-key-pair-shape.ts'
import { resourceNotFound } from './refusals.ts'

/** Gets a playback key pair. */
export const getPlaybackKeyPair: Operation = defineOperation({
  name: 'GetPlaybackKeyPair',
  input: Type.Object({ arn: arnOf('playback-key') }),
  run: async ({ playbackKeyPairs, accountId }, { arn }) => {
    const keyPair = await playbackKeyPairs.get(accountId, arn)
    if (!keyPair) throw resourceNotFound(arn)
    return { keyPair: toPlaybackKeyPairShape(keyPair) }
  },
})
