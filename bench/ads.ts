/**
 * `npm run bench:ads`: what ads cost: memory of sessions, the decisions of a break, personal playlists inside it, and
 * shared ones outside.
 *
 * Two channels get the same picture, one of them has ads. Everything is asked of one server, which has a core to itself.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { testCreative } from '../test/harness/creatives.ts'
import { startAdServer } from './ads/ad-server-process.ts'
import { measureBareRequests } from './ads/bare-client.ts'
import { putAdsOn } from './ads/channel-ads.ts'
import { INSPECTOR_FLAG, inspect } from './ads/inspected-process.ts'
import { openSessions } from './ads/viewing-sessions.ts'
import { watchStretch, type WatchedStretch } from './ads/watched-stretch.ts'
import { CORES_IN_WORDS } from './delivery/delivery-subject.ts'
import { LOAD_CORE, SERVER_CORE } from './rig/cores.ts'
import { OWN_NODE_FLAGS, startHeadwater } from './rig/headwater-server.ts'
import { fetchBytes, mediaPlaylistUrl } from './rig/live-playlist.ts'
import { measureProcessor } from './rig/process-usage.ts'
import { summariseProfile } from './rig/profile-summary.ts'
import { clipFile, KEYFRAME_SECONDS, type ClipShape } from './rig/publisher-clip.ts'
import { startLoad } from './rig/publisher-load.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { scratchDirectory } from './rig/scratch-directory.ts'
import { median, percentile } from './rig/statistics.ts'
import { runWrk } from './rig/wrk.ts'
import { writePaths } from './rig/wrk-paths.ts'

const CLIP: ClipShape = { size: '640x360', frameRate: 30, bitrateBps: 1_000_000 }
const TARGET_PLAYLISTS = 10_000
const TARGET_SHARE = 0.9
const TARGET_SESSION_BYTES = 2_000
const TARGET_DECISION_MICROSECONDS = 200
const TARGET_DELAY_MS = 20
const LEAD_MS = 8_000
const AD_SERVER_MS = 100
const AD_SECONDS = 10
const BREAK_SECONDS = 30
/** Only makes the creatives known to the server. */
const FIRST_BREAK_SECONDS = 10
const SETTLE_MS = 8_000
const REST_MS = 4_000
const CONNECTIONS = 64
const BARE_CONNECTIONS = 512
/** Sessions that are opened first, for what is made once. */
const WARM_SESSIONS = 500
const LOOKED_AT = 100
const PROFILE_LINES = 50

/** What the lead of a break came to. */
type Decisions = {
  readonly requests: number
  readonly lastMs: number
  readonly microseconds: number
  readonly rest: WatchedStretch
  readonly lead: WatchedStretch
  /** From the end of the lead until all see ads. */
  readonly beginning: WatchedStretch
}

type PlaylistRate = { readonly perCore: number; readonly failures: number; readonly latencyP99: string }

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    sessions: { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
})
const seconds = Number(options.seconds ?? (options.quick ? 1 : 4))
const rounds = Number(options.rounds ?? (options.quick ? 1 : 3))
const sessionCount = Number(options.sessions ?? (options.quick ? 2_000 : 25_000))

const profileDirectory = options.profile ? scratchDirectory('profile') : undefined
const files = await Promise.all(
  [440, 880].map((toneHz) => testCreative({ seconds: AD_SECONDS, size: '640x360', toneHz })),
)
const adServer = await startAdServer({ delayMs: AD_SERVER_MS, files, adMs: AD_SECONDS * 1000 }, LOAD_CORE)
// All viewers have one address here, and no quota is to be measured.
const flags = ['--max-viewers', '10000000', '--max-viewer-connections', '2000']
const adFlags = ['--ad-lead-seconds', String(LEAD_MS / 1000), '--ad-target-allow', adServer.hostPort]
const headwater = await startHeadwater({
  core: SERVER_CORE,
  flags: [...flags, ...adFlags],
  nodeFlags: [INSPECTOR_FLAG],
  profileDirectory,
})
const [plain, withAds] = await headwater.createChannels(2)
if (!plain || !withAds) throw new Error('no channel was made')
const ads = await putAdsOn(withAds.arn, headwater.apiUrl, adServer.template)
const order = { port: headwater.rtmpPort, app: 'app', startIntervalMs: 0, clipFile: await clipFile(CLIP) }
const load = startLoad({ ...order, streamNames: [plain.streamKey, withAds.streamKey] }, LOAD_CORE)
await sleep(SETTLE_MS)
const heap = await inspect(headwater.complaints())

