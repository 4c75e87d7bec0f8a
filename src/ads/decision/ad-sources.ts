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
  /** The configuration called so, whatever channels it belongs to. */
  readonly named: (accountId: string, configurationName: string) => Promise<AdSettings | undefined>
}

type Kept<Value> = { readonly value: Promise<Value>; readonly untilMonotonicMs: number }

const KEEP_MS = 1000
const MAX_KEPT = 10_000

/** Remembers for a second what the store says. */
export class AdSources implements ChannelAdsStore {
  readonly #store: ChannelAdsStore
  readonly #clock: Clock
  readonly #channels = new Map<string, Kept<ChannelAds | undefined>>()
  readonly #named = new Map<string, Kept<AdSettings | undefined>>()

  constructor(store: ChannelAdsStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  readonly of = (accountId: string, channelArn: string): Promise<ChannelAds | undefined> =>
    this.#remember(this.#channels, `${accountId} ${channelArn}`, () => this.#store.of(accountId, channelArn))

  readonly named = (accountId: string, configurationName: string): Promise<AdSettings | undefined> =>
    this.#remember(this.#named, `${accountId} ${configurationName}`, () =>
      this.#store.named(accountId, configurationName),
    )

  #remember<Value>(all: Map<string, Kept<Value>>, key: string, read: () => Promise<Value>): Promise<Value> {
    const nowMs = this.#clock.monotonicMs()
    const kept = all.get(key)
    if (kept && kept.untilMonotonicMs > nowMs) return kept.value
    const value = read()
    // Entries stand in the order in which they were asked for: the first is the oldest.
    all.delete(key)
    all.set(key, { value, untilMonotonicMs: nowMs + KEEP_MS })
    const [oldest] = all.keys()
    if (all.size > MAX_KEPT && oldest !== undefined) all.delete(oldest)
    // A failure is not kept: the next one asks again.
    value.catch(() => {
      if (all.get(key)?.value === value) all.delete(key)
    })
    return value
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
