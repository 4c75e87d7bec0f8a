/**
 * A stream with a viewer for every fault of `ad-fault-cases.ts`, through two breaks: in the first everything fails that
 * can, and in the second what can be well again is.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ImportPlaybackKeyPairCommand, InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { expect, vi } from 'vitest'
import {
  BREAK_SECONDS,
  FAULT_CASES,
  goodAnswer,
  LEAD_SECONDS,
  type FaultCase,
  type FaultCreatives,
} from './ad-fault-cases.ts'
import { reportedTo, startTestAdServer, type TestAdServer } from './ad-server.ts'
import { setUpAds } from './ad-set-up.ts'
import { AdViewerOnTheNet } from './ad-viewer.ts'
import { testCreative } from './creatives.ts'
import { publishWithFfmpeg } from './ffmpeg-publisher.ts'
import { tokenSigner } from './playback-tokens.ts'
import { RecordingLogger, type LogLine } from './recording-logger.ts'
import { startTestServer, type TestChannel, type TestServer } from './test-server.ts'
import { warmCreatives } from './warm-creatives.ts'

/** The segments around a break, and the lines of the log that tell of it. */
export type WatchedBreak = {
  readonly fromMsn: number
  readonly toMsn: number
  readonly lines: readonly LogLine[]
}

/** A viewer and what he is to see. */
export type FaultViewer = { readonly fault: FaultCase; readonly viewer: AdViewerOnTheNet }

/** What was watched; `await using` ends it. */
export type FaultBroadcast = AsyncDisposable & {
  readonly server: TestServer
  readonly adServer: TestAdServer
  /** The one that may not be asked. */
  readonly inner: TestAdServer
  /** The one that was down in the first break, as it came back. */
  readonly back: TestAdServer
  readonly backAtMs: number
  readonly viewers: ReadonlyMap<string, FaultViewer>
  readonly breaks: readonly WatchedBreak[]
  /** How inserting a break into a break is answered. */
  readonly conflict: unknown
}

/** The server that is down is back long before, and the second break about over after it. */
export const BEACON_RETRY_SECONDS = 18
const WAIT = { timeout: 20_000, interval: 100 }
const TOKEN_SECONDS = 600
/** Segments end with keyframes, one a second: lead, break, and what follows. */
const WATCHED_SEGMENTS = LEAD_SECONDS + BREAK_SECONDS + 3
/** Once this segment is there, it is known how long they are. */
const STEADY_MSN = 1
const PUBLISHED = { size: '320x180', keyframeSeconds: 1 }

