/**
 * Work that comes back: signs of life of the running sessions, and forgetting what has outlived its time.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import { BEACON_MEMORY_MS, MAX_REMEMBERED_CHAINS } from '../domain/beacon-queue.ts'
import type { BeaconQueue } from '../domain/beacon-queue.ts'
import type {
  RevocationStore,
  SpentTokenStore,
  StreamSessionStore,
  PrefetchScheduleStore,
} from '../domain/stores.ts'
import { EVENT_LIFETIME_MS, MAX_DEAD_LETTERS, MAX_OUTBOX_EVENTS } from '../domain/event-outbox.ts'
import type { EventOutbox } from '../domain/event-outbox.ts'
import { PREFETCH_SCHEDULE_AFTERLIFE_MS } from '../domain/prefetch-schedule.ts'
import { STREAM_SESSION_LIFETIME_MS } from '../domain/stream-session.ts'
import { endInterruptedSessions } from '../session/end-interrupted.ts'
import { REVOCATION_LIFETIME_MS } from '../domain/viewer-session-revocation.ts'

/** What is kept in order. */
export type HousekeepingOptions = {
  readonly streamSessions: Pick<StreamSessionStore, 'listOpen' | 'markAlive' | 'removeEndedBefore' | 'write'>
  readonly revocations: Pick<RevocationStore, 'removeBefore'>
  readonly spentTokens: Pick<SpentTokenStore, 'removeExpiredBefore'>
  readonly eventOutbox: Pick<EventOutbox, 'newest' | 'removeBefore' | 'removeUpTo' | 'trimDead'>
  readonly prefetchSchedules: Pick<PrefetchScheduleStore, 'removeEndedBefore'>
  readonly beacons: Pick<BeaconQueue, 'forgetBefore' | 'memoryCutoffMs'>
  /** Names this server among those that share the database. */
  readonly nodeId: string
  readonly clock: Clock
  readonly logger: Logger
}

/** After a crash, a session ends at most this long before it really did. */
const SIGN_OF_LIFE_MS = 10_000
/** A server that is silent for so long is gone, and its sessions with it. */
const MAX_SILENCE_MS = 60_000
/** Kept longer than needed, for nodes whose clocks are behind. */
const SPENT_TOKEN_GRACE_MS = 60 * 60 * 1000
const FORGET_EVERY_MS = 60 * 60 * 1000
/** Rows that one delete takes, so that others get their turn in between. */
const MAX_ROWS_AT_ONCE = 500

/** Starts the work, the forgetting at once; disposing it ends it. */
export function startHousekeeping(options: HousekeepingOptions): Disposable {
  const { streamSessions, revocations, spentTokens, eventOutbox, beacons, prefetchSchedules } = options
  const { clock, nodeId } = options
  const stack = new DisposableStack()
  stack.use(repeat(options, SIGN_OF_LIFE_MS, () => streamSessions.markAlive(nodeId, clock.nowMs())))
  const endSilent = async (): Promise<void> => {
    const silentSinceMs = clock.nowMs() - MAX_SILENCE_MS
    await endInterruptedSessions(streamSessions, { otherThanNodeId: nodeId, silentSinceMs })
  }
  stack.use(repeat(options, MAX_SILENCE_MS, endSilent))
  const forget = async (): Promise<void> => {
    const nowMs = clock.nowMs()
    await removeAll((limit) => streamSessions.removeEndedBefore(nowMs - STREAM_SESSION_LIFETIME_MS, limit))
    await removeAll((limit) => revocations.removeBefore(nowMs - REVOCATION_LIFETIME_MS, limit))
    await removeAll((limit) => spentTokens.removeExpiredBefore(nowMs - SPENT_TOKEN_GRACE_MS, limit))
    await removeAll((limit) => eventOutbox.removeBefore(nowMs - EVENT_LIFETIME_MS, limit))
    const endedMs = nowMs - PREFETCH_SCHEDULE_AFTERLIFE_MS
    await removeAll((limit) => prefetchSchedules.removeEndedBefore(endedMs, limit))
    const newest = await eventOutbox.newest()
    await removeAll((limit) => eventOutbox.removeUpTo(newest - MAX_OUTBOX_EVENTS, limit))
    await eventOutbox.trimDead(MAX_DEAD_LETTERS)
    const oldest = Math.max(nowMs - BEACON_MEMORY_MS, await beacons.memoryCutoffMs(MAX_REMEMBERED_CHAINS))
    await removeAll((limit) => beacons.forgetBefore(oldest, limit))
  }
  stack.use(repeat(options, FORGET_EVERY_MS, forget))
  return stack
}

/** Runs `work` now and again `everyMs` after each end, failed or not. */
function repeat(
  { clock, logger }: Pick<HousekeepingOptions, 'clock' | 'logger'>,
  everyMs: number,
  work: () => Promise<void>,
): Disposable {
  let timer: Timer | undefined
  let stopped = false
  const run = async (): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!stopped) logger.warn('housekeeping failed and is tried again later', { err: error })
    }
    if (!stopped) timer = clock.after(everyMs, () => void run())
  }
  void run()
  return {
    [Symbol.dispose]: () => {
      stopped = true
      timer?.cancel()
    },
  }
}

async function removeAll(remove: (limit: number) => Promise<number>): Promise<void> {
  while ((await remove(MAX_ROWS_AT_ONCE)) >= MAX_ROWS_AT_ONCE);
}
