/**
 * `npm run bench:metadata`: whether hls.js and the IVS player raise every text of a minute of PutMetadata, once and at its
 * media time, in both containers, on BASIC and on every rung of a ladder.
 *
 * Each player has a browser of its own, since pages in the background are slowed down.
 */
import { parseArgs } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ChannelType, ContainerFormat } from '../src/domain/channel.ts'
import { METADATA_OWNER } from '../src/media/timed-metadata.ts'
import { raisedCues, type RaisedCue } from '../test/harness/browser-cues.ts'
import { serveBrowserPages, type BrowserPages } from '../test/harness/browser-pages.ts'
import { launchChromium } from '../test/harness/chromium.ts'
import { publishWithFfmpeg } from '../test/harness/ffmpeg-publisher.ts'
import { readRungs, type ServedRung } from '../test/harness/ladder-reader.ts'
import {
  watchWithHls,
  watchWithIvs,
  type MetadataViewer,
  type ViewerPlace,
} from '../test/harness/metadata-viewers.ts'
import { followMediaTimes, putTexts, type MediaTimes } from './metadata/put-metadata.ts'
import { startHeadwater } from './rig/headwater-server.ts'
import { untilPlayable } from './rig/playable.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { median } from './rig/statistics.ts'

const FRAME_S = 1 / 30
/** From the last text to its raising: the players' distance from the live edge, with room. */
const RAISE_LIMIT_MS = 15_000
const LOOK_INTERVAL_MS = 500
const CHANNEL_TYPES = ['BASIC', 'STANDARD'] as const satisfies readonly ChannelType[]
const CONTAINERS = ['TS', 'FRAGMENTED_MP4'] as const satisfies readonly ContainerFormat[]

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rate: { type: 'string' },
  },
})
const plan = {
  seconds: Number(options.seconds ?? (options.quick ? 5 : 60)),
  perSecond: Number(options.rate ?? 5),
  types: options.quick ? CHANNEL_TYPES.slice(0, 1) : CHANNEL_TYPES,
}

type Outcome = {
  readonly name: string
  readonly put: number
  readonly raised: number
  readonly lost: number
  readonly twice: number
  readonly inOrder: boolean
  /** Texts whose media time was seen. */
  readonly timed: number
  readonly worstOffsetS: number
  readonly disagreements: number
}

await using server = await startHeadwater()
await using pages = await serveBrowserPages()
const outcomes: Outcome[] = []
for (const type of plan.types) {
  for (const containerFormat of CONTAINERS) outcomes.push(...(await measure(pages, type, containerFormat)))
}
report()
process.exit(0)

async function measure(
  page: BrowserPages,
  type: ChannelType,
  containerFormat: ContainerFormat,
): Promise<readonly Outcome[]> {
  const what = `${type}, ${containerFormat === 'TS' ? 'TS' : 'fMP4'}`
  progress(`${what}: players begin`)
  const [channel] = await server.createChannels(1, { type, containerFormat })
  if (!channel) throw new Error('no channel was made')
  await using _publisher = await publishWithFfmpeg({
    url: `rtmp://127.0.0.1:${server.rtmpPort}/app/${channel.streamKey}`,
  })
  await untilPlayable(channel.playbackUrl)
  const rungs = await readRungs(channel.playbackUrl)
  await using opened = new AsyncDisposableStack()
  const watching: MetadataViewer[] = []
  for (const rung of rungs) {
    for (const watch of [
      watchWithHls,
      (place: ViewerPlace, of: ServedRung) => watchWithIvs(place, channel.playbackUrl, of),
    ]) {
      const browser = opened.use(await launchChromium())
      watching.push(opened.use(await watch({ browser, pages: page }, rung)))
    }
  }
  progress(`${what}: ${plan.perSecond} texts a second for ${plan.seconds} s`)
  const reading = new AbortController()
  const following = followMediaTimes(rungs, containerFormat, reading.signal)
  const { arn: channelArn } = channel
  const put = await putTexts({ apiUrl: server.apiUrl, channelArn, ...plan })
  const raised = await Promise.all(watching.map((viewer) => raisedBy(viewer, put)))
  reading.abort()
  const media = await following
  return watching.map(({ name }, index) => outcomeOf(`${what}, ${name}`, put, raised[index] ?? [], media))
}

