/**
 * Reports to ad servers what viewers were shown: once for each session, break, ad and event, in order, each target at its
 * own pace.
 *
 * A beacon is in the journal before the media answer that made it due leaves, and so is its departure before its request
 * does. After a crash those that waited go out; the few that were on their way are uncertain and are not sent again. Of
 * several servers that share a database each sends its own, and those that a server which is silent for a minute left in the
 * database go to the others.
 *
 * Reference: ssai §3.7.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { AdSampleSink } from '../../domain/ad-metrics.ts'
import type { BeaconQueue, QueuedBeacon } from '../../domain/beacon-queue.ts'
import type { BeaconViewer } from '../ad-viewer.ts'
import type { BeaconSink, DueBeacon } from '../beacon.ts'
import { printBody, targetOf } from './beacon-body.ts'
import { beaconChain, beaconKey, eventOf, MAX_ADS } from './beacon-key.ts'
import { BeaconClaims } from './beacon-claims.ts'
import type { BeaconCount, BeaconTotals } from './beacon-counters.ts'
import { BeaconDispatcher } from './beacon-dispatcher.ts'
import { BeaconJournal } from './beacon-journal.ts'
import type { BeaconLogSink } from './beacon-log.ts'
import { BeaconOutcomes } from './beacon-outcomes.ts'
import type { BeaconTransport } from './beacon-transport.ts'
import { ChainMemories, type ChainMemory } from './chain-memories.ts'
import { JournalKeeper } from './journal-keeper.ts'

/** What sending needs. */
export type BeaconSenderOptions = {
  readonly queue: BeaconQueue
  /** For the journal; of this server alone. */
  readonly directory: string
  readonly transport: BeaconTransport
  /** Names this server among those that share the database. */
  readonly nodeId: string
  readonly clock: Clock
  readonly logger: Logger
  /** Takes entries for a log of interactions with ad servers; default none. */
  readonly logSink?: BeaconLogSink
  /** Takes what is measured; default none. */
  readonly onSample?: AdSampleSink
  /** From 0 up to, not including, 1; default Math.random. */
  readonly random?: () => number
  /** Beacons are tried again so long after a failure at the earliest; default half a minute (reference ssai §3.7). */
  readonly retryMs?: number
}

/** See `retryMs`. */
const BEACON_RETRY_MS = 30_000

/** Beacons that are nowhere but in the journal; more are dropped. */
const MAX_UNWRITTEN_BEACONS = 200_000
const SIGN_OF_LIFE_MS = 20_000
/** A server that is silent for so long is gone, and others send what it left. */
const MAX_SILENCE_MS = 60_000
const MAX_TAKEN_AT_ONCE = 500
const START_RETRY_MS = 1000
/** Places of one millisecond, so that a server that starts again goes on behind what it left. */
const PLACES_PER_MS = 1000

/** Sends the beacons of this server. */
export class BeaconSender implements BeaconSink {
  readonly #options: BeaconSenderOptions
  readonly #outcomes: BeaconOutcomes
  readonly #dispatcher: BeaconDispatcher
  readonly #journal: BeaconJournal
  readonly #keeper: JournalKeeper
  readonly #memories = new ChainMemories()
  readonly #claims: BeaconClaims
  #timer: Timer | undefined
  #tookOverMs = -Infinity
  #place = 0
  #isClosed = false

  constructor(options: BeaconSenderOptions) {
    this.#options = options
    const { queue, clock, logger, directory, logSink = () => undefined } = options
    const { random = Math.random, retryMs = BEACON_RETRY_MS } = options
    const outcomes = new BeaconOutcomes({ clock, logger, logSink, onSample: options.onSample })
    const onFailure = (error: unknown): void => outcomes.notWritten(error)
    const journal = new BeaconJournal({ directory, clock, onFailure })
    const dispatcher = new BeaconDispatcher({ ...options, journal, outcomes, random, retryMs })
    const onKnown = (fresh: readonly QueuedBeacon[]): void => {
      outcomes.accepted(fresh)
      dispatcher.offer(fresh)
    }
    this.#outcomes = outcomes
    this.#journal = journal
    this.#dispatcher = dispatcher
    this.#claims = new BeaconClaims({ queue, journal, clock, onFailure, onKnown })
    this.#keeper = new JournalKeeper({ ...options, journal, dispatcher, onFailure })
    void this.#start()
  }

  /** What happened since the server started. */
  get totals(): BeaconTotals {
    return this.#outcomes.counters.totals
  }

  /** The same by configuration, event and domain (reference ssai §3.9). */
  get counts(): readonly BeaconCount[] {
    return this.#outcomes.counters.counts
  }

  /** Beacons that wait or are on their way. */
  get waitingBeacons(): number {
    return this.#claims.pendingBeacons + this.#dispatcher.unsettledBeacons
  }

