/**
 * One broadcast from a publisher's first byte to its end: repairs the timeline, hands every unit to its sinks, watches
 * for silence, decides when it is over, and tells the journal of each step.
 *
 * States: created → playable (first segment can be fetched) → ended (reference ivs-behaviour §5).
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { AdBreakOutcome } from '../domain/ad-break.ts'
import type { Channel } from '../domain/channel.ts'
import type { LiveStream, StreamHealth } from '../domain/live.ts'
import type { EndReason, PublishedStream, Publisher, PublisherAnnouncement } from '../domain/publishing.ts'
import type { SessionJournal } from '../domain/stream-session.ts'
import type { AccessUnit, MediaSink, MediaTrack } from '../media/access-unit.ts'
import { AdBreakSlot } from './ad-break-slot.ts'
import { IngestMeter } from './ingest-meter.ts'
import { SessionEntryWriter } from './session-entries.ts'
import { StreamTimeline } from './stream-timeline.ts'

/** What a session needs besides its channel. */
export type LiveSessionOptions = {
  readonly streamId: string
  /** The channel as it was when the broadcast began. */
  readonly channel: Channel
  readonly publisher: Publisher
  readonly clock: Clock
  readonly logger: Logger
  readonly journal: SessionJournal
  /** Longest time without a byte from the publisher, in milliseconds. */
  readonly silenceTimeoutMs: number
  /** Viewers of a stream now. */
  readonly viewerCount: (streamId: string) => number
  /** Called once, after the sinks have ended. */
  readonly onEnded: (session: LiveSession) => void
}

/** A stream whose media pauses this long is starving. */
const STARVING_AFTER_MS = 2000

/** A publisher that changes what it sends is given this long to settle before its record changes. */
const INGEST_SETTLE_MS = 2000

/** Words for the publisher that is being disconnected. */
const DISCONNECT_REASONS: Record<EndReason, string> = {
  unpublished: 'The stream was unpublished.',
  'connection-lost': 'The connection was lost.',
  silence: 'No data arrived for too long.',
  stopped: 'The stream was stopped.',
  'refused-media': 'The media cannot be used.',
  shutdown: 'The server is shutting down.',
}

/** A live broadcast on one channel. */
export class LiveSession implements PublishedStream {
  readonly streamId: string
  readonly channel: Channel
  readonly #options: LiveSessionOptions
  readonly #log: Logger
  readonly #timeline = new StreamTimeline()
  readonly #meter = new IngestMeter()
  readonly #entries: SessionEntryWriter
  readonly #adBreaks: AdBreakSlot
  readonly #sinks: MediaSink[] = []
  readonly #startedMonotonicMs: number
  #heardMonotonicMs: number
  #silenceTimer: Timer
  #ingestTimer: Timer | undefined
  #playableAtMs: number | undefined
  #ended = false
  #units = 0
  #unitMonotonicMs = 0
  #metadataTexts = 0

