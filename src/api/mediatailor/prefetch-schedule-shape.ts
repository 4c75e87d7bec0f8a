/**
 * Prefetch schedules as answers show them.
 */
import type { PrefetchSchedule } from '../../domain/prefetch-schedule.ts'

/** Shows a schedule: what was given, and where it belongs. */
export function toPrefetchScheduleShape(schedule: PrefetchSchedule): Readonly<Record<string, unknown>> {
  const { arn, configurationName, name, scheduleType, streamId, document, tags } = schedule
  return {
    ...document,
    Arn: arn,
    Name: name,
    PlaybackConfigurationName: configurationName,
    ScheduleType: scheduleType,
    ...(streamId !== '' && { StreamId: streamId }),
    tags,
  }
}
