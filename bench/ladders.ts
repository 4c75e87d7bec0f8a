/**
 * `npm run bench:ladders`: whether the renditions of every ladder agree, judged by ffprobe: each source to each channel
 * type and preset for a few segments, then the hardest of them for two minutes, all in real time.
 */
import { parseArgs } from 'node:util'
import { publishWithFfmpeg } from '../test/harness/ffmpeg-publisher.ts'
import { ALL_CASES, LONG_CASES, plannedRungs, type LadderCase } from './ladders/ladder-cases.ts'
import { compareRungs, type LadderVerdict } from './ladders/compare-rungs.ts'
import { followLadder } from './ladders/followed-ladder.ts'
import { startHeadwater, type HeadwaterServer } from './rig/headwater-server.ts'
import { untilPlayable } from './rig/playable.ts'
import { printReport, progress } from './rig/report.ts'

const SHORT_SECONDS = 8
const LONG_SECONDS = 120
/** What `--quick` looks at. */
const QUICK_CASES = 2
const MAX_SOUND_LAG_MS = (1024 / 44_100) * 1000

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: 'all' },
    case: { type: 'string', default: '' },
    seconds: { type: 'string', default: String(LONG_SECONDS) },
    'x264-preset': { type: 'string', default: 'ultrafast' },
  },
})
if (!['all', 'short', 'long'].includes(options.only)) throw new Error('--only is all, short or long')

const preset = options['x264-preset']
const rows: string[][] = []
const findings: string[] = []
await using server = await startHeadwater({
  flags: ['--ingest-limits', 'off', '--max-ladders', '2', '--x264-preset', preset],
})
const wanted = (cases: readonly LadderCase[]): readonly LadderCase[] =>
  cases.filter(({ name }) => name.includes(options.case))
if (options.only !== 'long') {
  const cases = wanted(ALL_CASES)
  for (const one of options.quick ? cases.slice(0, QUICK_CASES) : cases) await look(one, SHORT_SECONDS)
}
if (options.only !== 'short' && !options.quick) {
  for (const one of wanted(LONG_CASES)) await look(one, Number(options.seconds))
}

printReport({
  title: 'Ladders: do renditions agree',
  columns: [
    'source',
    'channel',
    'renditions',
    'media',
    'segments',
    'pictures',
    'times',
    'keyframes at most',
    'sound off by',
    'agree',
  ],
  rows,
  programs: ['ffmpeg'],
  settings: [
    'source: a clip of ffmpeg (x264, keyframe every 2 s unless named), published in real time by ffmpeg -c copy',
    `headwater serve: defaults, --ingest-limits off, --x264-preset ${preset}`,
    'judge: ffprobe over all segments; picture sizes from the media; times of the best rendition, hashed, against those of each other one (every second of them at half its rate); keyframes likewise; numbers, durations, program date times and discontinuities from the playlists',
  ],
  findings: [...(findings.length > 0 ? findings : ['all renditions agree']), ...server.warnings()],
})
process.exit(findings.length > 0 ? 1 : 0)

async function look(one: LadderCase, seconds: number): Promise<void> {
  const { type, preset: channelPreset } = one.channel
  const channel = [type, channelPreset?.split('_')[0]?.toLowerCase()].filter(Boolean).join(', ')
  progress(`${one.name} to ${channel}`)
  try {
    const planned = plannedRungs(one)
    const verdict = await judge(server, one, seconds, planned.length)
    const wrong = [...verdict.disagreements, ...soundComplaints(verdict)]
    if (verdict.rungs.join() !== planned.join()) wrong.push(`renditions are ${verdict.rungs.join(', ')}`)
    findings.push(...wrong.map((text) => `${one.name} to ${channel}: ${text}`))
    rows.push(rowOf(one, channel, verdict, wrong.length === 0))
  } catch (error) {
    findings.push(`${one.name} to ${channel}: ${String(error)}`)
  }
}

async function judge(
  { createChannels, rtmpPort }: HeadwaterServer,
  { source, channel }: LadderCase,
  seconds: number,
  rungCount: number,
): Promise<LadderVerdict> {
  const [created] = await createChannels(1, channel)
  if (!created) throw new Error('no channel was made')
  await using publisher = await publishWithFfmpeg({
    ...source,
    url: `rtmp://127.0.0.1:${rtmpPort}/app/${created.streamKey}`,
  })
  await untilPlayable(created.playbackUrl)
  const followed = await followLadder(created.playbackUrl, { rungCount, seconds })
  await publisher.stop()
  return await compareRungs(followed, { hasFlashes: source.scene === 'flash-and-beep' })
}

function soundComplaints({ soundLagMs = 0 }: LadderVerdict): string[] {
  return soundLagMs > MAX_SOUND_LAG_MS ? [`sound is off by ${soundLagMs.toFixed(1)} ms`] : []
}

function rowOf(one: LadderCase, channel: string, verdict: LadderVerdict, agrees: boolean): string[] {
  const { rungs, mediaSeconds, segments, pictures, timesHash, keyframeSeconds, soundLagMs } = verdict
  return [
    one.name,
    channel,
    rungs.join(', '),
    `${mediaSeconds.toFixed(0)} s`,
    String(segments),
    String(pictures),
    timesHash,
    `${keyframeSeconds.toFixed(2)} s`,
    soundLagMs === undefined ? '–' : `${soundLagMs.toFixed(1)} ms`,
    agrees ? 'yes' : 'no',
  ]
}
