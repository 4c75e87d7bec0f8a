/**
 * Counts what is reported of ads, by the names of AWS Elemental MediaTailor.
 *
 * Reference: ssai §3.9.
 */
import { isAdMetric, type AdSampleSink } from '../../domain/ad-metrics.ts'

/** A count since the server started. */
export type BeaconCount = {
  /** E.g. `Avail.Impression`, or `Avail.Complete.Fired` when there is a domain. */
  readonly name: string
  readonly configurationName: string
  /** Host that beacons went to. */
  readonly adTrackingDomain: string | undefined
  readonly count: number
}

/** What became of all beacons since the server started. */
export type BeaconTotals = {
  readonly arrived: number
  readonly failedAttempts: number
  readonly givenUp: number
  /** Never kept, because there were too many. */
  readonly dropped: number
  /** On their way when a server died. */
  readonly uncertain: number
}

/** What happened to a beacon at a domain. */
export type BeaconStep = 'Fired' | 'Retried' | 'Recovered'

const NAMES: ReadonlyMap<string, string> = new Map([
  ['impression', 'Avail.Impression'],
  ['start', 'Avail.Start'],
  ['firstQuartile', 'Avail.FirstQuartile'],
  ['midpoint', 'Avail.Midpoint'],
  ['thirdQuartile', 'Avail.ThirdQuartile'],
  ['complete', 'Avail.Complete'],
])
/** Ad servers name the domains: no more than these are counted apart. */
const MAX_DOMAINS = 100
const MAX_CONFIGURATIONS = 1000
/** Stands for all that come later. */
const OTHER = 'other'

/** Counters of this server. */
export class BeaconCounters {
  readonly #counts = new Map<string, { -readonly [Key in keyof BeaconCount]: BeaconCount[Key] }>()
  readonly #domains = new Set<string>()
  readonly #configurations = new Set<string>()
  readonly #totals = { arrived: 0, failedAttempts: 0, givenUp: 0, dropped: 0, uncertain: 0 }
  readonly #onSample: AdSampleSink

  constructor(onSample: AdSampleSink = () => undefined) {
    this.#onSample = onSample
  }

  /** All counts so far. */
  get counts(): readonly BeaconCount[] {
    return [...this.#counts.values()].map((count) => ({ ...count }))
  }

  /** The totals so far. */
  get totals(): BeaconTotals {
    return { ...this.#totals }
  }

  /** An event of an ad became due and is reported. */
  due(configuration: { accountId: string; configurationName: string }, event: string): void {
    const name = NAMES.get(event)
    if (name !== undefined) this.#count(name, configuration, undefined)
  }

  /** Something happened to a beacon. */
  step(
    step: BeaconStep,
    subject: { accountId: string; configurationName: string; event: string; domain: string },
  ): void {
    const name = NAMES.get(subject.event)
    if (name === undefined) return
    this.#count(`${name}.${step}`, subject, limited(this.#domains, subject.domain, MAX_DOMAINS))
  }

  /** Adds to a total. */
  add(total: keyof BeaconTotals, count = 1): void {
    this.#totals[total] += count
  }

  #count(
    name: string,
    { accountId, ...configuration }: { accountId: string; configurationName: string },
    adTrackingDomain: string | undefined,
  ): void {
    const configurationName = limited(
      this.#configurations,
      configuration.configurationName,
      MAX_CONFIGURATIONS,
    )
    if (isAdMetric(name)) {
      this.#onSample({ metric: name, accountId, configurationName, adTrackingDomain, value: 1 })
    }
    const key = `${name}\n${configurationName}\n${adTrackingDomain ?? ''}`
    const known = this.#counts.get(key)
    if (known) known.count++
    else this.#counts.set(key, { name, configurationName, adTrackingDomain, count: 1 })
  }
}

function limited(known: Set<string>, name: string, max: number): string {
  if (known.has(name)) return name
  if (known.size >= max) return OTHER
  known.add(name)
  return name
}
