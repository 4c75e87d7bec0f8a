/**
 * `npm run bench:beacons`: the beacons of one break, to one ad server: how many a second, how late, at what cost.
 *
 * The server's sender and the barest client take turns in the same run.
 */
import { parseArgs } from 'node:util'
import { runBeacons, SINK_DELAY_MS, type BeaconRun } from './ads/beacon-runs.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { scratchDirectory } from './rig/scratch-directory.ts'
import { summariseProfile } from './rig/profile-summary.ts'

const TARGET_PER_SECOND = 6000
const PROFILE_LINES = 40

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    sessions: { type: 'string' },
    rounds: { type: 'string' },
    profile: { type: 'boolean', default: false },
    'no-peer': { type: 'boolean', default: false },
  },
})
const sessions = Number(options.sessions ?? (options.quick ? 2_000 : 25_000))
const rounds = Number(options.rounds ?? 1)
const profileDirectory = options.profile ? scratchDirectory('profile') : undefined
const nodeFlags = profileDirectory ? ['--cpu-prof', `--cpu-prof-dir=${profileDirectory}`] : []

const runs: BeaconRun[] = []
for (let round = 0; round < rounds; round++) {
  runs.push(await runBeacons('headwater', sessions, nodeFlags))
  if (!options['no-peer']) runs.push(await runBeacons('bare node:http', sessions))
}
if (profileDirectory) progress((await summariseProfile(profileDirectory, PROFILE_LINES)).join('\n'))
report()
process.exit(0)

function report(): void {
  const own = runs.filter(({ kind }) => kind === 'headwater')
  const least = Math.min(...own.map(({ perSecond }) => perSecond))
  const twice = own.reduce((sum, run) => sum + run.twice, 0)
  const missing = own.reduce((sum, run) => sum + run.due - run.heard, 0)
  printReport({
    title: `Beacons of ${sessions} viewers of one ad of 15 s`,
    columns: [
      'sender',
      'beacons',
      'beacons/s',
      'due to heard p50',
      'p99',
      'CPU µs each',
      'cores',
      'event loop p99',
      'most waiting',
      'peak memory',
    ],
    rows: runs.map((run) => [
      run.kind,
      String(run.heard),
      run.perSecond.toFixed(0),
      `${run.lateP50Ms.toFixed(0)} ms`,
      `${run.lateP99Ms.toFixed(0)} ms`,
      ((run.cpuMs * 1000) / run.heard).toFixed(0),
      (run.cpuMs / run.elapsedMs).toFixed(2),
      `${run.loopDelayP99Ms.toFixed(1)} ms`,
      String(run.mostWaiting),
      `${(run.peakBytes / 1e6).toFixed(0)} MB`,
    ]),
    programs: [],
    settings: [
      `${sessions} sessions, six events each over 15 s, spread evenly over each segment of 2 s; one sink that answers after ${SINK_DELAY_MS} ms`,
      'sender with its database thread on core 0, sink on core 1; the bare client keeps 512 connections and nothing else',
    ],
    findings: [
      judged(
        'beacons a second',
        least.toFixed(0),
        `≥ ${TARGET_PER_SECOND}`,
        least >= TARGET_PER_SECOND * Math.min(1, sessions / 25_000),
      ),
      judged('heard twice or not at all', `${twice} and ${missing}`, '0', twice + missing === 0),
    ],
  })
}
