/**
 * Deciders that ask ad servers on loopback, for tests of the ad decision.
 */
import { silentLogger } from '../../base/logger.ts'
import { systemClock } from '../../base/clock.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { DecisionRequest } from '../ad-decider.ts'
import type { AdDecision } from '../ad-decision.ts'
import type { DueBeacon } from '../beacon.ts'
import { OutboundClient } from '../outbound/outbound-client.ts'
import { parseTargetAllowList } from '../outbound/target-allow-list.ts'
import { AdServerDecider, type DeciderOptions } from './ad-server-decider.ts'
import { TestLibrary, testRequest, testSettings } from './decision-fixture.ts'
import type { AdLogEntry } from './decision-log.ts'

/** Where the creatives of test ads are said to be. */
export const CREATIVE = 'https://cdn.example.com/'
/** Two ads. */
export const ADS: readonly { readonly id: string; readonly durationMs: number; readonly mediaUrl: string }[] =
  [
    { id: 'a', durationMs: 10_000, mediaUrl: `${CREATIVE}a` },
    { id: 'b', durationMs: 15_000, mediaUrl: `${CREATIVE}b` },
  ]
/** A library that has both, and a slate. */
export const READY: ConstructorParameters<typeof TestLibrary>[0] = { a: 10_000, b: 15_000, slate: 30_000 }

const closers: (() => PromiseLike<unknown> | undefined)[] = []

/** Closes something after the test. */
export function closeLater(close: () => PromiseLike<unknown> | undefined): void {
  closers.push(close)
}

/** Closes everything that a test opened. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

/** What a test wants of a decider. */
export type Setup = {
  readonly settings: readonly Partial<AdSettings>[]
  readonly states?: ConstructorParameters<typeof TestLibrary>[0]
  readonly allow?: string
  readonly options?: Partial<DeciderOptions>
}

/** A decider with what it did. */
export type TestDecider = {
  readonly made: AdServerDecider
  readonly library: TestLibrary
  readonly beacons: readonly DueBeacon[]
  readonly entries: readonly AdLogEntry[]
  readonly events: () => readonly string[]
  readonly decide: (changes?: Partial<DecisionRequest>) => Promise<AdDecision>
  /** The sum of a metric's samples. */
  readonly metric: (name: string, configurationName?: string) => number | undefined
}

/** A decider whose channel has these configurations. */
export function decider({
  settings,
  states = READY,
  allow = '127.0.0.0/8',
  options = {},
}: Setup): TestDecider {
  const clock = options.clock ?? systemClock
  const outbound = new OutboundClient({ allowList: parseTargetAllowList(allow) ?? [], clock })
  const entries: AdLogEntry[] = []
  const beacons: DueBeacon[] = []
  const library = new TestLibrary(states)
  const configurations = settings.map((changes) => {
    const configuration = testSettings({ requestTimeoutMs: 2000, ...changes })
    return { prefetch: configuration, ...configuration }
  })
  const made = new AdServerDecider({
    clock,
    logger: silentLogger,
    sources: {
      of: () => Promise.resolve({ configurations, postRoll: { enabled: false, durationSeconds: 15 } }),
      named: (_accountId, name) =>
        Promise.resolve(configurations.find(({ configurationName }) => configurationName === name)),
    },
    outbound,
    library,
    beacons: { due: (_viewer, due) => beacons.push(...due) },
    log: (entry) => entries.push(entry),
    ...options,
  })
  closers.push(
    () => made[Symbol.asyncDispose](),
    () => {
      outbound.close()
      return undefined
    },
  )
  return {
    made,
    library,
    beacons,
    entries,
    events: () => entries.map(({ eventType }) => eventType),
    decide: (changes: Partial<DecisionRequest> = {}) =>
      made.decide(testRequest({ dueMonotonicMs: clock.monotonicMs() + 8000, ...changes })),
    metric: (name: string, configurationName = 'first') =>
      made.counters.sums.find((sum) => sum.name === name && sum.configurationName === configurationName)?.sum,
  }
}

/** Ads by their ids, and what fills the rest by its name. */
export const played = ({ items }: AdDecision): readonly string[] =>
  items.map((item) => (item.kind === 'ad' ? item.ad.adId : item.creative.key))