  readonly due = (viewer: BeaconViewer, beacons: readonly DueBeacon[]): void => {
    if (this.#isClosed) return
    const nowMs = this.#options.clock.nowMs()
    for (const [breakId, some] of Map.groupBy(beacons, (beacon) => beacon.breakId)) {
      const memory = this.#memories.of(beaconChain(viewer.sessionNumber, breakId), nowMs)
      if (memory) this.#takeUp(viewer, memory, some, nowMs)
      else this.#outcomes.dropped('')
    }
  }

  /** Ends the requests that are under way, `limitMs` at most. What waits is sent after the next start. */
  async close(limitMs: number): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    if (limitMs > 0) await this.#finish(limitMs)
    this.#claims.stop()
    this.#dispatcher.stop()
    this.#keeper.stop()
    this.#journal.close()
  }

  async #finish(limitMs: number): Promise<void> {
    const { promise: timeIsUp, resolve } = Promise.withResolvers<undefined>()
    const timer = this.#options.clock.after(limitMs, () => resolve(undefined))
    const finish = async (): Promise<void> => {
      await this.#claims.drained()
      await this.#dispatcher.finish()
      await this.#keeper.empty()
    }
    await Promise.race([timeIsUp, finish()])
    timer.cancel()
  }

  /** Takes up what was not due before in one viewing session and break. */
  #takeUp(viewer: BeaconViewer, memory: ChainMemory, beacons: readonly DueBeacon[], nowMs: number): void {
    const fresh: QueuedBeacon[] = []
    for (const beacon of beacons) {
      const event = eventOf(beacon)
      if (beacon.adIndex < 0 || beacon.adIndex >= MAX_ADS || memory.events.has(event)) continue
      memory.events.add(event)
      for (const [index, url] of beacon.urls.entries()) {
        const queued = this.#queued(viewer, beacon, { url, index, nowMs })
        if (queued) fresh.push(queued)
      }
    }
    if (fresh.length === 0) return
    this.#memories.touch(memory, nowMs)
    this.#journal.due(memory, fresh)
    this.#claims.take(memory, fresh)
  }

  /** The beacon for one URL; undefined when it is not to be sent. */
  #queued(
    viewer: BeaconViewer,
    beacon: DueBeacon,
    { url, index, nowMs }: { readonly url: string; readonly index: number; readonly nowMs: number },
  ): QueuedBeacon | undefined {
    const target = targetOf(url)
    if (target === undefined) {
      this.#outcomes.hopeless(viewer, beacon)
      return undefined
    }
    const lane = this.#dispatcher.laneFor(target)
    if (this.#journal.openBeacons >= MAX_UNWRITTEN_BEACONS || this.#dispatcher.isFull(lane)) {
      this.#outcomes.dropped(target)
      return undefined
    }
    this.#place = Math.max(this.#place + 1, nowMs * PLACES_PER_MS)
    const key = beaconKey(beaconChain(viewer.sessionNumber, beacon.breakId), beacon, index)
    const body = printBody(viewer, beacon, url)
    return { key, lane, place: this.#place, dueAtMs: nowMs, retryAtMs: 0, body }
  }

  /** Settles what a crash left before anything new leaves, and takes up what waits. */
  async #start(): Promise<void> {
    const { queue, nodeId } = this.#options
    await this.#untilDone(async () => this.#outcomes.uncertain(await this.#keeper.readEarlier()))
    await this.#untilDone(async () => this.#outcomes.uncertain(await queue.removeUncertain(nodeId)))
    await this.#untilDone(async () => this.#dispatcher.readAgain(await queue.waitingLanes(nodeId)))
    if (this.#isClosed) return
    this.#claims.open()
    this.#dispatcher.open()
    this.#keeper.open()
    await this.#tick()
  }

  async #untilDone(step: () => Promise<void>): Promise<void> {
    while (!this.#isClosed) {
      try {
        await step()
        return
      } catch (error) {
        this.#outcomes.notWritten(error)
      }
      await new Promise<void>((resolve) => {
        this.#timer = this.#options.clock.after(START_RETRY_MS, resolve)
      })
    }
  }

  async #tick(): Promise<void> {
    const { queue, nodeId, clock } = this.#options
    const nowMs = clock.nowMs()
    this.#memories.forget(nowMs)
    try {
      await queue.markAlive(nodeId, nowMs)
      if (clock.monotonicMs() - this.#tookOverMs >= MAX_SILENCE_MS) await this.#takeOver(nowMs)
    } catch (error) {
      if (!this.#isClosed) this.#outcomes.notWritten(error)
    }
    if (!this.#isClosed) this.#timer = clock.after(SIGN_OF_LIFE_MS, () => void this.#tick())
  }

  async #takeOver(nowMs: number): Promise<void> {
    const { queue, nodeId, clock } = this.#options
    this.#tookOverMs = clock.monotonicMs()
    let takenCount = 0
    for (let hasMore = true; hasMore && !this.#isClosed;) {
      const found = await queue.takeOver(nodeId, nowMs - MAX_SILENCE_MS, MAX_TAKEN_AT_ONCE)
      this.#outcomes.uncertain(found.uncertain)
      takenCount += found.taken
      hasMore = found.hasMore
    }
    if (takenCount > 0) this.#dispatcher.readAgain(await queue.waitingLanes(nodeId))
  }
}
