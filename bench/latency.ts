/**
 * `npm run bench:latency`: from the encoder to the eye in Chromium, beside plain HLS of nginx-rtmp from the same encoder.
 *
 * One encoder feeds all servers at once; the players take turns. Two clocks are read: the program date-time of the
 * playlist, which is the moment a picture reached the server, and a clock painted into the picture itself, which also
 * counts the encoder and needs no trust in anyone's timestamps.
 */
import { parseArgs } from 'node:util'
import { serveBrowserPages } from '../test/harness/browser-pages.ts'
import { startLiveEncoder, type LiveEncoderOptions } from './latency/live-encoder.ts'
import {
  launchClockReader,
  runPlayback,
  type PlaybackCase,
  type PlaybackResult,
  type Spread,
} from './latency/playback-run.ts'
import { startHeadwater } from './rig/headwater-server.ts'
import { mediaPlaylistUrl } from './rig/live-playlist.ts'
import { startNginx } from './rig/nginx-server.ts'
import { judged, printReport, progress } from './rig/report.ts'

const TARGET_DEFAULT_S = 1.5
const TARGET_SHORT_PARTS_S = 1.1
const TARGET_STARTUP_S = 0.6
const TARGET_IVS_BUFFER_S = 3
const LIVE_TIMEOUT_MS = 30_000

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    size: { type: 'string', default: '640x360' },
    seconds: { type: 'string' },
  },
})
const plan = {
  pages: options.quick ? 1 : 5,
  settleSeconds: options.quick ? 3 : 5,
  sampleSeconds: Number(options.seconds ?? (options.quick ? 3 : 8)),
}
const [widthPixels = 640, heightPixels = 360] = options.size.split('x').map(Number)
const picture: Omit<LiveEncoderOptions, 'urls'> = {
  widthPixels,
  heightPixels,
  frameRate: 30,
  keyframeSeconds: 2,
  videoBps: 1_200_000,
}

const usual = await startHeadwater()
const shortParts = await startHeadwater({ flags: ['--part-ms', '200'] })
const nginx = await startNginx({ keepsFilesOpen: false })
const [usualChannel, shortChannel] = await Promise.all(
  [usual, shortParts].map(async (server) => (await server.createChannels(1))[0]!),
)
const nginxUrl = `${nginx.httpUrl}/live.m3u8`
await using _encoder = startLiveEncoder({
  ...picture,
  urls: [
    `rtmp://127.0.0.1:${usual.rtmpPort}/app/${usualChannel!.streamKey}`,
    `rtmp://127.0.0.1:${shortParts.rtmpPort}/app/${shortChannel!.streamKey}`,
    `rtmp://127.0.0.1:${nginx.rtmpPort}/app/live`,
  ],
})
await Promise.all([
  untilAnswered(() => mediaPlaylistUrl(usualChannel!.playbackUrl)),
  untilAnswered(() => mediaPlaylistUrl(shortChannel!.playbackUrl)),
  untilAnswered(() => mediaPlaylistUrl(nginxUrl)),
])

const cases: readonly PlaybackCase[] = [
  { name: 'headwater, default parts, hls.js', player: 'hls.js', playbackUrl: usualChannel!.playbackUrl },
  {
    name: 'headwater, default parts, hls.js speed-up 1.5',
    player: 'hls.js',
    playbackUrl: usualChannel!.playbackUrl,
    hlsOptions: { maxLiveSyncPlaybackRate: 1.5 },
  },
  {
    name: 'headwater, 200 ms parts, hls.js speed-up 1.5',
    player: 'hls.js',
    playbackUrl: shortChannel!.playbackUrl,
    hlsOptions: { maxLiveSyncPlaybackRate: 1.5 },
  },
  { name: 'headwater, IVS player', player: 'IVS player', playbackUrl: usualChannel!.playbackUrl },
  {
    name: 'headwater as plain HLS, hls.js',
    player: 'hls.js',
    playbackUrl: usualChannel!.playbackUrl,
    hlsOptions: { lowLatencyMode: false },
  },
  { name: 'nginx-rtmp, plain HLS, hls.js', player: 'hls.js', playbackUrl: nginxUrl },
]
await using pages = await serveBrowserPages()
await using browser = await launchClockReader()
const results: PlaybackResult[] = []
for (const wanted of cases) {
  progress(wanted.name)
  results.push(await runPlayback(browser, pages, wanted, plan))
}
await browser[Symbol.asyncDispose]()
report()
process.exit(0)

