/**
 * What CreatePrefetchSchedule takes besides names and tags (reference ssai §2.4).
 */
import { Type } from 'typebox'
import type { TObject, TOptional, TUnsafe } from 'typebox'
import { oneOf } from '../ivs/members.ts'
import { moment, text, textMap, whole } from './members.ts'

const MAX_CRITERIA = 100
const MAX_SECONDS = 86_400
const MAX_COUNT = 1_000_000_000

const matchingCriteria = Type.Optional(
  Type.Array(Type.Object({ DynamicVariable: text, Operator: oneOf(['EQUALS']) }), {
    maxItems: MAX_CRITERIA,
  }),
)

const trafficShaping = {
  TrafficShapingType: Type.Optional(oneOf(['RETRIEVAL_WINDOW', 'TPS'])),
  TrafficShapingRetrievalWindow: Type.Optional(
    Type.Object({ RetrievalWindowDurationSeconds: Type.Optional(whole(1, MAX_SECONDS)) }),
  ),
  TrafficShapingTpsConfiguration: Type.Optional(
    Type.Object({
      PeakTps: Type.Optional(whole(1, MAX_COUNT)),
      PeakConcurrentUsers: Type.Optional(whole(1, MAX_COUNT)),
    }),
  ),
}

const retrieval = Type.Object({
  StartTime: Type.Optional(moment),
  EndTime: moment,
  DynamicVariables: Type.Optional(textMap()),
  ...trafficShaping,
})

const consumption = Type.Object({
  StartTime: Type.Optional(moment),
  EndTime: moment,
  AvailMatchingCriteria: matchingCriteria,
})

const recurring = Type.Object({
  StartTime: Type.Optional(moment),
  EndTime: moment,
  RecurringConsumption: Type.Object({
    RetrievedAdExpirationSeconds: Type.Optional(whole(1, MAX_SECONDS)),
    AvailMatchingCriteria: matchingCriteria,
  }),
  RecurringRetrieval: Type.Object({
    DynamicVariables: Type.Optional(textMap()),
    DelayAfterAvailEndSeconds: Type.Optional(whole(0, MAX_SECONDS)),
    ...trafficShaping,
  }),
})

type PrefetchScheduleMembers = {
  readonly Retrieval: TOptional<TUnsafe<object>>
  readonly Consumption: TOptional<TUnsafe<object>>
  readonly RecurringPrefetchConfiguration: TOptional<TUnsafe<object>>
}

/** The members that a schedule's document is made of. */
export const prefetchScheduleMembers: PrefetchScheduleMembers = {
  Retrieval: Type.Optional(Type.Unsafe<object>(retrieval)),
  Consumption: Type.Optional(Type.Unsafe<object>(consumption)),
  RecurringPrefetchConfiguration: Type.Optional(Type.Unsafe<object>(recurring)),
}

/** The document in a request. */
export const prefetchDocument: TObject = Type.Object(prefetchScheduleMembers)
