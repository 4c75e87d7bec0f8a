/**
 * Counts and tells what becomes of beacons.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { AdSampleSink } from '../../domain/ad-metrics.ts'
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'
import type { BeaconViewer } from '../ad-viewer.ts'
import type { DueBeacon } from '../beacon.ts'
import { parseBody, type BeaconBody } from './beacon-body.ts'
import { isFirstOfEvent, subjectOf } from './beacon-key.ts'
import { BeaconCounters } from './beacon-counters.ts'
import { TroubleReport, type BeaconLogEntry, type BeaconLogSink } from './beacon-log.ts'

/** Where counts and log entries go. */
export type BeaconOutcomesOptions = {
  readonly clock: Clock
  readonly logger: Logger
  readonly logSink: BeaconLogSink
  /** Takes what is measured; default none. */
  readonly onSample?: AdSampleSink | undefined
}

/** The book of one server's beacons. */
export class BeaconOutcomes {
  readonly counters: BeaconCounters
  readonly #logSink: BeaconLogSink
  readonly #logger: Logger
  readonly #report: TroubleReport

  constructor({ clock, logger, logSink, onSample }: BeaconOutcomesOptions) {
    this.counters = new BeaconCounters(onSample)
    this.#logSink = logSink
    this.#logger = logger
    this.#report = new TroubleReport(logger, clock)
  }

  /** Beacons that are to be sent. */
  accepted(beacons: readonly QueuedBeacon[]): void {
    for (const { key, body } of beacons) {
      if (!isFirstOfEvent(key)) continue
      this.counters.due(parseBody(body), subjectOf(key).event)
    }
  }

  /** A request is made again. */
  retried(beacon: QueuedBeacon, body: BeaconBody): void {
    this.#step('Retried', beacon, body)
  }

  /** A beacon has arrived. */
  arrived(beacon: QueuedBeacon, body: BeaconBody, outcome: string): void {
    this.counters.add('arrived')
    this.#step('Fired', beacon, body)
    if (beacon.retryAtMs > 0) this.#step('Recovered', beacon, body)
    this.#tell('BEACON_FIRED', beacon, body, outcome)
  }

  /** A request failed and is made again later. */
  failed(): void {
    this.counters.add('failedAttempts')
  }

  /** A beacon is not sent any more. */
  givenUp(beacon: QueuedBeacon, body: BeaconBody, reason: string): void {
    this.counters.add('givenUp')
    this.#tell('ERROR_FIRING_BEACON_FAILED', beacon, body, reason)
    this.#report.note('given up', { target: beacon.lane, reason })
  }

  /** A beacon has no address that could be called. */
  hopeless(viewer: BeaconViewer, beacon: DueBeacon): void {
    const { breakId, adIndex, event, configurationName } = beacon
    const { sessionNumber, sessionUuid, accountId } = viewer
    const subject = { sessionNumber, breakId, adIndex, event, sessionUuid, accountId, configurationName }
    const outcome = 'not an address that can be called'
    this.counters.add('givenUp')
    this.#logSink({ ...subject, eventType: 'ERROR_FIRING_BEACON_FAILED', target: '', outcome })
    this.#report.note('given up', { reason: outcome })
  }

  /** There are too many. */
  dropped(target: string): void {
    this.counters.add('dropped')
    this.#report.note('dropped', { target })
  }

  /** What was on its way when a server died. */
  uncertain(count: number): void {
    if (count === 0) return
    this.counters.add('uncertain', count)
    this.#logger.warn('beacons were on their way when a server stopped, and may not have arrived', { count })
  }

  /** The database did not take something. */
  notWritten(error: unknown): void {
    this.#report.note('not written', { err: error })
  }

  #step(step: 'Fired' | 'Retried' | 'Recovered', { key, lane }: QueuedBeacon, body: BeaconBody): void {
    const { accountId, configurationName } = body
    const domain = lane.slice(0, lane.lastIndexOf(':'))
    this.counters.step(step, { accountId, configurationName, event: subjectOf(key).event, domain })
  }

  #tell(
    eventType: BeaconLogEntry['eventType'],
    { key, lane }: QueuedBeacon,
    { accountId, configurationName, sessionUuid }: BeaconBody,
    outcome: string,
  ): void {
    const subject = subjectOf(key)
    this.#logSink({ ...subject, eventType, accountId, configurationName, sessionUuid, target: lane, outcome })
  }
}
