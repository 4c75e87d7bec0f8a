/**
 * Viewers of one stream with ads of their own: by what their tokens say, by when they join, in two breaks one after the
 * other; and in every rendition of a ladder, also after its end.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ImportPlaybackKeyPairCommand, InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { podAnswer, startTestAdServer, type TestAdServer } from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { AdViewerOnTheNet } from '../harness/ad-viewer.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg, type FfmpegPublisher } from '../harness/ffmpeg-publisher.ts'
import { adsShownIn } from '../harness/plain-pictures.ts'
import { tokenSigner, type TokenObject } from '../harness/playback-tokens.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'
import { WHOLE_AD_EVENTS, type TestAd } from '../harness/vast-documents.ts'
import { warmCreatives } from '../harness/warm-creatives.ts'

const LEAD_SECONDS = 2
const AD_SECONDS = 2
/** What a viewer gets of whom the ad server knows no better. */
const POD = ['magenta', 'lime', 'yellow', 'cyan']
/** A quarter of it is as long as an ad. */
const BREAK_SECONDS = POD.length * AD_SECONDS
/** Once this segment is there, it is known how long they are. */
const STEADY_MSN = 1
const WAIT = { timeout: 30_000, interval: 100 }
const TOKEN_SECONDS = 600
const LADDER_SOURCE = { width: 640, height: 360 }

type Person = {
  readonly name: string
  readonly claims?: TokenObject
  /** So long after the beginning of the first break; default before it. */
  readonly joinsAfterSeconds?: number
  /** What the ad server is asked for, in seconds, and what is seen, in the first break and in the second. */
  readonly asked: readonly string[]
  readonly sees: readonly (readonly string[])[]
}

const WHOLE_BREAK = String(BREAK_SECONDS)
const PEOPLE: readonly Person[] = [
  { name: 'lime', asked: [WHOLE_BREAK, '2'], sees: [['lime'], ['lime']] },
  { name: 'cyan', asked: [WHOLE_BREAK, '2'], sees: [['cyan'], ['cyan']] },
  { name: 'anybody', asked: [WHOLE_BREAK, '2'], sees: [POD, ['magenta']] },
  { name: 'opposed', claims: { 'aws:ads-opt-out': true }, asked: [], sees: [] },
  {
    name: 'of the other configuration',
    claims: { 'aws:ads-playback-config-name': 'other' },
    asked: [WHOLE_BREAK, '2'],
    sees: [['yellow'], ['yellow']],
  },
  {
    name: 'of a configuration that there is not',
    claims: { 'aws:ads-playback-config-name': 'nobody' },
    asked: [WHOLE_BREAK, '2'],
    sees: [POD, ['magenta']],
  },
  {
    name: 'late by less than a quarter',
    joinsAfterSeconds: 0.5,
    asked: [WHOLE_BREAK, '2'],
    sees: [POD, ['magenta']],
  },
  {
    name: 'late by a quarter',
    joinsAfterSeconds: 2.5,
    asked: ['6', '2'],
    sees: [POD.slice(0, 3), ['magenta']],
  },
  { name: 'late by a half', joinsAfterSeconds: 4.5, asked: ['4', '2'], sees: [POD.slice(0, 2), ['magenta']] },
  {
    name: 'late by three quarters',
    joinsAfterSeconds: 6.5,
    asked: ['2', '2'],
    sees: [['magenta'], ['magenta']],
  },
]

const cleanup = new AsyncDisposableStack()
const signer = tokenSigner()
const viewers = new Map<string, AdViewerOnTheNet>()
let adServer: TestAdServer
let server: TestServer
let rungs: readonly AdViewerOnTheNet[]

beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'headwater-ad-viewers-'))
  cleanup.defer(() => rm(dataDir, { recursive: true, force: true }))
  adServer = cleanup.use(await startTestAdServer())
  const adTargetAllow = adServer.hostPort
  const ads = await Promise.all(POD.map(servedAd))
  answerByViewer(ads)
  const urls = ads.map(({ mediaUrl }) => mediaUrl)
  await warmCreatives({ dataDir, adTargetAllow }, urls)
  await warmCreatives({ dataDir, adTargetAllow }, urls.slice(0, 1), { type: 'STANDARD', ...LADDER_SOURCE })
  const flags = { adLeadSeconds: String(LEAD_SECONDS), adTargetAllow, x264Preset: 'ultrafast' }
  server = cleanup.use(await startTestServer({ dataDir, flags }))
  await server.client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial: signer.publicKeyPem }))
  const [plain, ladder] = await Promise.all([
    channelOnAir({ name: 'plain', type: 'BASIC', size: '320x180' }),
    channelOnAir({ name: 'ladder', type: 'STANDARD', size: '640x360', postRollSeconds: AD_SECONDS }),
  ])
  rungs = await AdViewerOnTheNet.openAll(urlFor(ladder, { name: 'rungs' }))
  for (const rung of rungs) cleanup.use(rung)
  const early = PEOPLE.filter(({ joinsAfterSeconds }) => joinsAfterSeconds === undefined)
  await Promise.all(early.map((person) => open(plain, person)))
  const everybody = (): readonly AdViewerOnTheNet[] => [...viewers.values(), ...rungs]
  await vi.waitUntil(() => everybody().every(({ lastMsn }) => lastMsn >= STEADY_MSN), WAIT)

  await Promise.all([insertBreak(plain, BREAK_SECONDS), insertBreak(ladder, AD_SECONDS)])
  const beginsAtMs = Date.now() + LEAD_SECONDS * 1000
  for (const person of PEOPLE) {
    if (person.joinsAfterSeconds === undefined) continue
    await sleep(beginsAtMs + person.joinsAfterSeconds * 1000 - Date.now())
    await open(plain, person)
  }
  const isInserted = (): Promise<boolean> =>
    insertBreak(plain, AD_SECONDS).then(
      () => true,
      () => false,
    )
  await vi.waitUntil(isInserted, WAIT)
  const untilMsn = Math.max(...everybody().map(({ lastMsn }) => lastMsn)) + LEAD_SECONDS + AD_SECONDS + 2
  await vi.waitUntil(() => everybody().every(({ lastMsn }) => lastMsn >= untilMsn), WAIT)
  await Promise.all([plain, ladder].map(({ publisher }) => publisher.stop()))
  await vi.waitUntil(() => everybody().every(({ ended }) => ended), WAIT)
}, 120_000)

afterAll(() => cleanup.disposeAsync())

test.each(PEOPLE)('$name: sees ads of his own in both breaks, and each is reported once', async (person) => {
  const { name, asked, sees } = person
  const viewer = viewers.get(name)
  expect(viewer?.faults).toEqual([])
  const shown = await adsShownIn(viewer?.media(0, Infinity) ?? Buffer.alloc(0))
  const inSeconds = (ads: readonly string[]): readonly string[] => ads.map((ad) => `${ad} ${AD_SECONDS}`)
  const [first = [], second = []] = sees.map(inSeconds)
  const between = second.length === 0 ? [] : ['content']
  expect(shown.map((run) => run.replace(/content .*/, 'content'))).toEqual([...first, ...between, ...second])
  const requests = adServer.requests.filter(({ query }) => query.get('viewer') === name)
  expect(requests.map(({ query }) => query.get('dur'))).toEqual(asked)
  const reports = (): readonly string[] =>
    adServer.eventsOf(requests[0]?.sessionId ?? 'nobody').filter((report) => !report.endsWith(':error'))
  await expect.poll(reports, WAIT).toEqual(sees.flat().flatMap(reportsOf))
})

test('viewers are told apart: each is a session of his own for the ad server', () => {
  const sessions = PEOPLE.filter(({ asked }) => asked.length > 0).map(({ name }) => {
    const own = adServer.requests.filter(({ query }) => query.get('viewer') === name)
    return new Set(own.map(({ sessionId }) => sessionId))
  })
  for (const own of sessions) expect(own.size).toBe(1)
  expect(new Set(sessions.flatMap((own) => [...own])).size).toBe(sessions.length)
})

