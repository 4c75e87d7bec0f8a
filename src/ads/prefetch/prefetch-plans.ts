/**
 * The prefetch schedules in force on this server, and which of them hold for the sessions of a stream.
 *
 * They are read at every look, all at once: nearly always there is none, and that has to cost next to nothing.
 *
 * Reference: ssai §2.4.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { LiveMedia } from '../../domain/live.ts'
import { prefetchPlanOf, type PrefetchPlan } from '../../domain/prefetch-plan.ts'
import type { PrefetchScheduleStore } from '../../domain/stores.ts'
import type { AdViewer } from '../ad-viewer.ts'
import { chooseConfiguration, type AdSources } from '../decision/ad-sources.ts'

/** What holds for the sessions of one stream. */
export type StreamPlans = {
  readonly plans: readonly PrefetchPlan[]
  /** Configuration that a session is asked for with; undefined when it has none. */
  readonly configurationOf: (viewer: Pick<AdViewer, 'claims'>) => string | undefined
}

/** What is needed to know. */
export type PrefetchPlansOptions = {
  readonly store: Pick<PrefetchScheduleStore, 'listActive'>
  readonly sources: Pick<AdSources, 'of'>
  readonly clock: Pick<Clock, 'nowMs'>
  readonly logger: Logger
}

/** Of all accounts together; of more, those that end first are in force. */
const MAX_SCHEDULES = 2000
const NO_PLANS: StreamPlans = { plans: [], configurationOf: () => undefined }

/** The schedules of this server. */
export class PrefetchPlans {
  readonly #options: PrefetchPlansOptions
  #byAccount: ReadonlyMap<string, readonly PrefetchPlan[]> = new Map()
  #isStale = false

  constructor(options: PrefetchPlansOptions) {
    this.#options = options
  }

  /** Reads them anew. When that fails those known stay in force, and it is logged once. */
  async refresh(): Promise<void> {
    const { store, clock, logger } = this.#options
    try {
      const schedules = await store.listActive(clock.nowMs(), MAX_SCHEDULES)
      this.#byAccount = Map.groupBy(schedules.map(prefetchPlanOf), ({ accountId }) => accountId)
      this.#isStale = false
    } catch (error) {
      if (!this.#isStale) logger.warn('prefetch schedules could not be read', { err: error })
      this.#isStale = true
    }
  }

  /** Those for all streams of their configuration, and those for this one or its channel. */
  async forStream({ streamId, channel }: Pick<LiveMedia, 'streamId' | 'channel'>): Promise<StreamPlans> {
    const nowMs = this.#options.clock.nowMs()
    const names = ['', streamId, channel.arn]
    const plans = (this.#byAccount.get(channel.accountId) ?? []).filter(
      (plan) => names.includes(plan.streamId) && plan.consumption.endMs >= nowMs,
    )
    if (plans.length === 0) return NO_PLANS
    const ads = await this.#options.sources.of(channel.accountId, channel.arn)
    return {
      plans,
      configurationOf: ({ claims: { direct, playbackConfigName } }) =>
        direct
          ? direct.configurationName
          : ads && chooseConfiguration(ads, playbackConfigName).settings?.configurationName,
    }
  }
}
