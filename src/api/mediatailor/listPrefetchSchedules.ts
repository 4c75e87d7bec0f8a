/**
 * ListPrefetchSchedules: the schedules of a playback configuration, oldest first.
 */
import { Type } from 'typebox'
import { PREFETCH_SCHEDULE_AFTERLIFE_MS } from '../../domain/prefetch-schedule.ts'
import { oneOf } from '../ivs/members.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { listPage } from './list-page.ts'
import { maxResults, name, nextToken, text } from './members.ts'
import { toPrefetchScheduleShape } from './prefetch-schedule-shape.ts'
import { configurationNotFound } from './refusals.ts'

/** Lists prefetch schedules: those for one break unless another type is asked for. */
export const listPrefetchSchedules: Operation = defineOperation({
  name: 'ListPrefetchSchedules',
  path: '/prefetchSchedule/{PlaybackConfigurationName}',
  input: Type.Object({
    PlaybackConfigurationName: name,
    MaxResults: Type.Optional(maxResults),
    NextToken: Type.Optional(nextToken),
    ScheduleType: Type.Optional(oneOf(['SINGLE', 'RECURRING', 'ALL'])),
    StreamId: Type.Optional(text),
  }),
  run: async (context, input) => {
    const { playbackConfigurations, prefetchSchedules, clock, accountId } = context
    const { PlaybackConfigurationName: configurationName, ScheduleType = 'SINGLE', StreamId } = input
    if (!(await playbackConfigurations.get(accountId, configurationName))) {
      throw configurationNotFound(configurationName)
    }
    const filter = { configurationName, ScheduleType, StreamId }
    const page = await listPage(context, { operation: 'ListPrefetchSchedules', filter, input }, (request) =>
      prefetchSchedules.list(
        accountId,
        configurationName,
        {
          ...(ScheduleType !== 'ALL' && { scheduleType: ScheduleType }),
          ...(StreamId !== undefined && { streamId: StreamId }),
          endedSinceMs: clock.nowMs() - PREFETCH_SCHEDULE_AFTERLIFE_MS,
        },
        request,
      ),
    )
    return { Items: page.items.map(toPrefetchScheduleShape), ...page.continuation }
  },
})
