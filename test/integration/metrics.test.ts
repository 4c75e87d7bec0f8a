/**
 * Metrics of a stream that is really published, as CloudWatch clients and Prometheus read them.
 */
import { CloudWatchClient, GetMetricDataCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startTestServer } from '../harness/test-server.ts'
import { DROP_REASONS } from '../../src/domain/drops.ts'
import type { TestServer } from '../harness/test-server.ts'

let server: TestServer
let metrics: CloudWatchClient
beforeAll(async () => {
  server = await startTestServer()
  metrics = new CloudWatchClient({
    endpoint: server.url('api'),
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  })
})
afterAll(async () => {
  metrics.destroy()
  await server.close()
})

const page = async (): Promise<string> => (await fetch(new URL('/metrics', server.url('api')))).text()

test('a published stream has its bit rate, frame rate and keyframe interval each second', async () => {
  const channel = await server.createChannel()
  await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  const Dimensions = [{ Name: 'Channel', Value: channel.arn }]
  const read = async (MetricName: string): Promise<readonly number[]> => {
    const Metric = { Namespace: 'AWS/IVS', MetricName, Dimensions }
    const answer = await metrics.send(
      new GetMetricDataCommand({
        MetricDataQueries: [{ Id: 'm', MetricStat: { Metric, Period: 1, Stat: 'Average' } }],
        StartTime: new Date(Date.now() - 60_000),
        EndTime: new Date(Date.now() + 60_000),
      }),
    )
    return answer.MetricDataResults?.[0]?.Values ?? []
  }
  await expect.poll(() => read('KeyframeInterval'), { timeout: 20_000 }).not.toEqual([])
  await expect
    .poll(async () => (await read('IngestFramerate')).length, { timeout: 20_000 })
    .toBeGreaterThan(2)
  const [framesPerSecond = 0] = (await read('IngestFramerate')).toSorted((left, right) => right - left)
  expect(framesPerSecond).toBeGreaterThan(15)
  expect(Math.max(...(await read('IngestVideoBitrate')))).toBeGreaterThan(10_000)
  const { Metrics = [] } = await metrics.send(new ListMetricsCommand({ Dimensions }))
  expect(new Set(Metrics.map(({ MetricName }) => MetricName))).toContain('LiveInputTime')
  const text = await page()
  expect(text).toContain('headwater_live_streams{health="STARVING"} 0')
  expect(text).toMatch(/headwater_ingest_media_bytes_total\{media="video"\} [1-9]/)
  expect(text).toContain('headwater_open_connections{protocol="rtmp"} 1')
  expect(publisher).toBeDefined()
})

describe('the page for Prometheus', () => {
  test('tells of the process, and every name once', async () => {
    const text = await page()
    const names = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual(
      expect.arrayContaining([
        'process_cpu_seconds_total',
        'nodejs_eventloop_lag_p99_seconds',
        'headwater_live_streams',
        'headwater_open_connections',
        'headwater_queue_entries',
        'headwater_drops_total',
        'headwater_ladders_running',
        'headwater_events_waiting',
        'headwater_playback_decisions_total',
      ]),
    )
    for (const reason of ['slow-reader', 'undeliverable-event', ...DROP_REASONS]) {
      expect(text).toContain(`headwater_drops_total{reason="${reason}"} 0`)
    }
    expect(text).toMatch(/^headwater_ladders_allowed [1-9]/m)
    expect(text).toContain('headwater_revocations 0')
  })

  test('can be turned off, and is an unknown operation then', async () => {
    const other = await startTestServer({ flags: { prometheus: 'off' } })
    const answer = await fetch(new URL('/metrics', other.url('api')))
    expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([
      404,
      'UnknownOperationException',
    ])
    await other.close()
  })
})
