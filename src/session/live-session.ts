/**
 * One broadcast from a publisher's first byte to its end: repairs the timeline, hands every unit to its sinks, watches
 * for silence, starvation and limits, decides when it is over, and tells the journal of each step.
 *
 * States: created → playable (first segment can be fetched) → ended (reference ivs-behaviour §5).
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { AdBreak, AdBreakOutcome } from '../domain/ad-break.ts'
import type { Channel } from '../domain/channel.ts'
import type { DropCounts } from '../domain/drops.ts'
import { breachText } from '../domain/ingest-limits.ts'
import type { IngestLimits, LimitBreach } from '../domain/ingest-limits.ts'
import type { LiveStream } from '../domain/live.ts'
import type {
  EndReason,
  PublishedStream,
  Publisher,
  PublisherAnnouncement,
  PublishOutcome,
} from '../domain/publishing.ts'
import type { SessionJournal } from '../domain/stream-session.ts'
import type { AccessUnit, MediaSink, MediaTrack } from '../media/access-unit.ts'
import type { MetadataSink, TimedMetadata } from '../media/timed-metadata.ts'
import { AdBreakSlot } from './ad-break-slot.ts'
import { IngestMeter } from './ingest-meter.ts'
import { IngestWatch } from './ingest-watch.ts'
import { MetadataPlacer } from './metadata-placer.ts'
import { PublisherFeed } from './publisher-feed.ts'
import { SessionEntryWriter } from './session-entries.ts'
import { SilenceWatch } from './silence-watch.ts'
import { StreamTimeline } from './stream-timeline.ts'
import { TakeoverGate } from './takeover-gate.ts'
import type { PublishedTracks } from './takeover.ts'

/** Receives a session's media, and its timed metadata and ad breaks if it takes any. */
export type SessionSink = MediaSink &
  Partial<MetadataSink> & { readonly onAdBreak?: (adBreak: AdBreak) => void }

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
  /** From the wish for an ad break to its beginning, in milliseconds. */
  readonly adLeadMs: number
  /** Publishers that may take the stream over, one after the other. */
  readonly maxTakeovers: number
  /** What the publisher may send; undefined for whatever it likes. */
  readonly ingestLimits: IngestLimits | undefined
  readonly drops: DropCounts
  /** Viewers of a stream now. */
  readonly viewerCount: (streamId: string) => number
  /** Called once, after the sinks have ended. */
  readonly onEnded: (session: LiveSession) => void
}

/** So often health and limits are looked at. */
const CHECK_INTERVAL_MS = 1000
/** A look that comes this late was held up by this process itself, and so was the reading of what has arrived. */
const CHECK_LATE_MS = 500
/** Time to read that, before the look is taken. */
const CATCH_UP_MS = 100
const HOUR_MS = 60 * 60 * 1000

/** A publisher that changes what it sends is given this long to settle before its record changes. */
const INGEST_SETTLE_MS = 2000

/** Words for the publisher that is being disconnected. */
const DISCONNECT_REASONS: Record<EndReason, string> = {
  unpublished: 'The stream was unpublished.',
  'connection-lost': 'The connection was lost.',
  silence: 'No data arrived for too long.',
  stopped: 'The stream was stopped.',
  'refused-media': 'The media cannot be used.',
  'limit-breached': 'A limit was exceeded.',
  'too-long': 'The stream has reached its longest duration.',
  failed: 'The stream failed.',
  shutdown: 'The server is shutting down.',
}

/** Words for a publisher whose stream goes on without it. */
const TAKEN_OVER = 'Another publisher has taken the stream over.'

/** A live broadcast on one channel. */
export class LiveSession implements PublishedStream {
  readonly streamId: string
  readonly channel: Channel
  readonly #options: LiveSessionOptions
  readonly #log: Logger
  readonly #timeline = new StreamTimeline()
  #meter = new IngestMeter()
  readonly #watch: IngestWatch
  readonly #entries: SessionEntryWriter
  readonly #adBreaks: AdBreakSlot
  readonly #metadata: MetadataPlacer
  readonly #takeovers: TakeoverGate
  readonly #silence: SilenceWatch
  readonly #sinks: SessionSink[] = []
  readonly #startedMonotonicMs: number
  #publisher: Publisher
  #feed: PublisherFeed
  #tracks: PublishedTracks = { video: undefined, audio: undefined }
  #checkTimer: Timer
  #ingestTimer: Timer | undefined
  #playableAtMs: number | undefined
  /** Whether the journal's last word on health is that the stream starves. */
  #starvingNoted = false
  #ended = false
  #units = 0