await conditionCreatives()
const shared = await measureShared()
const memory = await measureMemory()
const bare = await measureBareRequests(
  { url: adServer.template, requests: sessionCount, overMs: LEAD_MS, connections: BARE_CONNECTIONS },
  OWN_NODE_FLAGS,
)
const decisions = await measureDecisions()
const personal = await measurePersonal()
await load[Symbol.asyncDispose]()
await headwater.stop()
if (profileDirectory) progress((await summariseProfile(profileDirectory, PROFILE_LINES)).join('\n'))
report()
process.exit(0)

/** The first break finds no creative ready: viewers see content, and the next one finds them. */
async function conditionCreatives(): Promise<void> {
  await openSessions(withAds!.playbackUrl, 1)
  await ads.insertBreak(FIRST_BREAK_SECONDS)
  await sleep(LEAD_MS + FIRST_BREAK_SECONDS * 1000 + KEYFRAME_SECONDS * 1000)
  progress('creatives are ready')
}

/** Playlists a second and core of both channels, outside of breaks, in turn. */
async function measureShared(): Promise<{ readonly plain: number; readonly withAds: number }> {
  const urls = {
    plain: await mediaPlaylistUrl(plain!.playbackUrl),
    withAds: await mediaPlaylistUrl(withAds!.playbackUrl),
  }
  const results = { plain: [] as number[], withAds: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    for (const name of ['plain', 'withAds'] as const)
      results[name].push((await loadPlaylists(urls[name])).perCore)
  }
  progress('playlists outside of breaks are measured')
  return { plain: median(results.plain), withAds: median(results.withAds) }
}

async function loadPlaylists(url: string, paths?: readonly string[]): Promise<PlaylistRate> {
  const used = measureProcessor(headwater.pid)
  const wish = { url, connections: CONNECTIONS, seconds, headers: [], core: LOAD_CORE }
  const result = await runWrk({ ...wish, ...(paths && { script: writePaths(paths) }) })
  return { ...result, perCore: result.requestsPerSecond / used().cores }
}

async function measureMemory(): Promise<{ readonly paths: readonly string[]; readonly bytes: number }> {
  await openSessions(withAds!.playbackUrl, WARM_SESSIONS)
  const beforeBytes = await heap.heapBytes()
  const paths = await openSessions(withAds!.playbackUrl, sessionCount)
  const bytes = ((await heap.heapBytes()) - beforeBytes) / sessionCount
  progress(`${sessionCount} sessions are open`)
  return { paths, bytes }
}

/** The lead of a break, after a stretch of rest that tells what the server does anyway. */
async function measureDecisions(): Promise<Decisions> {
  await adServer.report()
  const watched = { pid: headwater.pid, apiUrl: headwater.apiUrl, playbackUrl: plain!.playbackUrl }
  const rest = await watchStretch(watched, REST_MS)
  const announcedAtMs = await ads.insertBreak(BREAK_SECONDS)
  const lead = await watchStretch(watched, LEAD_MS)
  const { requests, lastAtMs } = await adServer.report()
  progress(`${requests} decisions were made`)
  // The break begins with a segment: behind its target, and then a few more are ads.
  const beginning = await watchStretch(watched, 2 * KEYFRAME_SECONDS * 1000)
  const ownSeconds = lead.cpuSeconds - (rest.cores * lead.cpuSeconds) / lead.cores
  return {
    requests,
    lastMs: lastAtMs - announcedAtMs,
    microseconds: (ownSeconds * 1e6) / Math.max(1, requests),
    rest,
    lead,
    beginning,
  }
}

