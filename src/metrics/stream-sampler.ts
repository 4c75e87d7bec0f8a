/**
 * Writes down once a second what every live stream does (reference ivs-behaviour §13).
 *
 * Nothing is written while nothing is live. A value's time is the beginning of the second it is about.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Channel } from '../domain/channel.ts'
import type { LiveDirectory, LiveStream, StreamHealth } from '../domain/live.ts'
import type { MetricDimension, MetricName } from '../domain/metrics.ts'
import type { MediaSink } from '../media/access-unit.ts'
import type { MetricStore } from './metric-store.ts'
import { StreamGauge } from './stream-gauge.ts'
import type { IngestRates, IngestTotals } from './stream-gauge.ts'

const SECOND_MS = 1000
const HEALTHS: readonly StreamHealth[] = ['HEALTHY', 'STARVING', 'UNKNOWN']
/** Of publishers and viewers at addresses that nobody knows. */
const NO_COUNTRY = 'UNKNOWN'
/** Publishers send one track of each kind. */
const TRACK: MetricDimension = { name: 'Track', value: 'Track0' }

/** What the sampler needs. */
export type StreamSamplerOptions = {
  readonly clock: Clock
  readonly live: Pick<LiveDirectory, 'get'>
  readonly store: Pick<MetricStore, 'record'>
}

/** Tells where those who have to do with a stream are now, in countries of ISO 3166-1 alpha-2. */
export type StreamPlaces = {
  /** Undefined when nobody knows. */
  readonly streamer: () => string | undefined
  /** How many watch in each country, without those whose country nobody knows. */
  readonly viewers: () => ReadonlyMap<string, number>
}

const NOWHERE: StreamPlaces = { streamer: () => undefined, viewers: () => new Map() }

type Gauged = {
  readonly streamId: string
  readonly channel: Channel
  readonly places: StreamPlaces
  readonly gauge: StreamGauge
}
type Sample = Gauged & { readonly live: LiveStream; readonly rates: IngestRates }
/** A moment and what it is about. */
type Moment = { readonly timeMs: number; readonly elapsedSeconds: number }

/** The streams of this process, seen once a second until disposed. */
export class StreamSampler implements Disposable {
  readonly #options: StreamSamplerOptions
  readonly #streams = new Map<string, Gauged>()
  /** Of streams that have ended. */
  #endedTotals: IngestTotals = { videoBytes: 0, audioBytes: 0, frames: 0 }
  #lastMonotonicMs: number
  #timer: Timer

  constructor(options: StreamSamplerOptions) {
    this.#options = options
    this.#lastMonotonicMs = options.clock.monotonicMs()
    this.#timer = this.#sampleLater()
  }

  /** A sink for the media of a stream, which is watched until its end. */
  watch(streamId: string, channel: Channel, places: StreamPlaces = NOWHERE): MediaSink {
    const gauge = new StreamGauge(() => this.#forget(streamId))
    this.#streams.set(streamId, { streamId, channel, places, gauge })
    return gauge
  }

  /** Everything that publishers have sent since the start. */
  get totals(): IngestTotals {
    return [...this.#streams.values()].reduce((sum, { gauge }) => add(sum, gauge.totals), this.#endedTotals)
  }

  /** The streams that can be played now. */
  liveStreams(): readonly LiveStream[] {
    return [...this.#streams.values()].flatMap((stream) => this.#liveOf(stream) ?? [])
  }

  [Symbol.dispose](): void {
    this.#timer.cancel()
  }

  #forget(streamId: string): void {
    const ended = this.#streams.get(streamId)
    if (ended) this.#endedTotals = add(this.#endedTotals, ended.gauge.totals)
    this.#streams.delete(streamId)
  }

  #liveOf({ channel, streamId }: Gauged): LiveStream | undefined {
    const live = this.#options.live.get(channel.arn)
    return live?.streamId === streamId ? live : undefined
  }

  // At full seconds, so that each has one value.
  #sampleLater(): Timer {
    const { clock } = this.#options
    return clock.after(SECOND_MS - (clock.nowMs() % SECOND_MS), () => {
      this.#sample()
      this.#timer = this.#sampleLater()
    })
  }

