/**
 * GetPrefetchSchedule: one schedule, until seven days after its end.
 */
import { Type } from 'typebox'
import { PREFETCH_SCHEDULE_AFTERLIFE_MS } from '../../domain/prefetch-schedule.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { name } from './members.ts'
import { toPrefetchScheduleShape } from './prefetch-schedule-shape.ts'
import { scheduleNotFound } from './refusals.ts'

/** Gets a prefetch schedule. */
export const getPrefetchSchedule: Operation = defineOperation({
  name: 'GetPrefetchSchedule',
  method: 'GET',
  path: '/prefetchSchedule/{PlaybackConfigurationName}/{Name}',
  input: Type.Object({ PlaybackConfigurationName: name, Name: name }),
  run: async ({ prefetchSchedules, clock, accountId }, input) => {
    const { PlaybackConfigurationName: configurationName, Name } = input
    const schedule = await prefetchSchedules.get({ accountId, configurationName, name: Name })
    if (!schedule || schedule.endsAtMs < clock.nowMs() - PREFETCH_SCHEDULE_AFTERLIFE_MS) {
      throw scheduleNotFound(configurationName, Name)
    }
    return toPrefetchScheduleShape(schedule)
  },
})
