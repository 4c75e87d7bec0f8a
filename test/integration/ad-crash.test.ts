/**
 * `headwater serve` killed in the middle of an ad break while beacons wait, and started again.
 *
 * The ad server hears the first beacon of each session and does not answer: it is on its way when the server is killed,
 * and everything that became due behind it waits.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateChannelCommand,
  InsertAdBreakCommand,
  ListStreamSessionsCommand,
  type IvsClient,
} from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { podAnswer, startTestAdServer } from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { AdViewerOnTheNet } from '../harness/ad-viewer.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg, type FfmpegPublisher } from '../harness/ffmpeg-publisher.ts'
import { startHeadwater, type HeadwaterProcess } from '../harness/headwater-process.ts'
import { adsShownIn } from '../harness/plain-pictures.ts'
import { testClient } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'
import { warmCreatives } from '../harness/warm-creatives.ts'

const LEAD_SECONDS = 2
/** Two ads, a segment a second. */
const ONE_SECONDS = 1
const TWO_SECONDS = 4
const BREAK_SECONDS = ONE_SECONDS + TWO_SECONDS
/** Events, by the segments in which they become due. */
const DUE_BY_SEGMENT = [
  WHOLE_AD_EVENTS.map((event) => `one:${event}`),
  ['two:impression', 'two:start', 'two:firstQuartile'],
]
/** Once this segment is there, it is known how long they are. */
const STEADY_MSN = 1
const WAIT = { timeout: 20_000, interval: 50 }

test('after kill -9 in a break every beacon that was due is heard once and in order, no other one is, and the break is over', async () => {
  await using cleaning = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'headwater-ad-crash-'))
  cleaning.defer(() => rm(dataDir, { recursive: true, force: true }))
  const adServer = cleaning.use(await startTestAdServer())
  const adTargetAllow = adServer.hostPort
  const pod = [
    { id: 'one', seconds: ONE_SECONDS, picture: 'yellow' },
    { id: 'two', seconds: TWO_SECONDS, picture: 'magenta' },
  ]
  const ads = await Promise.all(
    pod.map(async ({ id, seconds, picture }) => {
      const mediaUrl = adServer.serveFile(await testCreative({ seconds, picture }))
      return { id, durationMs: seconds * 1000, mediaUrl }
    }),
  )
  adServer.answerWith(podAnswer(ads))
  await warmCreatives(
    { dataDir, adTargetAllow },
    ads.map(({ mediaUrl }) => mediaUrl),
  )
  const program = (httpPort = '0', rtmpPort = '0'): Promise<HeadwaterProcess> => {
    const ports = ['--http-port', httpPort, '--rtmp-port', rtmpPort]
    const settings = ['--ad-lead-seconds', String(LEAD_SECONDS), '--ad-target-allow', adTargetAllow]
    return startHeadwater(['--data-dir', dataDir, ...ports, ...settings])
  }

  const killed = cleaning.use(await program())
  const url = (name: string): string => killed.addresses[name] ?? ''
  const client = testClient(url('api'))
  cleaning.defer(() => {
    client.destroy()
  })
  const created = await client.send(new CreateChannelCommand({ type: 'BASIC' }))
  const { arn: channelArn = '', playbackUrl = '' } = created.channel ?? {}
  const publish = (): Promise<FfmpegPublisher> =>
    publishWithFfmpeg({
      url: `${url('rtmp')}/${created.streamKey?.value ?? ''}`,
      size: '320x180',
      keyframeSeconds: 1,
    })
  await setUpAds({ client, url }, { channelArn, adDecisionServerUrl: adServer.template() })
  adServer.holdTracking(true)
  const heardBefore = (): readonly string[] => adServer.hits.map(({ adId, event }) => `${adId}:${event}`)
  // One leaves after a segment of ads, and one after two; a third one asks for no media at all.
  const watched = [1, 2]
  let viewers: readonly AdViewerOnTheNet[]
  {
    await using _publisher = await publish()
    viewers = await Promise.all(
      watched.map((maxAdSegments) => AdViewerOnTheNet.open(playbackUrl, { maxAdSegments })),
    )
    expect((await fetch(playbackUrl)).status).toBe(200)
    await expect.poll(() => viewers.every(({ lastMsn }) => lastMsn >= STEADY_MSN), WAIT).toBe(true)
    await insertBreak(client, channelArn, BREAK_SECONDS)
    await expect.poll(() => viewers.every(({ ended }) => ended), WAIT).toBe(true)
    // On a busy machine they may be heard late; otherwise the server dies at once after its last answer.
    await expect.poll(heardBefore, WAIT).toEqual(watched.map(() => 'one:impression'))
    killed.kill('SIGKILL')
    await killed.exited
  }
  expect(heardBefore()).toEqual(watched.map(() => 'one:impression'))
  const sessionsBefore = new Set(adServer.hits.map(({ sessionId }) => sessionId))

  adServer.holdTracking(false)
  await using restarted = await program(new URL(url('api')).port, new URL(url('rtmp')).port)
  expect(restarted.addresses['api']).toBe(url('api'))
  const { streamSessions } = await client.send(new ListStreamSessionsCommand({ channelArn }))
  expect(streamSessions?.map(({ endTime }) => endTime)).toEqual([expect.any(Date)])
  for (const { playlistUrl } of viewers) expect((await fetch(playlistUrl)).status).toBe(404)
  const asked = adServer.requests.length
  await using _publisher = await publish()
  await using viewer = await AdViewerOnTheNet.open(playbackUrl)
  await expect.poll(() => viewer.lastMsn, WAIT).toBeGreaterThanOrEqual(STEADY_MSN)
  // Nothing is left of the break: nobody is asked for it, and there is room for another one.
  expect(adServer.requests.length).toBe(asked)
  const fromMsn = viewer.lastMsn + 1
  await insertBreak(client, channelArn, ONE_SECONDS)
  const untilMsn = fromMsn + LEAD_SECONDS + ONE_SECONDS + 2
  await expect.poll(() => viewer.lastMsn, WAIT).toBeGreaterThanOrEqual(untilMsn)
  expect(await adsShownIn(viewer.media(0, untilMsn))).toEqual(['yellow 1'])
  expect(viewer.faults).toEqual([])

  const [ofOne = [], ofTwo = []] = watched.map((segments) => DUE_BY_SEGMENT.slice(0, segments).flat())
  // The third is that of the new break, which is too short for the second ad.
  const expected = [ofOne, ['two:error', ...ofOne], ofTwo]
  const heard = (): readonly (readonly string[])[] => {
    const sessions = [...new Set(adServer.hits.map(({ sessionId }) => sessionId))]
    return sessions.map((sessionId) => adServer.eventsOf(sessionId)).sort((a, b) => a.length - b.length)
  }
  await expect.poll(heard, WAIT).toEqual(expected)
  expect(sessionsBefore.size).toBe(watched.length)
}, 60_000)

function insertBreak(client: IvsClient, channelArn: string, durationSeconds: number): Promise<unknown> {
  return client.send(new InsertAdBreakCommand({ channelArn, durationSeconds }))
}