  #sample(): void {
    const { clock } = this.#options
    const monotonicMs = clock.monotonicMs()
    const elapsedMs = Math.max(1, monotonicMs - this.#lastMonotonicMs)
    this.#lastMonotonicMs = monotonicMs
    const moment = { timeMs: clock.nowMs() - SECOND_MS, elapsedSeconds: elapsedMs / SECOND_MS }
    const samples = [...this.#streams.values()].flatMap((stream): Sample[] => {
      // Also of those that are not live yet, so that their first second is not all that came before.
      const rates = stream.gauge.take(elapsedMs)
      const live = this.#liveOf(stream)
      return live ? [{ ...stream, live, rates }] : []
    })
    for (const sample of samples) this.#recordStream(moment, sample)
    const accounts = Map.groupBy(samples, ({ channel }) => channel.accountId)
    for (const [accountId, ofAccount] of accounts) this.#recordAccount(moment, accountId, ofAccount)
  }

  #recordStream({ timeMs, elapsedSeconds }: Moment, { channel, live, rates, places }: Sample): void {
    const { store } = this.#options
    const ofChannel: MetricDimension = { name: 'Channel', value: channel.id }
    const record = (metric: MetricName, value: number, ...more: readonly MetricDimension[]): void =>
      store.record(channel.accountId, { metric, dimensions: [ofChannel, ...more] }, timeMs, value)
    const recordTrack = (metric: MetricName, value: number): void => {
      record(metric, value)
      record(metric, value, TRACK)
    }
    recordTrack('IngestVideoBitrate', rates.videoBps)
    recordTrack('IngestAudioBitrate', rates.audioBps)
    recordTrack('IngestFramerate', rates.framesPerSecond)
    if (rates.keyframeIntervalSeconds !== undefined) {
      recordTrack('KeyframeInterval', rates.keyframeIntervalSeconds)
    }
    record('IngestBitrate', rates.videoBps + rates.audioBps)
    record('ConcurrentViews', live.viewerCount)
    record('LiveInputTime', elapsedSeconds)
    record('LiveDeliveredTime', live.viewerCount * elapsedSeconds)
    for (const [value, count] of byCountry(live.viewerCount, places.viewers())) {
      record('LiveDeliveredTime', count * elapsedSeconds, { name: 'ViewerCountryCode', value })
    }
  }

  #recordAccount({ timeMs, elapsedSeconds }: Moment, accountId: string, samples: readonly Sample[]): void {
    const record = (metric: MetricName, value: number, ...dimensions: readonly MetricDimension[]): void =>
      this.#options.store.record(accountId, { metric, dimensions }, timeMs, value)
    for (const { rates } of samples) {
      record('IngestBitrate', rates.videoBps + rates.audioBps)
      record('IngestFramerate', rates.framesPerSecond)
      record('LiveInputTime', elapsedSeconds)
    }
    const views = samples.reduce((sum, { live }) => sum + live.viewerCount, 0)
    record('ConcurrentViews', views)
    record('LiveDeliveredTime', views * elapsedSeconds)
    record('ConcurrentStreams', samples.length)
    for (const [value, those] of Map.groupBy(samples, ({ places }) => places.streamer() ?? NO_COUNTRY)) {
      record('ConcurrentStreams', those.length, { name: 'StreamerCountryCode', value })
    }
    for (const health of HEALTHS) {
      const count = samples.filter(({ live }) => live.health === health).length
      record('ConcurrentStreams', count, { name: 'Health', value: health })
    }
  }
}

/** Those whose country nobody knows are told of where there are some, or where there is nobody at all. */
function byCountry(viewers: number, known: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const unknown = [...known.values()].reduce((left, count) => left - count, viewers)
  return unknown > 0 || known.size === 0 ? new Map(known).set(NO_COUNTRY, unknown) : known
}

function add(left: IngestTotals, right: IngestTotals): IngestTotals {
  return {
    videoBytes: left.videoBytes + right.videoBytes,
    audioBytes: left.audioBytes + right.audioBytes,
    frames: left.frames + right.frames,
  }
}