/** Watches both breaks. */
export async function watchFaults(): Promise<FaultBroadcast> {
  await using starting = new AsyncDisposableStack()
  const dataDir = await mkdtemp(join(tmpdir(), 'headwater-ad-faults-'))
  starting.defer(() => rm(dataDir, { recursive: true, force: true }))
  const adServer = starting.use(await startTestAdServer())
  const inner = starting.use(await startTestAdServer())
  const away = await startTestAdServer()
  await away[Symbol.asyncDispose]()
  const { creatives, slate, bumperStart, bumperEnd } = await serveCreatives(adServer, inner, away)
  const adTargetAllow = [adServer.hostPort, away.hostPort].join(',')
  await warmCreatives({ dataDir, adTargetAllow }, [
    creatives.whole,
    creatives.short,
    slate,
    bumperStart,
    bumperEnd,
  ])

  const good = goodAnswer(creatives)
  let isHealed = false
  adServer.answerWith((request) => {
    const fault = FAULT_CASES.find(({ name }) => name === request.query.get('case'))
    const isLasting = fault?.second !== undefined
    return (fault && (isLasting || !isHealed) ? fault.answering(creatives) : good)(request)
  })
  const logger = new RecordingLogger()
  const flags = {
    adLeadSeconds: String(LEAD_SECONDS),
    adBeaconRetrySeconds: String(BEACON_RETRY_SECONDS),
    adTargetAllow,
  }
  const server = starting.use(await startTestServer({ dataDir, flags, logger }))
  const signer = tokenSigner()
  await server.client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: signer.publicKeyPem }))
  // A channel has three configurations at the most.
  const more = '&case=[player_params.case]'
  const channels = [
    await channelWith(server, ['plain', {}], adServer.template(more), [
      { Name: 'slate', SlateAdUrl: slate },
      { Name: 'bumpers', Bumper: { StartUrl: bumperStart, EndUrl: bumperEnd } },
    ]),
    await channelWith(server, ['down', {}], away.template(more), [
      { Name: 'down-slate', SlateAdUrl: slate },
      { Name: 'private', AdDecisionServerUrl: inner.template(more) },
    ]),
  ] as const
  const [first, second] = channels
  starting.use(await publishWithFfmpeg({ url: first.rtmpUrl, alsoTo: [second.rtmpUrl], ...PUBLISHED }))
  await Promise.all(channels.map(server.untilLive))

  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS
  const open = async (fault: FaultCase): Promise<readonly [string, FaultViewer]> => {
    const { name, configuration = 'plain' } = fault
    const channel = ['plain', 'slate', 'bumpers'].includes(configuration) ? first : second
    const token = signer.sign({
      'aws:channel-arn': channel.arn,
      'aws:ads-player-params': { case: name },
      'aws:ads-playback-config-name': configuration,
      exp,
    })
    const viewer = await AdViewerOnTheNet.open(`${channel.playbackUrl}?token=${token}`)
    return [name, { fault, viewer: starting.use(viewer) }]
  }
  const viewers = new Map(await Promise.all(FAULT_CASES.map(open)))

  const insert = async ({ arn: channelArn }: TestChannel): Promise<unknown> =>
    server.client.send(new InsertAdBreakCommand({ channelArn, durationSeconds: BREAK_SECONDS }))
  const watchBreak = async (): Promise<WatchedBreak> => {
    const begun = logger.lines.length
    const last = [...viewers.values()].map(({ viewer }) => viewer.lastMsn)
    await Promise.all(channels.map(insert))
    const fromMsn = Math.min(...last) + 1
    const toMsn = Math.max(...last) + 1 + WATCHED_SEGMENTS
    await vi.waitFor(() => {
      for (const { viewer } of viewers.values()) expect(viewer.lastMsn).toBeGreaterThanOrEqual(toMsn)
    }, WAIT)
    return { fromMsn, toMsn, lines: logger.lines.slice(begun) }
  }
  await vi.waitFor(() => {
    for (const { viewer } of viewers.values()) expect(viewer.lastMsn).toBeGreaterThanOrEqual(STEADY_MSN)
  }, WAIT)
  const watching = watchBreak()
  await vi.waitFor(() => expect(adServer.requests.length).toBeGreaterThan(0), WAIT)
  const conflict = await insert(first).catch((error: unknown) => error)
  const failing = await watching
  await untilConditioned(server)
  isHealed = true
  const backAtMs = Date.now()
  const back = await startTestAdServer(reportedTo(adServer.baseUrl, good), Number(new URL(away.baseUrl).port))
  starting.use(back)
  const healed = await watchBreak()
  const started = starting.move()
  return {
    server,
    adServer,
    inner,
    back,
    backAtMs,
    viewers,
    breaks: [failing, healed],
    conflict,
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function channelWith(
  server: TestServer,
  [name, more]: readonly [string, Readonly<Record<string, string>>],
  adDecisionServerUrl: string,
  others: NonNullable<Parameters<typeof setUpAds>[1]['others']>,
): Promise<TestChannel> {
  const channel = await server.createChannel({ name, authorized: true })
  await setUpAds(server, {
    channelArn: channel.arn,
    adDecisionServerUrl,
    name,
    more,
    others,
    isLogged: true,
  })
  return channel
}

async function untilConditioned(server: TestServer): Promise<void> {
  await vi.waitFor(async () => {
    const metrics = await (await fetch(new URL('/metrics', server.url('api')))).text()
    expect(metrics).toContain('headwater_creatives_queued 0\n')
    expect(metrics).toContain('headwater_creatives_running 0\n')
  }, WAIT)
}

async function serveCreatives(
  adServer: TestAdServer,
  inner: TestAdServer,
  away: TestAdServer,
): Promise<{
  readonly creatives: FaultCreatives
  readonly slate: string
  readonly bumperStart: string
  readonly bumperEnd: string
}> {
  const corruptFile = join(tmpdir(), 'headwater-corrupt-creative.mp4')
  await writeFile(corruptFile, Buffer.alloc(50_000, 'not a film '))
  const served = async (picture: string, seconds: number, more = {}): Promise<string> =>
    adServer.serveFile(await testCreative({ seconds, picture, ...more }))
  const [whole, short, slate, bumperStart, bumperEnd, silent, large, tall] = await Promise.all([
    served('magenta', BREAK_SECONDS),
    served('lime', 2),
    served('blue', 2),
    served('yellow', 1),
    served('red', 1),
    served('cyan', BREAK_SECONDS, { toneHz: 'none' }),
    served('orange', BREAK_SECONDS, { size: '3840x2160', frameRate: 10 }),
    served('white', BREAK_SECONDS, { size: '180x320' }),
  ])
  const creatives = {
    whole,
    short,
    silent,
    large,
    tall,
    corrupt: adServer.serveFile(corruptFile),
    gone: `${adServer.baseUrl}/media/none.mp4`,
    inner: inner.serveFile(corruptFile),
    innerServer: inner.baseUrl,
    awayServer: away.baseUrl,
  }
  return { creatives, slate, bumperStart, bumperEnd }
}
