/**
 * `headwater serve` killed in the middle of an ad break while its beacons wait, and started again.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateChannelCommand,
  GetChannelCommand,
  InsertAdBreakCommand,
  ListStreamSessionsCommand,
  type IvsClient,
} from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { podAnswer, startTestAdServer } from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { AdViewerOnTheNet } from '../harness/ad-viewer.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startHeadwater, type HeadwaterProcess } from '../harness/headwater-process.ts'
import { testClient } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'

const AD_SECONDS = 8
const LIMIT_MS = 30_000
const WAIT = { timeout: LIMIT_MS, interval: 100 }

async function openViewer(playbackUrl: string): Promise<AdViewerOnTheNet> {
  await expect.poll(async () => (await fetch(playbackUrl)).status, WAIT).toBe(200)
  return AdViewerOnTheNet.open(playbackUrl)
}

async function watchBreak(client: IvsClient, channelArn: string, viewer: AdViewerOnTheNet): Promise<number> {
  await expect.poll(() => viewer.lastMsn, WAIT).toBeGreaterThan(0)
  await client.send(new InsertAdBreakCommand({ channelArn, durationSeconds: AD_SECONDS }))
  return viewer.lastMsn + 1
}

test('after kill -9 in a break no beacon is heard twice, the stream session is closed, and a new break works', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'headwater-ad-crash-'))
  await using cleaning = new AsyncDisposableStack()
  cleaning.defer(() => rm(dataDir, { recursive: true, force: true }))
  await using adServer = await startTestAdServer()
  const mediaUrl = adServer.serveFile(await testCreative({ seconds: AD_SECONDS }))
  adServer.answerWith(podAnswer([{ id: 'ad', durationMs: AD_SECONDS * 1000, mediaUrl }]))
  const start = (httpPort = '0', rtmpPort = '0'): Promise<HeadwaterProcess> => {
    const ports = ['--http-port', httpPort, '--rtmp-port', rtmpPort]
    const ads = ['--ad-lead-seconds', '2', '--ad-target-allow', adServer.hostPort]
    return startHeadwater(['--data-dir', dataDir, ...ports, ...ads])
  }
  let channelArn = ''
  let streamKey = ''
  let killedHits = 0
  const ports = { http: '', rtmp: '' }
  {
    await using server = await start()
    const api = server.addresses['api'] ?? ''
    ports.http = new URL(api).port
    ports.rtmp = new URL(server.addresses['rtmp'] ?? '').port
    const client = testClient(api)
    cleaning.defer(() => {
      client.destroy()
    })
    const created = await client.send(new CreateChannelCommand({ type: 'BASIC' }))
    channelArn = created.channel?.arn ?? ''
    streamKey = created.streamKey?.value ?? ''
    const url = (name: string): string => server.addresses[name] ?? ''
    await setUpAds({ client, url }, { channelArn, adDecisionServerUrl: adServer.template() })
    await using _ = await publishWithFfmpeg({
      url: `${url('rtmp')}/${streamKey}`,
      size: '320x180',
      keyframeSeconds: 1,
    })
    await using viewer = await openViewer(created.channel?.playbackUrl ?? '')
    const first = await watchBreak(client, channelArn, viewer)
    await expect.poll(() => viewer.lastMsn, WAIT).toBeGreaterThan(first + AD_SECONDS + 3)
    adServer.failTracking(503)
    const second = await watchBreak(client, channelArn, viewer)
    await expect.poll(() => viewer.adsFrom(second).length, WAIT).toBeGreaterThanOrEqual(2)
    await expect.poll(() => adServer.hits.some(({ event }) => event === 'impression'), WAIT).toBe(true)
    server.kill('SIGKILL')
    await server.exited
    killedHits = adServer.hits.length
  }
  adServer.failTracking(undefined)
  await using server = await start(ports.http, ports.rtmp)
  const client = testClient(server.addresses['api'] ?? '')
  cleaning.defer(() => {
    client.destroy()
  })
  const { streamSessions } = await client.send(new ListStreamSessionsCommand({ channelArn }))
  expect(streamSessions).toHaveLength(1)
  expect(streamSessions?.[0]?.endTime).toBeInstanceOf(Date)
  await using _ = await publishWithFfmpeg({
    url: `${server.addresses['rtmp'] ?? ''}/${streamKey}`,
    size: '320x180',
    keyframeSeconds: 1,
  })
  const { channel } = await client.send(new GetChannelCommand({ arn: channelArn }))
  await using viewer = await openViewer(channel?.playbackUrl ?? '')
  const first = await watchBreak(client, channelArn, viewer)
  await expect.poll(() => viewer.adsFrom(first).length, WAIT).toBe(AD_SECONDS)
  // Whoever only asks for the multivariant playlist is a session too, without impressions.
  const played = (): readonly string[] => [
    ...new Set(adServer.hits.filter(({ event }) => event === 'impression').map((hit) => hit.sessionId)),
  ]
  const [killedSession = ''] = played()
  const newSession = (): string => played().find((sessionId) => sessionId !== killedSession) ?? ''
  await expect
    .poll(() => adServer.eventsOf(newSession()).filter((event) => event !== 'ad:error'), WAIT)
    .toEqual(WHOLE_AD_EVENTS.map((event) => `ad:${event}`))
  // Refused before the kill, so tried again half a minute later; what was behind it follows.
  const heard = (): readonly string[] =>
    adServer.hits
      .slice(killedHits)
      .filter((hit) => hit.sessionId === killedSession)
      .map(({ event }) => event)
  await expect.poll(heard, { timeout: 40_000, interval: 200 }).toContain('start')
  expect(heard().slice(0, 2)).toEqual(['impression', 'start'])
  expect(new Set(heard()).size).toBe(heard().length)
  expect(viewer.faults).toEqual([])
}, 150_000)
