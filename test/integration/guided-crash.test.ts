/**
 * A player that puts ads in by itself, in the middle of one while `headwater serve` is killed and started again: what the
 * ad's addresses carry is all that is needed to report the rest.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateChannelCommand, InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { expect, test, vi } from 'vitest'
import { podAnswer, startTestAdServer } from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startHeadwater, type HeadwaterProcess } from '../harness/headwater-process.ts'
import { playerAddresses, segmentsOfAd, textOf, urlsOf } from '../harness/mediatailor-player.ts'
import { testClient } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS } from '../harness/vast-documents.ts'
import { warmCreatives } from '../harness/warm-creatives.ts'

const AD_SECONDS = 4
const WHOLE_AD = WHOLE_AD_EVENTS.map((event) => `one:${event}`)
const WAIT = { timeout: 20_000, interval: 50 }

test('after kill -9 in a guided ad its media is there again, and each event is reported once and in order', async () => {
  await using cleaning = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'headwater-guided-crash-'))
  cleaning.defer(() => rm(dataDir, { recursive: true, force: true }))
  const adServer = cleaning.use(await startTestAdServer())
  const adTargetAllow = adServer.hostPort
  const mediaUrl = adServer.serveFile(await testCreative({ seconds: AD_SECONDS }))
  adServer.answerWith(podAnswer([{ id: 'one', durationMs: AD_SECONDS * 1000, mediaUrl }]))
  await warmCreatives({ dataDir, adTargetAllow }, [mediaUrl])
  const program = (httpPort = '0'): Promise<HeadwaterProcess> => {
    const settings = ['--ad-lead-seconds', '2', '--ad-target-allow', adTargetAllow]
    return startHeadwater(['--data-dir', dataDir, '--http-port', httpPort, '--rtmp-port', '0', ...settings])
  }

  const killed = cleaning.use(await program())
  const url = (name: string): string => killed.addresses[name] ?? ''
  const client = testClient(url('api'))
  cleaning.defer(() => {
    client.destroy()
  })
  const created = await client.send(new CreateChannelCommand({ type: 'BASIC' }))
  const { arn: channelArn = '', playbackUrl = '' } = created.channel ?? {}
  const server = { client, url }
  await setUpAds(server, { channelArn, adDecisionServerUrl: adServer.template() })
  const { master } = await playerAddresses(
    server,
    { playbackUrl },
    {
      Name: 'guided & sealed',
      AdDecisionServerUrl: adServer.template(),
      InsertionMode: 'PLAYER_SELECT',
    },
  )
  let segments: readonly string[]
  {
    await using _publisher = await publishWithFfmpeg({
      url: `${url('rtmp')}/${created.streamKey?.value ?? ''}`,
      size: '320x180',
    })
    const multivariantUrl = `${master}?aws.insertionMode=GUIDED`
    const multivariant = await vi.waitFor(() => textOf(multivariantUrl), WAIT)
    const playlistUrl = urlsOf(multivariant, multivariantUrl)[0] ?? ''
    await client.send(new InsertAdBreakCommand({ channelArn, durationSeconds: AD_SECONDS }))
    const [, listPath = ''] = /X-ASSET-LIST="([^"]*)"/.exec(await textOf(playlistUrl)) ?? []
    const list = JSON.parse(await textOf(new URL(listPath, playlistUrl).href)) as {
      readonly ASSETS: readonly { readonly URI: string }[]
    }
    segments = await segmentsOfAd(list.ASSETS[0]?.URI ?? '')
    expect((await fetch(segments[0] ?? '')).status).toBe(200)
    killed.kill('SIGKILL')
    await killed.exited
  }
  await using _restarted = await program(new URL(url('api')).port)
  const heard = (): readonly string[] => adServer.hits.map(({ adId, event }) => `${adId}:${event}`)
  for (const segment of [...segments.slice(0, 1), ...segments]) {
    const response = await fetch(segment)
    expect(Buffer.from(await response.arrayBuffer())[0]).toBe(0x47)
  }
  // One that was on its way when the server died may have been heard or not: it is not sent again.
  await expect.poll(() => heard().slice(-2), WAIT).toEqual(WHOLE_AD.slice(-2))
  expect(WHOLE_AD.filter((event) => heard().includes(event))).toEqual(heard())
  expect(heard().length).toBeGreaterThanOrEqual(WHOLE_AD.length - 1)
}, 60_000)