/** What the player raised once it has raised the last text, or has had the time to. */
async function raisedBy({ player }: MetadataViewer, put: readonly string[]): Promise<readonly RaisedCue[]> {
  const deadlineMs = performance.now() + RAISE_LIMIT_MS
  for (;;) {
    const raised = (await raisedCues(player.page)).filter(({ owner }) => owner === METADATA_OWNER.api)
    const isWhole = raised.some(({ text }) => text === put.at(-1))
    if (isWhole || performance.now() > deadlineMs) return raised
    await sleep(LOOK_INTERVAL_MS)
  }
}

function outcomeOf(
  name: string,
  put: readonly string[],
  raised: readonly RaisedCue[],
  { times, disagreements }: MediaTimes,
): Outcome {
  const texts = raised.map(({ text }) => text)
  const distinct = new Set(texts)
  const offsets = raised.flatMap(({ text, startS }) => {
    const mediaS = times.get(text)
    return mediaS === undefined ? [] : [startS - mediaS]
  })
  // A player's time begins somewhere, and from there on it is media time.
  const begin = median(offsets)
  return {
    name,
    put: put.length,
    raised: distinct.size,
    lost: put.filter((text) => !distinct.has(text)).length,
    twice: texts.length - distinct.size,
    inOrder: texts.every(
      (text, index) => index === 0 || put.indexOf(text) >= put.indexOf(texts[index - 1] ?? ''),
    ),
    timed: offsets.length,
    worstOffsetS: Math.max(...offsets.map((offset) => Math.abs(offset - begin))),
    disagreements: disagreements.size,
  }
}

function report(): void {
  const total = (count: (outcome: Outcome) => number): number =>
    outcomes.reduce((sum, outcome) => sum + count(outcome), 0)
  const [lost, twice] = [total((outcome) => outcome.lost), total((outcome) => outcome.twice)]
  const disagreements = total((outcome) => outcome.disagreements)
  const worstS = Math.max(...outcomes.map(({ worstOffsetS }) => worstOffsetS))
  printReport({
    title: `Timed metadata: ${plan.perSecond} texts a second for ${plan.seconds} s`,
    columns: [
      'channel and player',
      'put',
      'raised',
      'lost',
      'twice',
      'in order',
      'times compared',
      'worst offset',
    ],
    rows: outcomes.map((outcome) => [
      outcome.name,
      String(outcome.put),
      String(outcome.raised),
      String(outcome.lost),
      String(outcome.twice),
      outcome.inOrder ? 'yes' : 'no',
      String(outcome.timed),
      milliseconds(outcome.worstOffsetS),
    ]),
    programs: ['ffmpeg', 'chromium'],
    packages: ['hls.js', 'amazon-ivs-player'],
    settings: [
      'publisher: ffmpeg, 640x360 at 30 pictures a second, over RTMP; STANDARD makes 360p30 and 160p30 of it',
      'each player in a Chromium of its own, headless without GPU, on one rendition from before the first text on',
      'worst offset: of the time at which a player raises a text from the media time in the segments, beside the constant where its time begins',
    ],
    findings: [
      judged('texts lost', String(lost), '0', lost === 0),
      judged('texts raised twice', String(twice), '0', twice === 0),
      judged(
        'worst offset',
        milliseconds(worstS),
        `≤ ${milliseconds(FRAME_S)}, one picture`,
        worstS <= FRAME_S,
      ),
      judged('texts at different times in two renditions', String(disagreements), '0', disagreements === 0),
    ],
  })
}

function milliseconds(seconds: number): string {
  return `${(seconds * 1000).toFixed(1)} ms`
}
