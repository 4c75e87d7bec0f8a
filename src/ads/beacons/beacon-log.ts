/**
 * Tells what became of beacons: each of them to whoever keeps a log of ads, and the operator in few words.
 *
 * URLs stay out of it: they carry what ad servers know of viewers.
 *
 * Reference: ssai §2.3.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { BeaconSubject } from './beacon-key.ts'

/** An entry in the log of interactions with ad servers. */
export type BeaconLogEntry = BeaconSubject & {
  readonly eventType: 'BEACON_FIRED' | 'ERROR_FIRING_BEACON_FAILED'
  readonly accountId: string
  readonly configurationName: string
  readonly sessionUuid: string
  /** Host and port. */
  readonly target: string
  /** What was answered, or why the beacon is given up. */
  readonly outcome: string
}

/** Takes entries; never throws. */
export type BeaconLogSink = (entry: BeaconLogEntry) => void

/** What goes wrong in numbers, and does not need a line each. */
export type BeaconTrouble = 'dropped' | 'given up' | 'not written'

const REPORT_EVERY_MS = 10_000

/** Reports trouble of each kind at most every ten seconds. */
export class TroubleReport {
  readonly #logger: Logger
  readonly #clock: Clock
  readonly #kinds = new Map<BeaconTrouble, { count: number; reportedMs: number }>()

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger
    this.#clock = clock
  }

  /** Something went wrong; `fields` are of the latest case. */
  note(kind: BeaconTrouble, fields: Readonly<Record<string, unknown>>, count = 1): void {
    const known = this.#kinds.get(kind) ?? { count: 0, reportedMs: -Infinity }
    this.#kinds.set(kind, known)
    known.count += count
    const nowMs = this.#clock.monotonicMs()
    if (nowMs - known.reportedMs < REPORT_EVERY_MS) return
    this.#logger.warn(SENTENCES[kind], { count: known.count, ...fields })
    known.count = 0
    known.reportedMs = nowMs
  }
}

const SENTENCES: Readonly<Record<BeaconTrouble, string>> = {
  dropped: 'beacons were dropped because too many wait',
  'given up': 'beacons were given up',
  'not written': 'beacons could not be written, trying again',
}
