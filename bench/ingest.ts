/**
 * `npm run bench:ingest`: how many publishers one core packages, and what each costs in memory, beside nginx-rtmp.
 *
 * Both servers get the same publishers from the same sender, one server after the other, alone on a core of their own.
 */
import { parseArgs } from 'node:util'
import { clipBitrateBps, clipFile, readClip, type ClipShape } from './rig/publisher-clip.ts'
import { judged, printReport } from './rig/report.ts'
import { measureHeadwater } from './ingest/headwater-run.ts'
import { measureNginx } from './ingest/nginx-run.ts'
import type { IngestPlan, IngestResult } from './ingest/ingest-run.ts'

const MEGABYTE = 1_000_000
const TARGET_STREAMS_PER_CORE = 300
const TARGET_WINDOW_SHARE = 1.3
const TARGET_FIXED_BYTES = 500_000
/** Messages that leave later than this come in bunches, which are cheaper to read than one at a time. */
const MAX_SENDER_LATE_MS = 10
const CLIP: ClipShape = { size: '640x360', frameRate: 30, bitrateBps: 1_000_000 }

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    streams: { type: 'string' },
    seconds: { type: 'string' },
    container: { type: 'string', default: 'TS' },
    'no-peer': { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})

const plan: IngestPlan = {
  streams: Number(options.streams ?? (options.quick ? 20 : 300)),
  // The window is full, and a segment has left it, before anything is measured.
  settleSeconds: options.quick ? 6 : 50,
  measureSeconds: Number(options.seconds ?? (options.quick ? 5 : 60)),
  startIntervalMs: 20,
  clipFile: await clipFile(CLIP),
  containerFormat: options.container === 'FRAGMENTED_MP4' ? 'FRAGMENTED_MP4' : 'TS',
  profile: options.profile,
}
const clipBps = clipBitrateBps(await readClip(plan.clipFile))

const headwater = await measureHeadwater(plan)
const peer = options['no-peer'] ? undefined : await measureNginx(plan)

printReport({
  title: `Ingest: ${plan.streams} publishers of ${(clipBps / MEGABYTE).toFixed(2)} Mbps, all packaged`,
  columns: [
    'server',
    'streams live',
    'CPU cores',
    'of it kernel',
    'streams per core',
    'RSS per stream',
    'window per stream',
    'live edge age p50 / p99',
    'sender late p99',
  ],
  rows: [row(headwater), ...(peer ? [row(peer)] : [])],
  programs: ['nginx', 'ffmpeg'],
  settings: [
    `publisher: H.264 main ${CLIP.size} at ${CLIP.frameRate} pictures a second, keyframe every 2 s, no B-frames, AAC 96 kbps; one write a message, chunk size 4096`,
    `headwater serve: defaults (window 30 s, parts 333 ms) with room for all publishers in one account, container ${plan.containerFormat}, channels made through the API`,
    'nginx-rtmp: one process, hls_fragment 2s, hls_playlist_length 30s, files in memory (/dev/shm)',
    `each server alone on core 0, sender on core 1; ${plan.startIntervalMs} ms between starts, ${plan.settleSeconds} s to settle, ${plan.measureSeconds} s measured`,
    ...(plan.profile ? ['with a CPU profiler: figures are lower than without'] : []),
  ],
  findings: [headwater, ...(peer ? [peer] : [])].flatMap((result) => [
    ...(result === headwater ? targets(result) : []),
    ...lateness(result),
    ...result.notes,
  ]),
})
process.exit(0)

function row(result: IngestResult): string[] {
  return [
    result.server,
    `${result.live} of ${plan.streams}`,
    result.cores.toFixed(2),
    result.systemCores.toFixed(2),
    (plan.streams / result.cores).toFixed(0),
    `${megabytes(result.residentPerStreamBytes)} (peak ${megabytes(result.peakResidentPerStreamBytes)})`,
    megabytes(result.windowBytes),
    result.edgeAgesMs ? `${result.edgeAgesMs.median} / ${result.edgeAgesMs.p99} ms` : '–',
    `${result.senderLateP99Ms} ms`,
  ]
}

function targets(result: IngestResult): string[] {
  const perCore = plan.streams / result.cores
  const allowed = TARGET_WINDOW_SHARE * result.windowBytes + TARGET_FIXED_BYTES
  const used = result.residentPerStreamBytes
  return [
    judged(
      'streams per core',
      perCore.toFixed(0),
      `≥ ${TARGET_STREAMS_PER_CORE}`,
      perCore >= TARGET_STREAMS_PER_CORE,
    ),
    judged(
      'resident memory per stream',
      `${megabytes(used)} = ${(used / result.windowBytes).toFixed(2)} × window`,
      `≤ 1.3 × window + 0.5 MB = ${megabytes(allowed)}`,
      used <= allowed,
    ),
  ]
}

function lateness(result: IngestResult): string[] {
  if (result.senderLateP99Ms <= MAX_SENDER_LATE_MS) return []
  return [
    `${result.server}: the machine was busy, so messages came late and in bunches, which flatters streams per core; measure again`,
  ]
}

function megabytes(bytes: number): string {
  return `${(bytes / MEGABYTE).toFixed(2)} MB`
}