test('every rendition of a ladder has the same at the same number, in a break and after the end of the stream', async () => {
  expect(rungs.length).toBeGreaterThanOrEqual(2)
  const facts = rungs.map(({ segments }) =>
    segments.map(({ msn, title, run, programDateTimeMs }) => ({ msn, title, run, programDateTimeMs })),
  )
  const fromMsn = Math.max(...facts.map(([first]) => first?.msn ?? 0))
  const [first, ...others] = facts.map((segments) => segments.filter(({ msn }) => msn >= fromMsn))
  for (const other of others) expect(other).toEqual(first)
  for (const rung of rungs) {
    expect(rung.faults).toEqual([])
    const shown = await adsShownIn(rung.media(0, Infinity))
    expect(shown.map((run) => run.replace(/content .*/, 'content'))).toEqual([
      'magenta 2',
      'content',
      'magenta 2',
    ])
    expect(rung.segments.at(-1)?.title).not.toBe('live')
  }
  const [request] = adServer.requests.filter(({ query }) => query.get('viewer') === 'rungs')
  const reports = (): readonly string[] =>
    adServer.eventsOf(request?.sessionId ?? '').filter((report) => !report.endsWith(':error'))
  await expect.poll(reports, WAIT).toEqual(['magenta', 'magenta'].flatMap(reportsOf))
})

async function servedAd(picture: string): Promise<TestAd> {
  const mediaUrl = adServer.serveFile(await testCreative({ seconds: AD_SECONDS, picture }))
  return { id: picture, durationMs: AD_SECONDS * 1000, mediaUrl }
}

/** The ad called like the viewer; yellow for all whom the other configuration asks for; else the whole pod. */
function answerByViewer(ads: readonly TestAd[]): void {
  adServer.answerWith((request) => {
    const { query } = request
    const wanted = query.has('other') ? 'yellow' : query.get('viewer')
    const own = ads.filter(({ id }) => id === wanted)
    return podAnswer(own.length > 0 ? own : ads)(request)
  })
}

async function channelOnAir(options: {
  readonly name: string
  readonly type: 'BASIC' | 'STANDARD'
  readonly size: string
  readonly postRollSeconds?: number
}): Promise<TestChannel & { readonly publisher: FfmpegPublisher }> {
  const { name, type, size, ...more } = options
  const channel = await server.createChannel({ name, type, authorized: true })
  const template = adServer.template('&viewer=[player_params.viewer]')
  const others = name === 'plain' ? [{ Name: 'other', AdDecisionServerUrl: `${template}&other=1` }] : []
  await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl: template, name, others, ...more })
  const publisher = cleanup.use(await publishWithFfmpeg({ url: channel.rtmpUrl, size, keyframeSeconds: 1 }))
  await server.untilLive(channel)
  return { ...channel, publisher }
}

function urlFor(
  { arn, playbackUrl }: TestChannel,
  { name, claims }: Pick<Person, 'name' | 'claims'>,
): string {
  const exp = Math.floor(Date.now() / 1000) + TOKEN_SECONDS
  const params = { 'aws:channel-arn': arn, 'aws:ads-player-params': { viewer: name }, exp }
  return `${playbackUrl}?token=${signer.sign({ ...params, ...claims })}`
}

async function open(channel: TestChannel, person: Person): Promise<void> {
  const viewer = await AdViewerOnTheNet.open(urlFor(channel, person))
  viewers.set(person.name, cleanup.use(viewer))
}

function insertBreak({ arn: channelArn }: TestChannel, durationSeconds: number): Promise<unknown> {
  return server.client.send(new InsertAdBreakCommand({ channelArn, durationSeconds }))
}

function reportsOf(adId: string): readonly string[] {
  return WHOLE_AD_EVENTS.map((event) => `${adId}:${event}`)
}
