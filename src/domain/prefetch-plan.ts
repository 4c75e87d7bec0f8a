/**
 * What a prefetch schedule wants, with every default filled in.
 *
 * Reference: ssai §2.4.
 */
import type {
  ConsumptionMembers,
  PrefetchMembers,
  PrefetchSchedule,
  PrefetchWindow,
  RetrievalMembers,
} from './prefetch-schedule.ts'

/** A stretch of time, both ends included; milliseconds since the Unix epoch. */
export type PlanWindow = { readonly startMs: number; readonly endMs: number }

/** Over how long the requests of all viewers are spread: a given time, or as few a second as an ad server bears. */
export type PrefetchShaping =
  | { readonly kind: 'window'; readonly durationMs: number }
  | {
      readonly kind: 'rate'
      readonly perSecond: number
      /** How many viewers are expected; undefined for as many as there are. */
      readonly viewers: number | undefined
    }

/** A schedule that is in force. */
export type PrefetchPlan = {
  /** Tells schedules apart, also those that have had the same name. */
  readonly id: string
  readonly accountId: string
  readonly configurationName: string
  /** Stream or channel that it is for alone; empty for all. */
  readonly streamId: string
  /** When ads are asked for. */
  readonly retrieval: PlanWindow
  /** When a break has to begin to have them. */
  readonly consumption: PlanWindow
  /** Undefined when ads are asked for once; else again after each break, and kept for so long. Milliseconds. */
  readonly recurrence: { readonly delayMs: number; readonly keptMs: number } | undefined
  /** Values of variables of the ad request. */
  readonly variables: Readonly<Record<string, string>>
  readonly shaping: PrefetchShaping
  /** Variables that must stand for the same in the break as they did when its ads were asked for. */
  readonly matching: readonly string[]
}

/** Without a word about it. */
const DEFAULT_SPREAD_MS = 10_000

/** The plan of a schedule that was checked. */
export function prefetchPlanOf(schedule: PrefetchSchedule): PrefetchPlan {
  const { Retrieval, Consumption, RecurringPrefetchConfiguration } = schedule.document as PrefetchMembers
  if (RecurringPrefetchConfiguration) {
    const { RecurringRetrieval, RecurringConsumption } = RecurringPrefetchConfiguration
    const window = windowOf(schedule, RecurringPrefetchConfiguration)
    const recurrence = {
      delayMs: (RecurringRetrieval.DelayAfterAvailEndSeconds ?? 0) * 1000,
      keptMs: (RecurringConsumption.RetrievedAdExpirationSeconds ?? Infinity) * 1000,
    }
    const common = commonOf(schedule, RecurringRetrieval, RecurringConsumption)
    return { ...common, retrieval: window, consumption: window, recurrence }
  }
  return {
    ...commonOf(schedule, Retrieval, Consumption),
    retrieval: windowOf(schedule, Retrieval),
    consumption: windowOf(schedule, Consumption),
    recurrence: undefined,
  }
}

/** Over how long the requests of `viewers` who watch now are spread, in milliseconds. */
export function prefetchSpreadMs(shaping: PrefetchShaping, viewers: number): number {
  if (shaping.kind === 'window') return shaping.durationMs
  return ((shaping.viewers ?? viewers) * 1000) / shaping.perSecond
}

function commonOf(
  { arn, createdAtMs, accountId, configurationName, streamId }: PrefetchSchedule,
  retrieval: RetrievalMembers = {},
  { AvailMatchingCriteria = [] }: ConsumptionMembers = {},
): Omit<PrefetchPlan, 'retrieval' | 'consumption' | 'recurrence'> {
  return {
    id: `${arn} ${createdAtMs}`,
    accountId,
    configurationName,
    streamId,
    variables: retrieval.DynamicVariables ?? {},
    shaping: shapingOf(retrieval),
    matching: AvailMatchingCriteria.map(({ DynamicVariable }) => DynamicVariable),
  }
}

function shapingOf({
  TrafficShapingRetrievalWindow: window,
  TrafficShapingTpsConfiguration: tps,
}: RetrievalMembers): PrefetchShaping {
  if (tps?.PeakTps !== undefined) {
    return { kind: 'rate', perSecond: tps.PeakTps, viewers: tps.PeakConcurrentUsers }
  }
  const seconds = window?.RetrievalWindowDurationSeconds
  return { kind: 'window', durationMs: seconds === undefined ? DEFAULT_SPREAD_MS : seconds * 1000 }
}

/** Without a beginning it has begun. */
function windowOf(
  { createdAtMs, endsAtMs }: PrefetchSchedule,
  { StartTime, EndTime }: Partial<PrefetchWindow> = {},
): PlanWindow {
  return {
    startMs: StartTime === undefined ? createdAtMs : Math.round(StartTime * 1000),
    endMs: EndTime === undefined ? endsAtMs : Math.round(EndTime * 1000),
  }
}