  constructor(options: LiveSessionOptions) {
    this.#options = options
    this.streamId = options.streamId
    this.channel = options.channel
    this.#log = options.logger.with({ channelArn: options.channel.arn, streamId: options.streamId })
    this.#startedMonotonicMs = options.clock.monotonicMs()
    this.#heardMonotonicMs = this.#startedMonotonicMs
    this.#silenceTimer = options.clock.after(options.silenceTimeoutMs, () => this.#checkSilence())
    this.#adBreaks = new AdBreakSlot(options.clock)
    this.#entries = new SessionEntryWriter(options.streamId)
    options.journal.note(this.#entries.opened(options.channel, options.clock.nowMs()))
    this.#log.info('stream session created', {
      connectionId: options.publisher.connectionId,
      remoteAddress: options.publisher.remoteAddress,
    })
  }

  /** Adds a receiver of every later track and unit; call before the first unit. */
  addSink(sink: MediaSink): void {
    this.#sinks.push(sink)
  }

  /** The first segment can be fetched: from here on the stream is live for the API. Later calls do nothing. */
  markPlayable(): void {
    if (this.#ended || this.#playableAtMs !== undefined) return
    this.#playableAtMs = this.#options.clock.nowMs()
    this.#options.journal.note(this.#entries.started(this.#meter.describe(), this.#playableAtMs))
    this.#log.info('stream started', { afterMs: Math.round(this.#ageMs()), ...this.#meter.announcement })
  }

  /** The live state, once there is something to play. */
  get liveStream(): LiveStream | undefined {
    if (this.#ended || this.#playableAtMs === undefined) return undefined
    return {
      channelArn: this.channel.arn,
      accountId: this.channel.accountId,
      streamId: this.streamId,
      startTimeMs: this.#playableAtMs,
      health: this.#health(),
      viewerCount: this.#options.viewerCount(this.streamId),
    }
  }

  /** Counts timed metadata that was put, which is not carried in the media yet; false while there is nothing to play. */
  putMetadata(): boolean {
    if (!this.#isLive) return false
    this.#metadataTexts++
    return true
  }

  /** Begins an ad break, unless one runs or there is nothing to play. */
  insertAdBreak(durationSeconds: number): AdBreakOutcome {
    if (!this.#isLive) return { kind: 'refused', reason: 'not-live' }
    const adBreak = this.#adBreaks.take(durationSeconds)
    if (!adBreak) return { kind: 'refused', reason: 'break-running' }
    this.#log.info('ad break inserted', { adBreakId: adBreak.id, durationSeconds })
    return { kind: 'inserted', adBreak }
  }

  readonly announce = (announcement: PublisherAnnouncement): void => {
    this.#meter.announce(announcement)
    this.#noteIngest()
  }

  readonly touch = (): void => {
    this.#heardMonotonicMs = this.#options.clock.monotonicMs()
  }

  readonly onTrack = (track: MediaTrack): void => {
    if (this.#ended) return
    if (track.kind === 'audio') this.#timeline.setAudioGrid(track.aac)
    this.#meter.setTrack(track)
    this.#noteIngest()
    for (const sink of this.#sinks) sink.onTrack(track)
  }

  readonly onUnit = (unit: AccessUnit): void => {
    if (this.#ended) return
    this.#unitMonotonicMs = this.#options.clock.monotonicMs()
    const placed = this.#timeline.place(unit, this.#unitMonotonicMs)
    if (!placed) return
    this.#units++
    for (const sink of this.#sinks) sink.onUnit(placed)
    this.#meter.count(placed)
  }

  readonly onEnd = (): void => this.end('unpublished')

  readonly end = (reason: EndReason): void => {
    if (this.#ended) return
    this.#ended = true
    this.#silenceTimer.cancel()
    this.#ingestTimer?.cancel()
    for (const sink of this.#sinks) sink.onEnd()
    this.#noteEnd()
    this.#options.publisher.disconnect(DISCONNECT_REASONS[reason])
    this.#log.info('stream session ended', {
      reason,
      durationMs: Math.round(this.#ageMs()),
      units: this.#units,
      clockJumps: this.#timeline.jumps,
      metadataTexts: this.#metadataTexts,
    })
    this.#options.onEnded(this)
  }

  get #isLive(): boolean {
    return !this.#ended && this.#playableAtMs !== undefined
  }

  #noteEnd(): void {
    const hasStarted = this.#playableAtMs !== undefined
    const { journal, clock } = this.#options
    journal.note(this.#entries.ended(this.#meter.describe(), hasStarted, clock.nowMs()))
  }

  /** Before the start there is no hurry: the start tells it. */
  #noteIngest(): void {
    if (!this.#isLive || this.#ingestTimer) return
    const { journal, clock } = this.#options
    this.#ingestTimer = clock.after(INGEST_SETTLE_MS, () => {
      this.#ingestTimer = undefined
      journal.note(this.#entries.ingestChanged(this.#meter.describe()))
    })
  }

  #health(): StreamHealth {
    const quietMs = this.#options.clock.monotonicMs() - this.#unitMonotonicMs
    return quietMs > STARVING_AFTER_MS ? 'STARVING' : 'HEALTHY'
  }

  #checkSilence(): void {
    const silentMs = this.#options.clock.monotonicMs() - this.#heardMonotonicMs
    const remainingMs = this.#options.silenceTimeoutMs - silentMs
    if (remainingMs <= 0) {
      this.end('silence')
      return
    }
    this.#silenceTimer = this.#options.clock.after(remainingMs, () => this.#checkSilence())
  }

  #ageMs(): number {
    return this.#options.clock.monotonicMs() - this.#startedMonotonicMs
  }
}
