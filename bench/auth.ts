/**
 * `npm run bench:auth`: what playback authorization costs: multivariant playlists with a token, and segments of a private
 * channel beside those of a public one.
 *
 * Both channels are live and get the same picture. Rounds go from subject to subject in turn, so that a busy moment of the
 * machine meets all of them.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findTwins } from './auth/twin-segments.ts'
import { channelTokens, writeTokenRequests } from './auth/token-requests.ts'
import { CORES_IN_WORDS } from './delivery/delivery-subject.ts'
import { LOAD_CORE, SERVER_CORE } from './rig/cores.ts'
import { startHeadwater } from './rig/headwater-server.ts'
import { measureProcessor } from './rig/process-usage.ts'
import { summariseProfile } from './rig/profile-summary.ts'
import { clipFile, type ClipShape } from './rig/publisher-clip.ts'
import { startLoad } from './rig/publisher-load.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { scratchDirectory } from './rig/scratch-directory.ts'
import { median } from './rig/statistics.ts'
import { runWrk, type WrkResult } from './rig/wrk.ts'

/** What is asked for in one row of the report. */
type Subject = {
  readonly name: string
  readonly url: () => Promise<string>
  readonly script?: () => readonly [string, string]
}

type Result = WrkResult & { readonly serverCores: number; readonly perCore: number }

const CLIP: ClipShape = { size: '640x360', frameRate: 30, bitrateBps: 1_400_000 }
const TARGET_MULTIVARIANTS = 2_500
const TARGET_SHARE = 0.9
const SETTLE_MS = 8_000
const CONNECTIONS = 64
/** More than any round can send. */
const FRESH_TOKENS_A_SECOND = 5_000
const PROFILE_LINES = 40

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
})
const seconds = Number(options.seconds ?? (options.quick ? 1 : 5))
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))

const profileDirectory = options.profile ? scratchDirectory('profile') : undefined
// Each request of this load opens a viewing session, and no quota is to be measured.
const flags = ['--max-viewers', '10000000', '--max-viewer-connections', '2000']
const headwater = await startHeadwater({ core: SERVER_CORE, flags, profileDirectory })
const [open] = await headwater.createChannels(1)
const [closed] = await headwater.createChannels(1, { authorized: true })
if (!open || !closed) throw new Error('no channel was made')
const tokens = channelTokens(closed)
await headwater.importKey(tokens.publicKeyPem)
const load = startLoad(
  {
    port: headwater.rtmpPort,
    app: 'app',
    streamNames: [open.streamKey, closed.streamKey],
    clipFile: await clipFile(CLIP),
    startIntervalMs: 0,
  },
  LOAD_CORE,
)
await sleep(SETTLE_MS)

const returning = `${closed.playbackUrl}?token=${tokens.next()}`
const PLAIN = 'multivariant, public'
const RETURNING = 'multivariant, one token again and again'
const FRESH = 'multivariant, a new token each time'
const OPEN_SEGMENT = 'segment, public'
const CLOSED_SEGMENT = 'segment, private'
const closedWithToken = (): string => `${closed.playbackUrl}?token=${tokens.next()}`
const subjects: readonly Subject[] = [
  { name: PLAIN, url: () => Promise.resolve(open.playbackUrl) },
  { name: RETURNING, url: () => Promise.resolve(returning) },
  {
    name: FRESH,
    url: () => Promise.resolve(closed.playbackUrl),
    script: () => writeTokenRequests(closed, tokens, Math.ceil(seconds * FRESH_TOKENS_A_SECOND)),
  },
  {
    name: OPEN_SEGMENT,
    url: async () => (segments = await findTwins(open.playbackUrl, closedWithToken())).openUrl,
  },
  { name: CLOSED_SEGMENT, url: () => Promise.resolve(segments.closedUrl) },
]

let segments = await findTwins(open.playbackUrl, closedWithToken())
const results = new Map<string, Result[]>()
for (let round = 0; round < rounds; round++) {
  for (const subject of subjects)
    results.set(subject.name, [...resultsOf(subject.name), await measure(subject)])
  progress(`round ${round + 1} of ${rounds} done`)
}
await load[Symbol.asyncDispose]()
await headwater.stop()
if (profileDirectory) progress((await summariseProfile(profileDirectory, PROFILE_LINES)).join('\n'))
report()
process.exit(0)

async function measure({ url, script }: Subject): Promise<Result> {
  const order = { connections: CONNECTIONS, seconds, headers: [], core: LOAD_CORE }
  const target = { url: await url(), ...(script && { script: script() }) }
  const used = measureProcessor(headwater.pid)
  const result = await runWrk({ ...order, ...target })
  const { cores } = used()
  return { ...result, serverCores: cores, perCore: result.requestsPerSecond / cores }
}

function resultsOf(name: string): readonly Result[] {
  return results.get(name) ?? []
}

function perCore(name: string): number {
  return median(resultsOf(name).map((result) => result.perCore))
}

function segmentShare(): number {
  return perCore(CLOSED_SEGMENT) / perCore(OPEN_SEGMENT)
}

function report(): void {
  printReport({
    title: 'Authorization: requests a second from one core',
    columns: ['what', 'requests/s', 'server cores', 'requests/s per core', 'latency p99', 'failures'],
    rows: subjects.map(({ name }) => row(name)),
    programs: ['wrk', 'ffmpeg'],
    settings: [
      `wrk: ${CONNECTIONS} keep-alive connections, ${rounds} rounds of ${seconds} s for each row in turn, medians; ${CORES_IN_WORDS}`,
      `headwater serve: ${flags.join(' ')}, two live publishers of ${CLIP.bitrateBps / 1e6} Mbps, one playback key`,
      `segments: of both channels, as near to each other in size as there are: ${segments.openBytes} and ${segments.closedBytes} bytes`,
      'tokens: the channel and an expiry in an hour; ES384 by Node’s own crypto',
      'per core: requests a second divided by the cores that the server used, from /proc/<pid>/stat',
      ...(options.profile ? ['with a CPU profiler: figures are lower than without'] : []),
    ],
    findings: findings(),
  })
}

function row(name: string): string[] {
  const all = resultsOf(name)
  return [
    name,
    median(all.map((result) => result.requestsPerSecond)).toFixed(0),
    median(all.map((result) => result.serverCores)).toFixed(2),
    perCore(name).toFixed(0),
    all.at(-1)?.latencyP99 ?? '',
    String(all.reduce((sum, result) => sum + result.failures, 0)),
  ]
}

function findings(): string[] {
  const share = segmentShare()
  const target = `≥ ${TARGET_MULTIVARIANTS}`
  return [
    ...[RETURNING, FRESH].map((name) =>
      judged(`${name}, per core`, perCore(name).toFixed(0), target, perCore(name) >= TARGET_MULTIVARIANTS),
    ),
    judged('segments, private to public', share.toFixed(2), `≥ ${TARGET_SHARE}`, share >= TARGET_SHARE),
    ...headwater.warnings().map((line) => `headwater warned: ${line}`),
  ]
}
