/**
 * Where the ads of a channel come from, asked for every decision and kept for about a second: a break asks once for each
 * of its viewers at nearly the same moment.
 */
import type { Clock } from '../../base/clock.ts'
import type { PostRoll } from '../../domain/ad-configuration.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'

/** The ad configuration of a channel with what it refers to. */
export type ChannelAds = {
  /** In the order of the ad configuration, those that exist; the first is for sessions that name none. */
  readonly configurations: readonly AdSettings[]
  readonly postRoll: PostRoll
}

/** Knows the ads of channels; undefined for one that has no ad configuration. */
export type ChannelAdsStore = {
  readonly of: (accountId: string, channelArn: string) => Promise<ChannelAds | undefined>
}

type Kept = { readonly ads: Promise<ChannelAds | undefined>; readonly untilMonotonicMs: number }

const KEEP_MS = 1000
const MAX_CHANNELS = 10_000

/** Remembers for a second what the store says. */
export class AdSources implements ChannelAdsStore {
  readonly #store: ChannelAdsStore
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()

  constructor(store: ChannelAdsStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  readonly of = (accountId: string, channelArn: string): Promise<ChannelAds | undefined> => {
    const nowMs = this.#clock.monotonicMs()
    const key = `${accountId} ${channelArn}`
    const kept = this.#kept.get(key)
    if (kept && kept.untilMonotonicMs > nowMs) return kept.ads
    const ads = this.#store.of(accountId, channelArn)
    // Entries stand in the order in which they were asked for: the first is the oldest.
    this.#kept.delete(key)
    this.#kept.set(key, { ads, untilMonotonicMs: nowMs + KEEP_MS })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > MAX_CHANNELS && oldest !== undefined) this.#kept.delete(oldest)
    // A failure is not kept: the next one asks again.
    ads.catch(() => {
      if (this.#kept.get(key)?.ads === ads) this.#kept.delete(key)
    })
    return ads
  }
}

/** The configuration that the session's token names, or else the first. */
export function chooseConfiguration(
  { configurations }: ChannelAds,
  name: string | undefined,
): { readonly settings: AdSettings | undefined; readonly isNameUnknown: boolean } {
  const named = configurations.find(({ configurationName }) => configurationName === name)
  return { settings: named ?? configurations[0], isNameUnknown: name !== undefined && !named }
}
