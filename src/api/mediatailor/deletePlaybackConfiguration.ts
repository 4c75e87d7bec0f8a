/**
 * DeletePlaybackConfiguration: removes a playback configuration that no ad configuration refers to.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { name } from './members.ts'
import { configurationNotFound } from './refusals.ts'

/** Deletes a playback configuration and its prefetch schedules. */
export const deletePlaybackConfiguration: Operation = defineOperation({
  name: 'DeletePlaybackConfiguration',
  method: 'DELETE',
  path: '/playbackConfiguration/{Name}',
  status: 204,
  input: Type.Object({ Name: name }),
  run: async ({ playbackConfigurations, accountId }, { Name }) => {
    const outcome = await playbackConfigurations.delete(accountId, Name)
    if (outcome === 'missing') throw configurationNotFound(Name)
    if (outcome === 'in-use') {
      throw new DomainError('CONFLICT', `an ad configuration uses ${Name}; change or delete that first`)
    }
    return undefined
  },
})