  constructor(options: LiveSessionOptions) {
    this.#options = options
    this.#publisher = options.publisher
    this.streamId = options.streamId
    this.channel = options.channel
    this.#log = options.logger.with({ channelArn: options.channel.arn, streamId: options.streamId })
    this.#startedMonotonicMs = options.clock.monotonicMs()
    this.#silence = new SilenceWatch({
      clock: options.clock,
      timeoutMs: options.silenceTimeoutMs,
      onSilence: () => this.end('silence'),
    })
    this.#watch = new IngestWatch(options.channel.type, options.ingestLimits)
    this.#checkTimer = this.#checkLater()
    this.#feed = new PublisherFeed(this)
    this.#metadata = new MetadataPlacer(options.drops)
    this.#adBreaks = new AdBreakSlot(options.clock, options.adLeadMs)
    this.#entries = new SessionEntryWriter(options.streamId)
    this.#takeovers = this.#createTakeovers()
    options.journal.note(this.#entries.opened(options.channel, options.clock.nowMs()))
    this.#log.info('stream session created', {
      connectionId: options.publisher.connectionId,
      remoteAddress: options.publisher.remoteAddress,
    })
  }

  /** Adds a receiver of every later track and unit, and of timed metadata if it takes it; call before the first unit. */
  addSink(sink: SessionSink): void {
    this.#sinks.push(sink)
  }

  /** The first segment can be fetched: from here on the stream is live for the API. Later calls do nothing. */
  markPlayable(): void {
    if (this.#ended || this.#playableAtMs !== undefined) return
    this.#playableAtMs = this.#options.clock.nowMs()
    this.#options.journal.note(this.#entries.started(this.#meter.describe(), this.#playableAtMs))
    this.#log.info('stream started', { afterMs: Math.round(this.#ageMs()), ...this.#meter.announcement })
  }

  /** Frames a second as the publisher announced them. */
  get announcedFrameRate(): number | undefined {
    return this.#meter.announcement.frameRate
  }

  /** The live state, once there is something to play. */
  get liveStream(): LiveStream | undefined {
    if (this.#ended || this.#playableAtMs === undefined) return undefined
    return {
      channelArn: this.channel.arn,
      accountId: this.channel.accountId,
      streamId: this.streamId,
      startTimeMs: this.#playableAtMs,
      health: this.#watch.health,
      viewerCount: this.#options.viewerCount(this.streamId),
    }
  }

  /** Whence the publisher that has the stream now sends. */
  get publisherAddress(): string {
    return this.#publisher.remoteAddress
  }

  /** The way in for the publisher that has the stream now. */
  get feed(): PublishedStream {
    return this.#feed
  }

  /** Another publisher wants the stream: refused at once, or let in to show whether its media fits. */
  takeOver(publisher: Publisher): PublishOutcome {
    return this.#takeovers.ask(publisher)
  }

  /** Puts timed metadata at the newest picture; false while there is nothing to play. */
  putMetadata(text: string): boolean {
    if (!this.#isLive) return false
    this.#handMetadataOut(this.#metadata.put(text))
    return true
  }

  /** Announces an ad break, unless there is one already or there is nothing to play. */
  insertAdBreak(durationSeconds: number): AdBreakOutcome {
    if (!this.#isLive) return { kind: 'refused', reason: 'not-live' }
    const adBreak = this.#adBreaks.take(durationSeconds)
    if (!adBreak) return { kind: 'refused', reason: 'break-running' }
    this.#options.journal.note(this.#entries.adBreakInserted(adBreak))
    this.#log.info('ad break inserted', { adBreakId: adBreak.id, durationSeconds })
    this.#handOut((sink) => sink.onAdBreak?.(adBreak))
    return { kind: 'inserted', adBreak }
  }

  readonly announce = (announcement: PublisherAnnouncement): void => {
    this.#meter.announce(announcement)
    this.#watch.announce(this.#meter.announcement)
    this.#noteIngest()
  }

  readonly touch = (): void => this.#silence.touch()

  readonly onTrack = (track: MediaTrack): void => {
    if (this.#ended) return
    this.#tracks = { ...this.#tracks, [track.kind]: track }
    this.#meter.setTrack(track)
    const breach = this.#watch.setTrack(track)
    if (breach) {
      this.#endForBreach(breach)
      return
    }
    if (track.kind === 'audio') this.#timeline.setAudioGrid(track.aac)
    this.#noteIngest()
    this.#handOut((sink) => sink.onTrack(track))
  }

  readonly onUnit = (unit: AccessUnit): void => {
    if (this.#ended) return
    const monotonicMs = this.#options.clock.monotonicMs()
    const placed = this.#timeline.place(unit, monotonicMs)
    if (!placed) return
    this.#units++
    this.#meter.count(placed)
    this.#watch.count(placed, monotonicMs)
    if (placed.kind === 'video') this.#metadata.notePicture(placed.ptsTicks)
    this.#handOut((sink) => sink.onUnit(placed))
  }

  readonly onText = (text: string): void => {
    if (!this.#ended) this.#handMetadataOut(this.#metadata.takeInBand(text))
  }

  readonly onEnd = (): void => this.end('unpublished')

  readonly end = (reason: EndReason): void => this.#end(reason, DISCONNECT_REASONS[reason])

  /**
   * Ends the stream because something on our side failed.
   *
   * @param reason for the publisher and the owner of the channel; no secrets, no paths.
   */
  fail(reason: string): void {
    if (this.#ended) return
    this.#log.error('stream failed', { reason })
    this.#options.journal.note(this.#entries.failed(reason, this.#options.clock.nowMs()))
    this.#end('failed', reason)
  }

  #createTakeovers(): TakeoverGate {
    const { streamId, clock, maxTakeovers, journal } = this.#options
    return new TakeoverGate({
      ...{ streamId, clock, maxTakeovers, logger: this.#log },
      running: () => {
        const { takeoverPriority: priority } = this.#publisher
        return { tracks: this.#tracks, priority: typeof priority === 'number' ? priority : undefined }
      },
      onAccepted: (publisher) => this.#handOver(publisher),
      // Encoders try again and again, so this waits while the journal is full.
      onRefused: (code) => {
        if (journal.hasRoom()) journal.note(this.#entries.takeoverFailed(code, clock.nowMs()))
      },
    })
  }

  #handOver(publisher: Publisher): PublishedStream {
    const { clock, journal } = this.#options
    const before = this.#publisher
    this.#feed.close()
    this.#feed = new PublisherFeed(this)
    this.#publisher = publisher
    this.#meter = new IngestMeter()
    this.#timeline.restartClock()
    this.touch()
    journal.note(this.#entries.takenOver(clock.nowMs()))
    this.#log.info('stream taken over', {
      connectionId: publisher.connectionId,
      remoteAddress: publisher.remoteAddress,
    })
    before.disconnect(TAKEN_OVER)
    return this.#feed
  }

  // A sink may end the session; none of them hears of anything after that.
  #handOut(give: (sink: SessionSink) => void): void {
    for (const sink of this.#sinks) {
      if (this.#ended) return
      give(sink)
    }
  }

  #handMetadataOut(piece: TimedMetadata | undefined): void {
    if (piece) this.#handOut((sink) => sink.onMetadata?.(piece))
  }

  #endForBreach(breach: LimitBreach): void {
    this.#log.warn('stream is ended for what its publisher sends', {
      ...breach,
      channelType: this.channel.type,
    })
    this.#options.journal.note(this.#entries.limitBreached(breach, this.#options.clock.nowMs()))
    this.#end('limit-breached', breachText(breach))
  }

  #end(reason: EndReason, words: string): void {
    if (this.#ended) return
    this.#ended = true
    this.#silence.stop()
    this.#checkTimer.cancel()
    this.#ingestTimer?.cancel()
    for (const sink of this.#sinks) sink.onEnd()
    this.#noteEnd()
    this.#publisher.disconnect(words)
    this.#takeovers.close()
    this.#log.info('stream session ended', {
      reason,
      durationMs: Math.round(this.#ageMs()),
      units: this.#units,
      clockJumps: this.#timeline.jumps,
      ...this.#metadata.counts,
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

  #checkLater(): Timer {
    const { clock } = this.#options
    const dueMs = clock.monotonicMs() + CHECK_INTERVAL_MS
    return clock.after(CHECK_INTERVAL_MS, () => {
      // The publisher is not to blame for what still waits in its socket.
      if (clock.monotonicMs() < dueMs + CHECK_LATE_MS) this.#check()
      else this.#checkTimer = clock.after(CATCH_UP_MS, () => this.#check())
    })
  }

  #check(): void {
    const { clock, ingestLimits } = this.#options
    const breach = this.#watch.check(clock.monotonicMs())
    this.#noteHealth()
    if (breach) {
      this.#endForBreach(breach)
    } else if (ingestLimits && this.#ageMs() >= ingestLimits.durationHours * HOUR_MS) {
      this.end('too-long')
    } else {
      this.#checkTimer = this.#checkLater()
    }
  }

  // Of all a session tells only this could repeat without end, so it waits while the journal is full.
  #noteHealth(): void {
    const { journal, clock } = this.#options
    const isChanged = this.#watch.health === (this.#starvingNoted ? 'HEALTHY' : 'STARVING')
    if (!isChanged || !this.#isLive || !journal.hasRoom()) return
    this.#starvingNoted = !this.#starvingNoted
    const name = this.#starvingNoted ? 'Starvation Start' : 'Starvation End'
    journal.note(this.#entries.healthChanged(name, clock.nowMs()))
    this.#log.info('stream health changed', { health: this.#watch.health })
  }

  #ageMs(): number {
    return this.#options.clock.monotonicMs() - this.#startedMonotonicMs
  }
}
