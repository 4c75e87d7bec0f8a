import { expect, test } from 'vitest'
import { ManualClock } from '../base/manual-clock.ts'
import type { Channel } from '../domain/channel.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { LiveStream } from '../domain/live.ts'
import type { MetricSeries } from '../domain/metrics.ts'
import { seriesKey } from '../domain/metrics.ts'
import { MetricStore } from './metric-store.ts'
import { StreamSampler, type StreamPlaces } from './stream-sampler.ts'

const ACCOUNT = '111111111111'

function open() {
  const clock = new ManualClock()
  const store = new MetricStore({ clock, maxBytes: 1024 * 1024 })
  const streams = new Map<string, LiveStream>()
  const sampler = new StreamSampler({ clock, store, live: { get: (arn) => streams.get(arn) } })
  const begin = (accountId = ACCOUNT, places?: StreamPlaces) => {
    const channel = newChannel({ region: 'us-west-2', accountId, nowMs: 0 }, {})
    return { channel, sink: sampler.watch(channel.id, channel, places) }
  }
  const goLive = (channel: Channel, change: Partial<LiveStream> = {}) =>
    streams.set(channel.arn, {
      channelArn: channel.arn,
      accountId: channel.accountId,
      streamId: channel.id,
      startTimeMs: clock.nowMs(),
      health: 'HEALTHY',
      viewerCount: 0,
      ...change,
    })
  const read = (series: MetricSeries, accountId = ACCOUNT) =>
    store
      .read(accountId, series, { fromMs: 0, toMs: clock.nowMs(), periodMs: 1000 })
      .map(({ startMs, sum }) => [startMs - clock.nowMs(), sum])
  return { clock, store, sampler, begin, goLive, streams, read }
}

const picture = (seconds: number, sizeBytes: number, keyframe = false) => ({
  kind: 'video' as const,
  dtsTicks: seconds * 90_000,
  ptsTicks: seconds * 90_000,
  keyframe,
  data: new Uint8Array(sizeBytes),
})
const sound = (sizeBytes: number) => ({ ...picture(0, sizeBytes, true), kind: 'audio' as const })
const of = (channel: Channel, metric: MetricSeries['metric'], track?: string): MetricSeries => ({
  metric,
  dimensions: [
    { name: 'Channel', value: channel.id },
    ...(track === undefined ? [] : [{ name: 'Track', value: track }]),
  ],
})

test('writes what arrived in a second at the beginning of that second', () => {
  const { clock, begin, goLive, read } = open()
  const { channel, sink } = begin()
  goLive(channel, { viewerCount: 3 })
  sink.onUnit(picture(0, 1000, true))
  sink.onUnit(picture(0.5, 500))
  sink.onUnit(sound(100))
  clock.advance(1000)
  sink.onUnit(picture(2, 250, true))
  clock.advance(1000)
  const both = (first: number, second: number) => [
    [-2000, first],
    [-1000, second],
  ]
  expect(read(of(channel, 'IngestVideoBitrate'))).toEqual(both(12_000, 2000))
  expect(read(of(channel, 'IngestVideoBitrate', 'Track0'))).toEqual(both(12_000, 2000))
  expect(read(of(channel, 'IngestAudioBitrate', 'Track0'))).toEqual(both(800, 0))
  expect(read(of(channel, 'IngestBitrate'))).toEqual(both(12_800, 2000))
  expect(read(of(channel, 'IngestFramerate'))).toEqual(both(2, 1))
  expect(read(of(channel, 'KeyframeInterval'))).toEqual([[-1000, 2]])
  // Of whole minutes: three viewers in each of two seconds.
  expect(read(of(channel, 'ConcurrentViews'))).toEqual([[-2000, 6]])
  expect(read(of(channel, 'LiveDeliveredTime'))).toEqual([[-2000, 6]])
  expect(read(of(channel, 'LiveInputTime'))).toEqual([[-2000, 2]])
})

test('puts the streams of an account together, and those of others not', () => {
  const { clock, begin, goLive, read } = open()
  const [one, two, other] = [begin(), begin(), begin('222222222222')]
  goLive(one.channel, { viewerCount: 1 })
  goLive(two.channel, { viewerCount: 2, health: 'STARVING' })
  goLive(other.channel)
  one.sink.onUnit(sound(10))
  two.sink.onUnit(sound(20))
  clock.advance(1000)
  const ofAccount = (metric: MetricSeries['metric'], health?: string): MetricSeries => ({
    metric,
    dimensions: health === undefined ? [] : [{ name: 'Health', value: health }],
  })
  expect(read(ofAccount('ConcurrentStreams'))).toEqual([[-1000, 2]])
  expect(read(ofAccount('ConcurrentStreams', 'STARVING'))).toEqual([[-1000, 1]])
  expect(read(ofAccount('ConcurrentStreams', 'UNKNOWN'))).toEqual([[-1000, 0]])
  expect(read(ofAccount('ConcurrentViews'))).toEqual([[-1000, 3]])
  expect(read(ofAccount('IngestBitrate'))).toEqual([[-1000, 240]])
  expect(read(ofAccount('LiveInputTime'))).toEqual([[-1000, 2]])
  expect(read(ofAccount('ConcurrentStreams'), '222222222222')).toEqual([[-1000, 1]])
})

