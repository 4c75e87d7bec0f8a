/**
 * `npm run bench:api`: signed API calls a second from one core, beside bare Fastify doing the same database call.
 *
 * Both have a directory of their own with the same number of channels. Rounds go from one to the other in turn.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { seedStore, BENCH_REGION, type SeededStore } from './api/seeded-store.ts'
import { BENCH_KEY, writeSignedRequests, type CallPlan } from './api/signed-requests.ts'
import { LOAD_CORE, SERVER_CORE } from './rig/cores.ts'
import { startHeadwater } from './rig/headwater-server.ts'
import { startOwned } from './rig/owned-process.ts'
import { measureProcessor } from './rig/process-usage.ts'
import { summariseProfile } from './rig/profile-summary.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { scratchDirectory } from './rig/scratch-directory.ts'
import { median } from './rig/statistics.ts'
import { runWrk } from './rig/wrk.ts'

const CHANNELS = 5000
const CONNECTIONS = 32
const LIST_PAGE = 100
const MAX_CHANNELS = 10_000_000
const TARGET_SHARE = 0.6
const TARGET_PER_CORE: Readonly<Record<string, number>> = { GetChannel: 4000, CreateChannel: 1000 }
const TARGET_P99_MS = 25
const PROFILE_LINES = 40
const BARE_API = fileURLToPath(new URL('api/bare-api.ts', import.meta.url))

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    'many-channels': { type: 'string' },
    profile: { type: 'boolean', default: false },
  },
})
const seconds = Number(options.seconds ?? (options.quick ? 2 : 8))
const rounds = Number(options.rounds ?? (options.quick ? 1 : 5))
const manyChannels = Number(options['many-channels'] ?? (options.quick ? 10_000 : 100_000))

type Subject = {
  readonly name: string
  readonly pid: number
  readonly url: string
  readonly store: SeededStore
}
type Round = {
  readonly requestsPerSecond: number
  readonly perCore: number
  readonly serverCores: number
  readonly p99Ms: number
  readonly failures: number
}

progress('making channels')
const profileDirectory = options.profile ? scratchDirectory('profile') : undefined
const headwater = await startSubject('headwater', await seedStore(CHANNELS), profileDirectory)
const many = await startSubject(`headwater, ${manyChannels} channels`, await seedStore(manyChannels))
const bare = await startBare(await seedStore(CHANNELS))
const results = new Map<string, Round[]>()
for (let round = 0; round < rounds; round++) {
  for (const subject of [headwater.subject, bare]) {
    await measure(subject, getPlan(subject.store))
    await measure(subject, { operation: 'ListChannels', bodies: [{ maxResults: LIST_PAGE }] })
    await measure(subject, { operation: 'CreateChannel', bodies: [{ name: 'bench', type: 'BASIC' }] })
  }
  await measure(many.subject, getPlan(many.subject.store))
  progress(`round ${round + 1} of ${rounds} done`)
}
const warnings = [...headwater.warnings(), ...many.warnings()]
await headwater.stop()
await many.stop()
if (profileDirectory) progress((await summariseProfile(profileDirectory, PROFILE_LINES)).join('\n'))
report()
process.exit(0)

async function startSubject(name: string, store: SeededStore, profileDirectory?: string) {
  const configFile = join(scratchDirectory('config'), 'config.yaml')
  const quotas = `{channels: ${MAX_CHANNELS}}`
  writeFileSync(
    configFile,
    `region: ${BENCH_REGION}\nquotas: ${quotas}\naccessKeys: [${JSON.stringify(BENCH_KEY)}]\n`,
  )
  const flags = ['--data-dir', store.dataDir, '--config', configFile, '--throttling', 'off']
  const server = await startHeadwater({ flags, core: SERVER_CORE, profileDirectory })
  const subject: Subject = { name, pid: server.pid, url: server.apiUrl, store }
  return { subject, warnings: server.warnings, stop: server.stop }
}

async function startBare(store: SeededStore): Promise<Subject> {
  const program = startOwned(process.execPath, [BARE_API, store.dataDir], {
    stdio: ['ignore', 'pipe', 'pipe'],
    core: SERVER_CORE,
  })
  const port = await new Promise<string>((resolve) =>
    createInterface({ input: program.child.stdout! }).once('line', resolve),
  )
  return { name: 'bare Fastify', pid: program.pid, url: `http://127.0.0.1:${port}`, store }
}

/** Every channel once, in the order in which they were made. */
function getPlan({ arns }: SeededStore): CallPlan {
  const step = arns.length / CHANNELS
  return {
    operation: 'GetChannel',
    bodies: Array.from({ length: CHANNELS }, (_, index) => ({ arn: arns[Math.floor(index * step)] })),
  }
}

