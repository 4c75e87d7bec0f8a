/**
 * `npm run bench:delivery`: parts and playlists a second from one core, beside nginx sending the same bytes from files.
 *
 * The stream is live while it is fetched. Rounds go from server to server in turn, so that a busy moment of the machine
 * meets all of them.
 */
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import {
  CORES_IN_WORDS,
  loadRound,
  type BodyName,
  type DeliverySubject,
  type RoundResult,
} from './delivery/delivery-subject.ts'
import { copyBodies, type Bodies } from './delivery/live-source.ts'
import { LOAD_CORE, SERVER_CORE } from './rig/cores.ts'
import { startHeadwater } from './rig/headwater-server.ts'
import { startNginx } from './rig/nginx-server.ts'
import { startOwned } from './rig/owned-process.ts'
import { summariseProfile } from './rig/profile-summary.ts'
import { clipFile, type ClipShape } from './rig/publisher-clip.ts'
import { startLoad } from './rig/publisher-load.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { scratchDirectory } from './rig/scratch-directory.ts'
import { median } from './rig/statistics.ts'

/** Parts of 333 ms are about 60 KB at this bitrate. */
const CLIP: ClipShape = { size: '640x360', frameRate: 30, bitrateBps: 1_400_000 }
const TARGET_PARTS_PER_CORE = 25_000
const TARGET_SHARE = 0.5
const BODIES: readonly BodyName[] = ['part', 'playlist', 'gzip playlist']
const PROFILE_LINES = 40
const BARE_SERVER = fileURLToPath(new URL('rig/bare-http-server.ts', import.meta.url))

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    connections: { type: 'string', default: '128' },
    'no-peer': { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
})
const roundPlan = {
  // Short enough that a part stays in the window for the whole round.
  seconds: Number(options.seconds ?? (options.quick ? 2 : 8)),
  connections: Number(options.connections),
}
/** Until the window is full; a few parts are enough to see that everything works. */
const settleMs = options.quick ? 6000 : 36_000
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))

const profileDirectory = options.profile ? scratchDirectory('profile') : undefined
const headwater = await startHeadwater({ core: SERVER_CORE, profileDirectory })
const [channel] = await headwater.createChannels(1)
if (!channel) throw new Error('no channel was made')
const nginx = await startNginx({ core: SERVER_CORE, keepsFilesOpen: true })
const load = startLoad(
  {
    port: headwater.rtmpPort,
    app: 'app',
    streamNames: [channel.streamKey],
    clipFile: await clipFile(CLIP),
    startIntervalMs: 0,
  },
  LOAD_CORE,
)
await sleep(settleMs)

let bodies = await copyBodies(channel, nginx.directory)
const bare = await startBareServer(bodies.partBytes)
const subjects = [headwaterSubject(), ...(options['no-peer'] ? [] : [nginxSubject(), bare])]
const results = new Map<string, RoundResult[]>()
for (let round = 0; round < rounds; round++) {
  for (const body of BODIES) for (const subject of subjects) await measure(subject, body)
  progress(`round ${round + 1} of ${rounds} done`)
}
await load[Symbol.asyncDispose]()
await headwater.stop()
if (profileDirectory) progress((await summariseProfile(profileDirectory, PROFILE_LINES)).join('\n'))
report(bodies)
process.exit(0)

async function measure(subject: DeliverySubject, body: BodyName): Promise<void> {
  bodies = await copyBodies(channel!, nginx.directory)
  const url = subject.locate(body)
  if (url === undefined) return
  const key = `${subject.server} ${body}`
  results.set(key, [...(results.get(key) ?? []), await loadRound(subject.pid, url, body, roundPlan)])
}

function headwaterSubject(): DeliverySubject {
  const locate = (body: BodyName): string => (body === 'part' ? bodies.partUrl : bodies.playlistUrl)
  return { server: 'headwater', pid: headwater.pid, locate }
}

function nginxSubject(): DeliverySubject {
  const locate = (body: BodyName): string =>
    `${nginx.httpUrl}/${body === 'part' ? bodies.partFile : bodies.playlistFile}`
  return { server: 'nginx', pid: nginx.pid, locate }
}

async function startBareServer(bodyBytes: number): Promise<DeliverySubject> {
  const program = startOwned(process.execPath, [BARE_SERVER, String(bodyBytes)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    core: SERVER_CORE,
  })
  const port = await new Promise<string>((resolve) =>
    createInterface({ input: program.child.stdout! }).once('line', resolve),
  )
  const locate = (body: BodyName): string | undefined =>
    body === 'part' ? `http://127.0.0.1:${port}/part.ts` : undefined
  return { server: 'bare node:http', pid: program.pid, locate }
}

function perCore(server: string, body: BodyName): number {
  return median((results.get(`${server} ${body}`) ?? []).map((result) => result.perCore))
}

function report(last: Bodies): void {
  const sizes: Record<BodyName, number> = {
    part: last.partBytes,
    playlist: last.playlistBytes,
    'gzip playlist': last.gzipBytes,
  }
  const rows = BODIES.flatMap((body) => subjects.flatMap(({ server }) => row(server, body, sizes[body])))
  printReport({
    title: 'Delivery: requests a second from one core',
    columns: [
      'body',
      'bytes',
      'server',
      'requests/s',
      'server cores',
      'requests/s per core',
      'share of nginx',
      'latency p99',
      'failures',
    ],
    rows,
    programs: ['nginx', 'wrk', 'ffmpeg'],
    settings: [
      `wrk: ${roundPlan.connections} keep-alive connections, ${rounds} rounds of ${roundPlan.seconds} s for each server and body in turn, medians; ${CORES_IN_WORDS}`,
      `headwater serve: defaults, one live publisher of ${CLIP.bitrateBps / 1e6} Mbps; the part is the listed one nearest to 60 KB, looked up anew for each round`,
      'nginx: the same bytes as files in memory, one process, sendfile, tcp_nopush, open_file_cache, gzip_static, no access log, like headers',
      'per core: requests a second divided by the cores that the server used, from /proc/<pid>/stat',
      ...(options.profile ? ['with a CPU profiler: figures are lower than without'] : []),
    ],
    findings: findings(),
  })
}

function row(server: string, body: BodyName, bytes: number): string[][] {
  const all = results.get(`${server} ${body}`)
  if (!all) return []
  const failures = all.reduce((sum, result) => sum + result.failures, 0)
  return [
    [
      body,
      String(bytes),
      server,
      median(all.map((result) => result.requestsPerSecond)).toFixed(0),
      median(all.map((result) => result.serverCores)).toFixed(2),
      perCore(server, body).toFixed(0),
      shareOfNginx(server, body)?.toFixed(2) ?? '–',
      all.at(-1)?.latencyP99 ?? '',
      String(failures),
    ],
  ]
}

function shareOfNginx(server: string, body: BodyName): number | undefined {
  const share = perCore(server, body) / perCore('nginx', body)
  return Number.isNaN(share) ? undefined : share
}

function findings(): string[] {
  const parts = perCore('headwater', 'part')
  const target = `≥ ${TARGET_PARTS_PER_CORE}`
  return [
    judged('parts per second and core', parts.toFixed(0), target, parts >= TARGET_PARTS_PER_CORE),
    ...BODIES.flatMap((body) => {
      const share = shareOfNginx('headwater', body)
      if (share === undefined) return []
      return judged(`share of nginx, ${body}`, share.toFixed(2), `≥ ${TARGET_SHARE}`, share >= TARGET_SHARE)
    }),
    ...headwater.warnings().map((line) => `headwater warned: ${line}`),
  ]
}