async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  const deadlineMs = performance.now() + LIVE_TIMEOUT_MS
  for (;;) {
    try {
      await ask()
      return
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function report(): void {
  const [usualResult, fastResult, shortResult, ivsResult] = results as [
    PlaybackResult,
    PlaybackResult,
    PlaybackResult,
    PlaybackResult,
  ]
  const latency = (what: string, result: PlaybackResult, targetS: number): string => {
    const reachedS = result.fromIngest?.median ?? Infinity
    return judged(`${what}, median from ingest`, seconds(reachedS), `≤ ${targetS} s`, reachedS <= targetS)
  }
  const startupS = usualResult.startup ?? NaN
  printReport({
    title: 'Latency: from ingest to the playhead in Chromium',
    columns: [
      'server and player',
      'from ingest p50 (p95)',
      'from encoder input p50 (p95)',
      'start-up',
      'buffer',
      'stalls',
      'dropped',
    ],
    rows: results.map(row),
    programs: ['nginx', 'ffmpeg', 'chromium'],
    packages: ['hls.js', 'amazon-ivs-player'],
    settings: [
      `encoder: ffmpeg libx264 veryfast zerolatency ${options.size} at 30 pictures a second, keyframe every 2 s, 1.2 Mbps, AAC 96 kbps; encoded once, sent to all servers over RTMP`,
      'headwater serve: defaults (MPEG-TS, parts 333 ms), and a second one with --part-ms 200; nginx-rtmp: hls_fragment 2s, hls_playlist_length 30s',
      'players: defaults but for what the row says; Chromium headless without GPU',
      `each player alone, in ${plan.pages} fresh pages: ${plan.settleSeconds} s to settle, then ${plan.sampleSeconds} s sampled each 250 ms; start-up: from the first playlist request to the first picture`,
      'from ingest: wall clock minus program date-time at the playhead; from encoder input: age of a clock painted into the picture, so encoding and sending count too',
    ],
    findings: [
      latency('default parts', usualResult, TARGET_DEFAULT_S),
      latency('default parts with speed-up 1.5', fastResult, TARGET_DEFAULT_S),
      latency('200 ms parts with speed-up 1.5', shortResult, TARGET_SHORT_PARTS_S),
      judged(
        'start-up, default parts',
        seconds(startupS),
        `≤ ${TARGET_STARTUP_S} s`,
        startupS <= TARGET_STARTUP_S,
      ),
      judged(
        'IVS player buffer',
        seconds(ivsResult.buffered),
        `≤ ${TARGET_IVS_BUFFER_S} s`,
        ivsResult.buffered <= TARGET_IVS_BUFFER_S,
      ),
      judged(
        'IVS player in low-latency mode',
        String(ivsResult.isLiveLowLatency),
        'true',
        ivsResult.isLiveLowLatency === true,
      ),
      ...results.flatMap(complaints),
    ],
  })
}

function row(result: PlaybackResult): string[] {
  return [
    result.name,
    result.fromIngest ? spread(result.fromIngest) : '–',
    spread(result.fromEncoder),
    result.startup === undefined ? '–' : seconds(result.startup),
    seconds(result.buffered),
    String(result.stalls),
    String(result.droppedFrames),
  ]
}

function complaints(result: PlaybackResult): string[] {
  const errors = result.errors.map((error) => `${result.name}: the player complained: ${error}`)
  const unreadable = result.unreadablePictures
  return unreadable > 0
    ? [...errors, `${result.name}: ${unreadable} pictures with an unreadable clock`]
    : errors
}

function spread(value: Spread): string {
  return `${value.median.toFixed(2)} (${value.p95.toFixed(2)}) s`
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`
}
