/**
 * Prefetch schedules of playback configurations: when ads of coming breaks may be asked for early (reference ssai §2.4).
 *
 * Here they are checked as a whole; single values are checked before they get here. What they mean is `prefetch-plan.ts`.
 */
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { DomainError } from './errors.ts'
import { acceptTags } from './tags.ts'

/** For one break, or for every break while it lasts. */
export type PrefetchScheduleType = 'SINGLE' | 'RECURRING'

/** A schedule, known by its name within its configuration. */
export type PrefetchSchedule = {
  readonly arn: string
  readonly accountId: string
  readonly configurationName: string
  readonly name: string
  readonly scheduleType: PrefetchScheduleType
  /** Empty when it is not for one stream alone. */
  readonly streamId: string
  /** When it ceases to be active; milliseconds since the Unix epoch. */
  readonly endsAtMs: number
  readonly tags: Tags
  readonly createdAtMs: number
  /** What was given, in the contract's own members: all of it is given back. */
  readonly document: Readonly<Record<string, unknown>>
}

/** Which active schedules a configuration may have at once. */
export const MAX_ACTIVE_PREFETCH_SCHEDULES = 25
/** So long a schedule can be read after its end. */
export const PREFETCH_SCHEDULE_AFTERLIFE_MS: number = 7 * 24 * 60 * 60 * 1000
const MAX_AHEAD_MS = 24 * 60 * 60 * 1000

/** A stretch of time, in seconds since the Unix epoch. */
export type PrefetchWindow = { readonly StartTime?: number; readonly EndTime: number }

/** What ads are asked for with, and how fast. */
export type RetrievalMembers = {
  readonly DynamicVariables?: Readonly<Record<string, string>>
  readonly TrafficShapingType?: 'RETRIEVAL_WINDOW' | 'TPS'
  readonly TrafficShapingRetrievalWindow?: { readonly RetrievalWindowDurationSeconds?: number }
  readonly TrafficShapingTpsConfiguration?: {
    readonly PeakTps?: number
    readonly PeakConcurrentUsers?: number
  }
}

/** Which breaks the ads are for. */
export type ConsumptionMembers = {
  readonly AvailMatchingCriteria?: readonly { readonly DynamicVariable: string }[]
}

/** Members of a schedule's document. */
export type PrefetchMembers = {
  readonly Retrieval?: PrefetchWindow & RetrievalMembers
  readonly Consumption?: PrefetchWindow & ConsumptionMembers
  readonly RecurringPrefetchConfiguration?: PrefetchWindow & {
    readonly RecurringRetrieval: RetrievalMembers & { readonly DelayAfterAvailEndSeconds?: number }
    readonly RecurringConsumption: ConsumptionMembers & { readonly RetrievedAdExpirationSeconds?: number }
  }
}

/** What is asked for when a schedule is created. */
export type PrefetchRequest = Pick<PrefetchSchedule, 'configurationName' | 'name'> & {
  readonly scheduleType: PrefetchScheduleType | undefined
  readonly streamId: string | undefined
  readonly document: Readonly<Record<string, unknown>>
  readonly tags: Tags | undefined
}

/**
 * A new schedule.
 *
 * @throws {DomainError} `VALIDATION` when its members do not go together or its time does not lie ahead.
 */
export function newPrefetchSchedule(birth: Birth, request: PrefetchRequest): PrefetchSchedule {
  const { configurationName, name, scheduleType = 'SINGLE', streamId = '', document, tags } = request
  const { region, accountId, nowMs } = birth
  const members = document as PrefetchMembers
  return {
    arn: prefetchScheduleArn(region, accountId, configurationName, name),
    accountId,
    configurationName,
    name,
    scheduleType,
    streamId,
    endsAtMs: scheduleType === 'SINGLE' ? singleEnd(members, nowMs) : recurringEnd(members, nowMs),
    tags: acceptTags(tags),
    createdAtMs: nowMs,
    document,
  }
}

function prefetchScheduleArn(region: string, accountId: string, configuration: string, name: string): string {
  return `arn:aws:mediatailor:${region}:${accountId}:prefetchSchedule/${configuration}/${name}`
}

function singleEnd({ Retrieval, Consumption, ...others }: PrefetchMembers, nowMs: number): number {
  if (!Retrieval) throw refusal('Retrieval is required with ScheduleType SINGLE')
  if (!Consumption) throw refusal('Consumption is required with ScheduleType SINGLE')
  if (others.RecurringPrefetchConfiguration) {
    throw refusal('RecurringPrefetchConfiguration needs ScheduleType RECURRING')
  }
  checkWindow('Retrieval', Retrieval, nowMs, nowMs + MAX_AHEAD_MS)
  checkWindow('Consumption', Consumption, nowMs, nowMs + MAX_AHEAD_MS)
  checkShaping('Retrieval', Retrieval)
  return endOf(Consumption)
}

function recurringEnd(members: PrefetchMembers, nowMs: number): number {
  const name = 'RecurringPrefetchConfiguration'
  const { [name]: recurring, Retrieval, Consumption } = members
  if (!recurring) throw refusal(`${name} is required with ScheduleType RECURRING`)
  if (Retrieval) throw refusal('Retrieval needs ScheduleType SINGLE')
  if (Consumption) throw refusal('Consumption needs ScheduleType SINGLE')
  checkWindow(name, recurring, nowMs)
  checkShaping(`${name}.RecurringRetrieval`, recurring.RecurringRetrieval)
  return endOf(recurring)
}

function checkWindow(name: string, window: PrefetchWindow, nowMs: number, latestMs = Infinity): void {
  if (endOf(window) <= nowMs) throw refusal(`${name}.EndTime must lie ahead`)
  if (endOf(window) > latestMs) throw refusal(`${name}.EndTime must be at most 24 hours ahead`)
  const { StartTime } = window
  if (StartTime !== undefined && StartTime >= window.EndTime) {
    throw refusal(`${name}.StartTime must be before ${name}.EndTime`)
  }
}

function checkShaping(name: string, shaping: RetrievalMembers): void {
  const {
    TrafficShapingType: type,
    TrafficShapingRetrievalWindow: window,
    TrafficShapingTpsConfiguration: tps,
  } = shaping
  if (type === 'TPS' && !tps) throw refusal(`${name}.TrafficShapingTpsConfiguration is required with TPS`)
  if (type === 'TPS' && window) {
    throw refusal(`${name}.TrafficShapingRetrievalWindow needs TrafficShapingType RETRIEVAL_WINDOW`)
  }
  if (type !== 'TPS' && tps) {
    throw refusal(`${name}.TrafficShapingTpsConfiguration needs TrafficShapingType TPS`)
  }
}

function endOf({ EndTime }: PrefetchWindow): number {
  return Math.round(EndTime * 1000)
}

function refusal(text: string): DomainError {
  return new DomainError('VALIDATION', text)
}
