/**
 * CreatePrefetchSchedule: when ads of coming breaks may be asked for early.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import { MAX_ACTIVE_PREFETCH_SCHEDULES, newPrefetchSchedule } from '../../domain/prefetch-schedule.ts'
import { oneOf, tags } from '../ivs/members.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { knownMembers } from './known-members.ts'
import { name, text } from './members.ts'
import { prefetchDocument, prefetchScheduleMembers } from './prefetch-schedule-members.ts'
import { toPrefetchScheduleShape } from './prefetch-schedule-shape.ts'
import { configurationNotFound } from './refusals.ts'

/** Creates a prefetch schedule, in force from now on. */
export const createPrefetchSchedule: Operation = defineOperation({
  name: 'CreatePrefetchSchedule',
  path: '/prefetchSchedule/{PlaybackConfigurationName}/{Name}',
  input: Type.Object({
    PlaybackConfigurationName: name,
    Name: name,
    ScheduleType: Type.Optional(oneOf(['SINGLE', 'RECURRING'])),
    StreamId: Type.Optional(text),
    ...prefetchScheduleMembers,
    tags: Type.Optional(tags),
  }),
  run: async ({ prefetchSchedules, identity, clock, accountId }, input) => {
    const nowMs = clock.nowMs()
    const schedule = newPrefetchSchedule(
      { region: identity.region, accountId, nowMs },
      {
        configurationName: input.PlaybackConfigurationName,
        name: input.Name,
        scheduleType: input.ScheduleType,
        streamId: input.StreamId,
        document: knownMembers(prefetchDocument, input),
        tags: input.tags,
      },
    )
    const outcome = await prefetchSchedules.create(schedule, MAX_ACTIVE_PREFETCH_SCHEDULES, nowMs)
    if (outcome === 'created') return toPrefetchScheduleShape(schedule)
    if (outcome === 'no-configuration') throw configurationNotFound(schedule.configurationName)
    if (outcome === 'duplicate') {
      throw new DomainError('CONFLICT', `there is a prefetch schedule ${schedule.name} already`)
    }
    throw new DomainError(
      'QUOTA_EXCEEDED',
      `a playback configuration can have ${MAX_ACTIVE_PREFETCH_SCHEDULES} active prefetch schedules`,
    )
  },
})
