/**
 * Reports to ad servers what viewers were shown: once for each session, break, ad and event, in order, each target at its
 * own pace.
 *
 * A beacon is in the journal before the media answer that made it due, in the database before it is sent, marked as on its way just before the request leaves, and settled after. After a
 * crash those that waited go out; the few that were on their way are uncertain and are not sent again. Of several servers
 * that share a database each sends its own, and those of a server that is silent for a minute go to the others.
 *
 * Reference: ssai §3.7.
 */
import type { Clock, Timer } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { BeaconQueue, QueuedBeacon } from '../../domain/beacon-queue.ts'
import type { AdViewer } from '../ad-viewer.ts'
import type { BeaconSink, DueBeacon } from '../beacon.ts'
import { BatchedWrite } from './batched-write.ts'
import { beaconChain, beaconKey, printBody, targetOf } from './beacon-body.ts'
import type { BeaconCount, BeaconTotals } from './beacon-counters.ts'
import { BeaconDispatcher } from './beacon-dispatcher.ts'
import { BeaconJournal, removeFile } from './beacon-journal.ts'
import type { AdSampleSink } from '../../domain/ad-metrics.ts'
import type { BeaconLogSink } from './beacon-log.ts'
import { BeaconOutcomes } from './beacon-outcomes.ts'
import type { BeaconTransport } from './beacon-transport.ts'
import { replayJournal } from './journal-replay.ts'
import { SeenEvents } from './seen-events.ts'

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
}

/** Beacons that are not in the database yet; more are dropped. */
const MAX_UNWRITTEN_BEACONS = 100_000
const MAX_WRITTEN_AT_ONCE = 250
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
  readonly #seen = new SeenEvents()
  readonly #adds: BatchedWrite<QueuedBeacon, ReadonlySet<string>>
  #timer: Timer | undefined
  #tookOverMs = -Infinity
  #place = 0
  #isClosed = false

  constructor(options: BeaconSenderOptions) {
    this.#options = options
    const { queue, nodeId, clock, logger, logSink = () => undefined, random = Math.random } = options
    this.#outcomes = new BeaconOutcomes({ clock, logger, logSink, onSample: options.onSample })
    this.#dispatcher = new BeaconDispatcher({ ...options, outcomes: this.#outcomes, random })
    const onFailure = (error: unknown): void => this.#outcomes.notWritten(error)
    this.#journal = new BeaconJournal({ directory: options.directory, clock, onFailure })
    this.#adds = new BatchedWrite({
      clock,
      maxItems: MAX_WRITTEN_AT_ONCE,
      write: (beacons) => queue.add(nodeId, withoutTwins(beacons)),
      onWritten: (beacons, fresh) => this.#accept(beacons, fresh),
      onFailure,
    })
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
    return this.#adds.waitingItems + this.#dispatcher.unsettledBeacons
  }

  readonly due = (viewer: AdViewer, beacons: readonly DueBeacon[]): void => {
    if (this.#isClosed) return
    const nowMs = this.#options.clock.nowMs()
    const due: QueuedBeacon[] = []
    for (const beacon of beacons) {
      const chain = beaconChain(viewer.sessionNumber, beacon.breakId)
      if (!this.#seen.add(chain, beacon.adIndex, beacon.event, nowMs)) continue
      const queued = beacon.urls.map((url, index) => this.#queue(viewer, beacon, { url, index, nowMs }))
      due.push(...queued.filter((one) => one !== undefined))
    }
    if (due.length === 0) return
    this.#journal.due(due)
    for (const beacon of due) this.#adds.add(beacon)
  }

  /** Ends the requests that are under way, `limitMs` at most. What waits is sent after the next start. */
  async close(limitMs: number): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    if (limitMs > 0) await this.#finish(limitMs)
    this.#adds.stop()
    this.#dispatcher.stop()
    this.#journal.close()
    this.#removeFiles()
  }

  async #finish(limitMs: number): Promise<void> {
    const { promise: timeIsUp, resolve } = Promise.withResolvers<undefined>()
    const timer = this.#options.clock.after(limitMs, () => resolve(undefined))
    await Promise.race([timeIsUp, Promise.all([this.#adds.drained(), this.#dispatcher.finish()])])
    timer.cancel()
  }

  /** The beacon for one URL; undefined when it is not to be sent. */
  #queue(
    viewer: AdViewer,
    beacon: DueBeacon,
    { url, index, nowMs }: { readonly url: string; readonly index: number; readonly nowMs: number },
  ): QueuedBeacon | undefined {
    const target = targetOf(url)
    if (target === undefined) {
      this.#outcomes.hopeless(viewer, beacon)
      return undefined
    }
    const lane = this.#dispatcher.laneFor(target)
    if (this.#adds.waitingItems >= MAX_UNWRITTEN_BEACONS || this.#dispatcher.isFull(lane)) {
      this.#outcomes.dropped(target)
      return undefined
    }
    this.#place = Math.max(this.#place + 1, nowMs * PLACES_PER_MS)
    const key = beaconKey(beaconChain(viewer.sessionNumber, beacon.breakId), beacon, index)
    const body = printBody(viewer, beacon, url)
    return { key, lane, place: this.#place, dueAtMs: nowMs, retryAtMs: 0, body }
  }

  #accept(beacons: readonly QueuedBeacon[], fresh: ReadonlySet<string>): void {
    const ours = beacons.filter(({ key }) => fresh.has(key))
    this.#outcomes.accepted(ours)
    this.#dispatcher.offer(ours)
    this.#journal.handed(beacons.map(({ key }) => key))
    this.#removeFiles()
  }

  #removeFiles(): void {
    for (const file of this.#journal.closedFiles) if (file.openBeacons === 0) this.#journal.remove(file)
  }

  /** Settles what a crash left on its way before anything new leaves, and takes up what waits. */
  async #start(): Promise<void> {
    const { queue, nodeId } = this.#options
    await this.#untilDone(() => this.#readJournal())
    await this.#untilDone(async () => this.#outcomes.uncertain(await queue.settleUncertain(nodeId)))
    await this.#untilDone(async () => this.#dispatcher.readAgain(await queue.waitingLanes(nodeId)))
    if (this.#isClosed) return
    this.#dispatcher.open()
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

  /** Hands over what earlier processes of this server had no time to. */
  async #readJournal(): Promise<void> {
    const { queue, nodeId } = this.#options
    const { waiting } = await replayJournal(this.#journal.earlierPaths)
    for (let first = 0; first < waiting.length; first += MAX_WRITTEN_AT_ONCE) {
      const beacons = waiting.slice(first, first + MAX_WRITTEN_AT_ONCE)
      const fresh = await queue.add(nodeId, beacons)
      this.#outcomes.accepted(beacons.filter(({ key }) => fresh.has(key)))
    }
    for (const path of this.#journal.earlierPaths) removeFile(path)
  }

  async #tick(): Promise<void> {
    const { queue, nodeId, clock } = this.#options
    const nowMs = clock.nowMs()
    this.#seen.forget(nowMs)
    this.#journal.turnPage()
    this.#removeFiles()
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

/** Two of one key in one statement would be refused; it happens when `SeenEvents` was too full to remember. */
function withoutTwins(beacons: readonly QueuedBeacon[]): readonly QueuedBeacon[] {
  return [...new Map(beacons.map((beacon) => [beacon.key, beacon])).values()]
}