/** Playlists a second and core while ads run, each request as another viewer. */
async function measurePersonal(): Promise<PlaylistRate & { readonly shareWithAds: number }> {
  const url = new URL(withAds!.playbackUrl).origin
  const texts = await Promise.all(
    memory.paths.slice(0, LOOKED_AT).map(async (path) => (await fetchBytes(`${url}${path}`)).toString()),
  )
  const inAds = texts.filter((text) => /^#EXTINF:[\d.]+,(?!live$)./m.test(text)).length
  const rate = await loadPlaylists(url, memory.paths)
  return { ...rate, shareWithAds: inAds / texts.length }
}

function report(): void {
  const { rest, lead, beginning } = decisions
  const rows = [
    ['media playlist, channel without ads', shared.plain.toFixed(0), '–'],
    ['media playlist, channel with ads, outside of breaks', shared.withAds.toFixed(0), '–'],
    [
      'media playlist inside a break, every request another viewer',
      personal.perCore.toFixed(0),
      personal.latencyP99,
    ],
  ]
  printReport({
    title: 'Ads: playlists a second from one core',
    columns: ['what', 'requests/s per core', 'latency p99'],
    rows,
    programs: ['wrk', 'ffmpeg'],
    settings: [
      `wrk: ${CONNECTIONS} keep-alive connections, ${rounds} rounds of ${seconds} s for each row outside of breaks in turn, medians; one of ${seconds} s inside; ${CORES_IN_WORDS}`,
      `headwater serve: ${flags.join(' ')}, lead ${LEAD_MS / 1000} s; two live publishers of ${CLIP.bitrateBps / 1e6} Mbps, parts of the one without ads watched`,
      `ad server: a process of its own on core 1, answers after ${AD_SERVER_MS} ms with ${files.length} ads of ${AD_SECONDS} s, six tracking URLs each; the break has ${BREAK_SECONDS} s`,
      `memory: heap of the main thread after a collection, with and without ${sessionCount} sessions`,
      'a decision: processor time of the whole process in the lead, less that of rest, divided by the ad requests',
      'event loop: longest delays between its turns, beyond the 10 ms step of the monitor; late parts: against the even pace of the publisher',
      ...(options.profile ? ['with a CPU profiler: figures are lower than without'] : []),
    ],
    findings: [
      judged(
        'personal playlists inside a break, per core',
        personal.perCore.toFixed(0),
        `≥ ${TARGET_PLAYLISTS}`,
        personal.perCore >= TARGET_PLAYLISTS,
      ),
      `personal playlists that show ads: ${(100 * personal.shareWithAds).toFixed(0)} % of ${LOOKED_AT} sessions; failures under load: ${personal.failures}`,
      judged(
        'decisions asked for in the lead',
        String(decisions.requests),
        `≥ ${sessionCount}`,
        decisions.requests >= sessionCount,
      ),
      `last ad request ${decisions.lastMs} ms after the announcement; ${lead.cores.toFixed(2)} cores in the lead, ${rest.cores.toFixed(2)} at rest`,
      judged(
        'processor time a decision',
        `${decisions.microseconds.toFixed(0)} µs`,
        `≤ ${TARGET_DECISION_MICROSECONDS} µs`,
        decisions.microseconds <= TARGET_DECISION_MICROSECONDS,
      ),
      `a request of bare node:http, as many to the same ad server: ${bare.microseconds.toFixed(0)} µs; a decision takes ${(decisions.microseconds / bare.microseconds).toFixed(1)} times as much`,
      judged(
        'event loop delay p99 in the lead',
        `${lead.loop.p99Ms.toFixed(1)} ms`,
        `≤ ${TARGET_DELAY_MS} ms`,
        lead.loop.p99Ms <= TARGET_DELAY_MS,
      ),
      `event loop delay, longest: ${lead.loop.maxMs.toFixed(1)} ms in the lead, ${beginning.loop.maxMs.toFixed(1)} ms as the break begins; at rest p99 ${rest.loop.p99Ms.toFixed(1)} ms, longest ${rest.loop.maxMs.toFixed(1)} ms`,
      lateness(),
      judged(
        'memory of a session',
        `${memory.bytes.toFixed(0)} bytes`,
        `≤ ${TARGET_SESSION_BYTES}`,
        memory.bytes <= TARGET_SESSION_BYTES,
      ),
      judged(
        'shared playlists, with ads to without',
        share().toFixed(2),
        `≥ ${TARGET_SHARE}`,
        share() >= TARGET_SHARE,
      ),
      ...headwater.warnings().map((line) => `headwater warned: ${line}`),
    ],
  })
}

function share(): number {
  return shared.withAds / shared.plain
}

function lateness(): string {
  const { rest, lead } = decisions
  const least = Math.min(...rest.offsetsMs, ...lead.offsetsMs)
  const words = ({ offsetsMs }: WatchedStretch): string => {
    const lateMs = offsetsMs.map((offsetMs) => offsetMs - least)
    return `p50 ${percentile(lateMs, 0.5).toFixed(1)} ms, p99 ${percentile(lateMs, 0.99).toFixed(1)} ms of ${lateMs.length}`
  }
  return `parts late in the lead: ${words(lead)}; at rest: ${words(rest)}`
}
