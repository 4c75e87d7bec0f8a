/**
 * `npm run bench:transcode`: what a ladder costs beside the bare ffmpeg command that makes the same rungs, and how much
 * later than its source it can be watched.
 *
 * Each source is measured alone: the bare command and the server in turns, with the same clip at the same pace.
 */
import { parseArgs } from 'node:util'
import { judged, printReport } from './rig/report.ts'
import {
  measureLadder,
  type LadderResult,
  type LadderRung,
  type LadderSource,
} from './transcode/ladder-run.ts'

const TARGET_COST = 1.1
const TARGET_ADDED_MS = 200
const TARGET_FIRST_PLAYABLE_MS = 2500
const MEGABYTE = 1_000_000

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    source: { type: 'string', multiple: true, default: ['720p30', '1080p30'] },
  },
})

const RUNGS: readonly LadderRung[] = [
  { width: 1280, height: 720, videoBps: 2_400_000 },
  { width: 852, height: 480, videoBps: 1_400_000 },
  { width: 640, height: 360, videoBps: 630_000, audioBps: 64_000 },
  { width: 284, height: 160, videoBps: 230_000, audioBps: 48_000 },
]
const SOURCES: Readonly<Record<string, LadderSource>> = {
  '720p30': { name: '720p30', size: '1280x720', bitrateBps: 3_000_000, rungs: RUNGS },
  '1080p30': { name: '1080p30', size: '1920x1080', bitrateBps: 6_000_000, rungs: RUNGS },
}

const measureSeconds = Number(options.seconds ?? (options.quick ? 10 : 60))
const results: LadderResult[] = []
for (const name of options.source) {
  const source = SOURCES[name]
  if (!source) throw new Error(`--source ${name} is none of ${Object.keys(SOURCES).join(', ')}`)
  results.push(await measureLadder(source, { measureSeconds }))
}

printReport({
  title: 'Transcoding: one STANDARD ladder',
  columns: [
    'source',
    'bare ffmpeg, CPU s per s',
    'headwater, CPU s per s',
    'of it ffmpeg child',
    'cost ratio',
    'rung behind source p50 / p95',
    'first playable',
    'memory server + child',
  ],
  rows: results.map((result) => [
    result.source,
    result.bareCores.toFixed(2),
    result.totalCores.toFixed(2),
    result.childCores.toFixed(2),
    (result.totalCores / result.bareCores).toFixed(2),
    `${result.addedMs.median.toFixed(0)} / ${result.addedMs.p95.toFixed(0)} ms`,
    `${result.firstPlayableMs.toFixed(0)} ms`,
    `${(result.serverBytes / MEGABYTE).toFixed(0)} + ${(result.childBytes / MEGABYTE).toFixed(0)} MB`,
  ]),
  programs: ['ffmpeg'],
  settings: [
    'source: testsrc2 with noise, H.264 main, 30 pictures a second, keyframe every 2 s (1 s for the first playable), AAC 96 kbps, published by ffmpeg -c copy',
    'bare ffmpeg: the same clip with -re, the same rungs with their sound, the same x264 settings, MPEG-TS to /dev/null',
    'headwater serve: defaults, --ingest-limits off; server process and child together, publishing not counted',
    'behind source: moment at which a part of the top transcoded rung is listed, after the same part of a BASIC channel with the same publisher',
    `processor time: median of three rounds of ${Math.round(measureSeconds / 3)} s, the bare command and the server in turns, each with 5 s to settle; latency: ${measureSeconds} s`,
  ],
  findings: results.flatMap((result) => findings(result)),
})
process.exit(0)

function findings(result: LadderResult): string[] {
  const cost = result.totalCores / result.bareCores
  return [
    judged(
      `${result.source}, CPU beside bare ffmpeg`,
      cost.toFixed(2),
      `≤ ${TARGET_COST}`,
      cost <= TARGET_COST,
    ),
    judged(
      `${result.source}, added latency`,
      `${result.addedMs.median.toFixed(0)} ms`,
      `≤ ${TARGET_ADDED_MS} ms for 720p30`,
      result.addedMs.median <= TARGET_ADDED_MS,
    ),
    judged(
      `${result.source}, first playable with 1 s keyframes`,
      `${result.firstPlayableMs.toFixed(0)} ms`,
      `≤ ${TARGET_FIRST_PLAYABLE_MS} ms`,
      result.firstPlayableMs <= TARGET_FIRST_PLAYABLE_MS,
    ),
    ...result.warnings,
  ]
}