test('writes nothing before a stream can be played and after its end, but counts what it sent', () => {
  const { clock, begin, goLive, store, sampler, streams } = open()
  const { channel, sink } = begin()
  sink.onUnit(sound(10))
  clock.advance(3000)
  expect(store.series(ACCOUNT)).toEqual([])
  goLive(channel, { streamId: 'a later stream on the channel' })
  clock.advance(1000)
  expect(store.series(ACCOUNT)).toEqual([])
  goLive(channel)
  expect(sampler.liveStreams()).toHaveLength(1)
  streams.delete(channel.arn)
  sink.onEnd()
  clock.advance(3000)
  expect(store.series(ACCOUNT)).toEqual([])
  expect(sampler.totals).toEqual({ videoBytes: 0, audioBytes: 10, frames: 0 })
})

test('counts streams by the country of their publishers, as it is at the moment', () => {
  const { clock, begin, goLive, read } = open()
  const ofCountry = (value: string) =>
    read({ metric: 'ConcurrentStreams', dimensions: [{ name: 'StreamerCountryCode', value }] })
  let moving: string | undefined = 'DE'
  for (const country of [() => 'JP', () => 'JP', () => undefined, () => moving]) {
    goLive(begin(ACCOUNT, { streamer: country, viewers: () => new Map() }).channel)
  }
  clock.advance(1000)
  expect(['JP', 'DE', 'UNKNOWN'].map(ofCountry)).toEqual([[[-1000, 2]], [[-1000, 1]], [[-1000, 1]]])
  clock.advance(59_000)
  moving = 'FR'
  clock.advance(2000)
  expect(ofCountry('FR')).toHaveLength(1)
})

test('tells the time that was delivered to each country, and to viewers of whom it is not known', () => {
  const { clock, begin, goLive, read } = open()
  const viewers = new Map([
    ['DE', 2],
    ['JP', 1],
  ])
  const { channel } = begin(ACCOUNT, { streamer: () => undefined, viewers: () => viewers })
  const toCountry = (value: string) => {
    const series = of(channel, 'LiveDeliveredTime')
    return read({ ...series, dimensions: [...series.dimensions, { name: 'ViewerCountryCode', value }] })
  }
  goLive(channel, { viewerCount: 5 })
  clock.advance(1000)
  expect(['DE', 'JP', 'UNKNOWN'].map(toCountry)).toEqual([[[-1000, 2]], [[-1000, 1]], [[-1000, 2]]])
  goLive(channel, { viewerCount: 3 })
  clock.advance(1000)
  expect(toCountry('UNKNOWN')).toEqual([[-2000, 2]])
})

test('shows every metric of a live stream under its documented dimensions', () => {
  const { clock, begin, goLive, store } = open()
  const { channel, sink } = begin()
  goLive(channel)
  sink.onUnit(picture(0, 1, true))
  sink.onUnit(picture(2, 1, true))
  clock.advance(1000)
  const keys = store.series(ACCOUNT).map((series) => seriesKey(series).replace(channel.id, 'ID'))
  expect(keys).toEqual([
    'ConcurrentStreams',
    'ConcurrentStreams Health=HEALTHY',
    'ConcurrentStreams Health=STARVING',
    'ConcurrentStreams Health=UNKNOWN',
    'ConcurrentStreams StreamerCountryCode=UNKNOWN',
    'ConcurrentViews',
    'ConcurrentViews Channel=ID',
    'IngestAudioBitrate Channel=ID',
    'IngestAudioBitrate Channel=ID Track=Track0',
    'IngestBitrate',
    'IngestBitrate Channel=ID',
    'IngestFramerate',
    'IngestFramerate Channel=ID',
    'IngestFramerate Channel=ID Track=Track0',
    'IngestVideoBitrate Channel=ID',
    'IngestVideoBitrate Channel=ID Track=Track0',
    'KeyframeInterval Channel=ID',
    'KeyframeInterval Channel=ID Track=Track0',
    'LiveDeliveredTime',
    'LiveDeliveredTime Channel=ID',
    'LiveDeliveredTime Channel=ID ViewerCountryCode=UNKNOWN',
    'LiveInputTime',
    'LiveInputTime Channel=ID',
  ])
})

test('rates are by the time that has really passed, and nothing is written after the end of the sampler', () => {
  const { clock, begin, goLive, read, sampler } = open()
  const { channel, sink } = begin()
  goLive(channel)
  clock.advance(1000)
  sampler[Symbol.dispose]()
  sink.onUnit(sound(1000))
  clock.advance(5000)
  expect(read(of(channel, 'IngestBitrate'))).toEqual([[-6000, 0]])
})
