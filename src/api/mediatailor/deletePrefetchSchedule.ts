/**
 * DeletePrefetchSchedule: removes a schedule.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { name } from './members.ts'
import { scheduleNotFound } from './refusals.ts'

/** Deletes a prefetch schedule. */
export const deletePrefetchSchedule: Operation = defineOperation({
  name: 'DeletePrefetchSchedule',
  method: 'DELETE',
  path: '/prefetchSchedule/{PlaybackConfigurationName}/{Name}',
  status: 204,
  input: Type.Object({ PlaybackConfigurationName: name, Name: name }),
  run: async ({ prefetchSchedules, accountId }, input) => {
    const { PlaybackConfigurationName: configurationName, Name } = input
    const deleted = await prefetchSchedules.delete({ accountId, configurationName, name: Name })
    if (!deleted) throw scheduleNotFound(configurationName, Name)
    return undefined
  },
})