async function measure(subject: Subject, plan: CallPlan): Promise<void> {
  const { script, requests } = writeSignedRequests(subject.url, plan)
  const used = measureProcessor(subject.pid)
  const order = { connections: CONNECTIONS, seconds, headers: [], core: LOAD_CORE }
  const result = await runWrk({ ...order, url: subject.url, script: [script, requests] })
  const serverCores = used().cores
  const round = {
    ...result,
    serverCores,
    perCore: result.requestsPerSecond / serverCores,
    p99Ms: milliseconds(result.latencyP99),
  }
  const key = `${subject.name} ${plan.operation}`
  results.set(key, [...(results.get(key) ?? []), round])
}

function milliseconds(text: string): number {
  const [, value, unit] = /^([\d.]+)(us|ms|s)$/.exec(text) ?? []
  return Number(value) * (unit === 'us' ? 0.001 : unit === 's' ? 1000 : 1)
}

function figure(subject: Subject, operation: string, name: keyof Round): number {
  return median((results.get(`${subject.name} ${operation}`) ?? []).map((round) => round[name]))
}

function row(subject: Subject, operation: string): string[] {
  const all = results.get(`${subject.name} ${operation}`) ?? []
  return [
    operation,
    subject.name,
    figure(subject, operation, 'requestsPerSecond').toFixed(0),
    figure(subject, operation, 'serverCores').toFixed(2),
    figure(subject, operation, 'perCore').toFixed(0),
    subject === bare ? '–' : shareOfBare(subject, operation).toFixed(2),
    `${figure(subject, operation, 'p99Ms').toFixed(1)} ms`,
    String(all.reduce((sum, round) => sum + round.failures, 0)),
  ]
}

function shareOfBare(subject: Subject, operation: string): number {
  return figure(subject, operation, 'requestsPerSecond') / figure(bare, operation, 'requestsPerSecond')
}

function findings(): string[] {
  const { subject } = headwater
  const perOperation = ['GetChannel', 'ListChannels', 'CreateChannel'].flatMap((operation) => {
    const share = shareOfBare(subject, operation)
    const p99Ms = figure(subject, operation, 'p99Ms')
    const perCore = figure(subject, operation, 'perCore')
    const wanted = TARGET_PER_CORE[operation]
    return [
      judged(
        `${operation}, share of bare Fastify`,
        share.toFixed(2),
        `≥ ${TARGET_SHARE}`,
        share >= TARGET_SHARE,
      ),
      judged(`${operation}, p99`, `${p99Ms.toFixed(1)} ms`, `< ${TARGET_P99_MS} ms`, p99Ms < TARGET_P99_MS),
      ...(wanted === undefined
        ? []
        : [judged(`${operation} a second and core`, perCore.toFixed(0), `≥ ${wanted}`, perCore >= wanted)]),
    ]
  })
  const slower = figure(many.subject, 'GetChannel', 'perCore') / figure(subject, 'GetChannel', 'perCore')
  return [
    ...perOperation,
    judged(
      `GetChannel of ${manyChannels} channels beside ${CHANNELS}`,
      slower.toFixed(2),
      '≥ 0.9',
      slower >= 0.9,
    ),
    ...(warnings.length === 0
      ? []
      : [`warnings in the log: ${warnings.length}, the first: ${warnings[0] ?? ''}`]),
  ]
}

function report(): void {
  const subjects = [headwater.subject, bare]
  const operations = ['GetChannel', 'ListChannels', 'CreateChannel']
  const rows = operations.flatMap((operation) => subjects.map((subject) => row(subject, operation)))
  printReport({
    title: 'API: signed calls a second from one core',
    columns: [
      'operation',
      'server',
      'requests/s',
      'server cores',
      'requests/s per core',
      'share of bare Fastify',
      'latency p99',
      'failures',
    ],
    rows: [...rows, row(many.subject, 'GetChannel')],
    programs: ['wrk'],
    settings: [
      `wrk: ${CONNECTIONS} keep-alive connections, ${rounds} rounds of ${seconds} s for each server and operation in turn, medians; each server on core 0 with its database thread, wrk on core 1`,
      `headwater serve: an access key, throttling off; every request has a signature of its own, with the headers of the SDK`,
      `bare Fastify: one route with the same database call, its own JSON parser, no signatures and no checks; requests are the same`,
      `SQLite with a write-ahead log, synchronous=FULL; ${CHANNELS} channels at the start, ListChannels asks for ${LIST_PAGE}`,
      ...(options.profile ? ['with a CPU profiler: figures are lower than without'] : []),
    ],
    findings: findings(),
  })
}
