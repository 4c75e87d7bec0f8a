/**
 * What viewers see when ad servers and creatives fail, on the whole server: a channel for every fault, all at once.
 */
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InsertAdBreakCommand } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import {
  hangingAnswer,
  malformedAnswer,
  noAds,
  podAnswer,
  startTestAdServer,
  wrappedAnswer,
  type AdAnswering,
} from '../harness/ad-server.ts'
import { setUpAds } from '../harness/ad-set-up.ts'
import { AdViewerOnTheNet } from '../harness/ad-viewer.ts'
import { testCreative } from '../harness/creatives.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startTestServer } from '../harness/test-server.ts'

const AD_SECONDS = 4
const LEAD_SECONDS = 2
/** Of a break: segments end with keyframes, one a second. */
const BREAK_SEGMENTS = AD_SECONDS
/** For lead, break and what follows it. */
const SEEN_LIMIT_MS = 20_000

/** What a channel's ads are like until they heal; `ads` are seen when its creative is ready. */
type Case = {
  readonly name: string
  readonly sees: 'content' | 'ads'
  readonly errorCode?: string
  readonly answering: AdAnswering
  readonly slate?: boolean
}

test('each fault shows content, slate or what can be shown, without a break in the playlist, and ads when it is over', async () => {
  await using adServer = await startTestAdServer()
  const corruptFile = join(tmpdir(), 'headwater-corrupt-creative.mp4')
  await writeFile(corruptFile, Buffer.alloc(50_000, 'not a film '))
  const made = await Promise.all([
    testCreative({ seconds: AD_SECONDS }),
    testCreative({ seconds: AD_SECONDS, toneHz: 'none' }),
    testCreative({ seconds: AD_SECONDS, size: '3840x2160', frameRate: 10 }),
    testCreative({ seconds: AD_SECONDS, size: '180x320' }),
  ])
  const [whole = '', silent = '', large = '', tall = ''] = made.map((file) => adServer.serveFile(file))
  const pod = (id: string, mediaUrl: string, durationMs = AD_SECONDS * 1000): AdAnswering =>
    podAnswer([{ id, durationMs, mediaUrl }])
  const good = pod('good', whole)
  const cases: readonly Case[] = [
    { name: 'good', sees: 'ads', answering: good },
    { name: 'failing', sees: 'content', answering: () => ({ status: 500 }) },
    { name: 'hanging', sees: 'content', answering: hangingAnswer() },
    { name: 'empty', sees: 'content', answering: () => noAds() },
    { name: 'malformed', sees: 'content', answering: () => malformedAnswer() },
    { name: 'slate', sees: 'ads', answering: () => noAds(), slate: true },
    {
      name: 'gone',
      sees: 'content',
      errorCode: '405',
      answering: pod('gone', `${adServer.baseUrl}/media/none.mp4`),
    },
    {
      name: 'corrupt',
      sees: 'content',
      errorCode: '405',
      answering: pod('corrupt', adServer.serveFile(corruptFile)),
    },
    { name: 'overfill', sees: 'content', errorCode: '202', answering: pod('overfill', whole, 9000) },
    { name: 'silent', sees: 'ads', answering: pod('silent', silent) },
    { name: 'large', sees: 'ads', answering: pod('large', large) },
    { name: 'tall', sees: 'ads', answering: pod('tall', tall) },
    { name: 'wrapped', sees: 'ads', answering: wrappedAnswer(7, good) },
    { name: 'wrapped-deep', sees: 'content', errorCode: '302', answering: wrappedAnswer(8, good) },
  ]
  let healed = false
  adServer.answerWith((request) => {
    const asked = cases.find(({ name }) => name === request.query.get('case'))
    return (healed ? good : (asked?.answering ?? good))(request)
  })
  await using server = await startTestServer({
    flags: { adLeadSeconds: String(LEAD_SECONDS), adTargetAllow: adServer.hostPort },
  })
  await using opened = new AsyncDisposableStack()
  const watched = await Promise.all(
    cases.map(async (one) => {
      const channel = await server.createChannel({ name: one.name })
      const more = one.slate ? { SlateAdUrl: whole } : {}
      const adDecisionServerUrl = adServer.template(`&case=${one.name}`)
      await setUpAds(server, { channelArn: channel.arn, adDecisionServerUrl, name: one.name, more })
      opened.use(await publishWithFfmpeg({ url: channel.rtmpUrl, size: '320x180', keyframeSeconds: 1 }))
      await server.untilLive(channel)
      await expect.poll(async () => (await fetch(channel.playbackUrl)).status, { timeout: 10_000 }).toBe(200)
      return { ...one, channel, viewer: opened.use(await AdViewerOnTheNet.open(channel.playbackUrl)) }
    }),
  )
  const insert = async ({ channel }: (typeof watched)[number]): Promise<void> => {
    const command = new InsertAdBreakCommand({ channelArn: channel.arn, durationSeconds: AD_SECONDS })
    await server.client.send(command)
  }
  /** One break on every channel, until viewers have seen what follows it; numbers of ad segments by case. */
  const breakEverywhere = async (): Promise<Record<string, number>> => {
    const fromMsn = watched.map(({ viewer }) => viewer.lastMsn + 1)
    await Promise.all(watched.map(insert))
    await expect(Promise.all(watched.map(insert))).rejects.toMatchObject({ name: 'ConflictException' })
    const after = LEAD_SECONDS + BREAK_SEGMENTS + 3
    for (const [index, { viewer }] of watched.entries()) {
      const untilMsn = (fromMsn[index] ?? 0) + after
      await expect.poll(() => viewer.lastMsn, { timeout: SEEN_LIMIT_MS }).toBeGreaterThanOrEqual(untilMsn)
    }
    const counts = watched.map(({ name, viewer }, index) => [
      name,
      viewer.adsFrom(fromMsn[index] ?? 0).length,
    ])
    return Object.fromEntries(counts) as Record<string, number>
  }
  const expected = (seesAds: (one: Case) => boolean): Record<string, number> =>
    Object.fromEntries(cases.map((one) => [one.name, seesAds(one) ? BREAK_SEGMENTS : 0]))

  // Nothing is conditioned before the first break.
  await breakEverywhere()
  expect(await breakEverywhere()).toEqual(expected(({ sees }) => sees === 'ads'))
  for (const { name, errorCode } of cases.filter((one) => one.errorCode !== undefined)) {
    const asking = new Set(
      adServer.requests.filter(({ query }) => query.get('case') === name).map(({ sessionId }) => sessionId),
    )
    const codes = adServer.hits
      .filter(({ event, sessionId }) => event === 'error' && asking.has(sessionId))
      .map(({ query }) => query.get('code'))
    expect([name, codes.at(-1)]).toEqual([name, errorCode])
  }
  healed = true
  expect(await breakEverywhere()).toEqual(expected(() => true))
  for (const { name, viewer } of watched) expect([name, viewer.faults]).toEqual([name, []])
}, 120_000)
