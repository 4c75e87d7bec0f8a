/**
 * Beacons of one break from a process of its own to a sink of its own, by the server's sender and by the barest client.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { LOAD_CORE, SERVER_CORE } from '../rig/cores.ts'
import { startOwned } from '../rig/owned-process.ts'
import { progress } from '../rig/report.ts'
import { scratchDirectory } from '../rig/scratch-directory.ts'
import { percentile } from '../rig/statistics.ts'

/** Who reports. */
export type BeaconSourceKind = 'headwater' | 'bare node:http'

/** What a source does. */
export type BeaconSourceOrder = {
  readonly kind: BeaconSourceKind
  readonly sessions: number
  /** Of the sink. */
  readonly address: string
  /** For whatever it keeps. */
  readonly directory: string
}

/** How it went. */
export type BeaconSourceReport = {
  readonly due: number
  readonly elapsedMs: number
  readonly cpuMs: number
  readonly loopDelayP99Ms: number
  readonly mostWaiting: number
  readonly peakBytes: number
  /** Not over when it stopped to wait. */
  readonly unfinished: number
}

/** What a sink heard. */
export type BeaconSinkReport = {
  readonly heard: number
  readonly twice: number
  /** From due to heard, of each. */
  readonly lateMs: readonly number[]
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** Both ends of a run. */
export type BeaconRun = BeaconSourceReport & {
  readonly kind: BeaconSourceKind
  readonly heard: number
  readonly twice: number
  readonly perSecond: number
  readonly lateP50Ms: number
  readonly lateP99Ms: number
}

/** How long the sink takes. */
export const SINK_DELAY_MS = 20

const SINK = fileURLToPath(new URL('beacon-sink.ts', import.meta.url))
const SOURCE = fileURLToPath(new URL('beacon-source.ts', import.meta.url))

/** One ad of 15 s to `sessions`. */
export async function runBeacons(
  kind: BeaconSourceKind,
  sessions: number,
  nodeFlags: readonly string[] = [],
): Promise<BeaconRun> {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const
  await using sink = startOwned(process.execPath, [SINK, String(SINK_DELAY_MS)], {
    stdio: [...stdio],
    core: LOAD_CORE,
  })
  const [{ port }] = (await once(sink.child, 'message')) as [{ port: number }]
  const order: BeaconSourceOrder = {
    kind,
    sessions,
    address: `http://127.0.0.1:${port}`,
    directory: scratchDirectory('beacons'),
  }
  await using source = startOwned(process.execPath, [...nodeFlags, SOURCE, JSON.stringify(order)], {
    stdio: [...stdio],
    core: SERVER_CORE,
  })
  await once(source.child, 'message')
  const finished = once(source.child, 'message')
  source.child.send('begin')
  const [sent] = (await finished) as [BeaconSourceReport]
  await sleep(1000)
  const answer = once(sink.child, 'message')
  sink.child.send('report')
  const [{ heard, twice, lateMs, firstAtMs, lastAtMs }] = (await answer) as [BeaconSinkReport]
  progress(`${kind}: ${heard} beacons heard`)
  // The profile is written when it ends by itself.
  source.child.disconnect()
  await source.exited
  return {
    ...sent,
    kind,
    heard,
    twice,
    perSecond: (heard * 1000) / (lastAtMs - firstAtMs),
    lateP50Ms: percentile(lateMs, 0.5),
    lateP99Ms: percentile(lateMs, 0.99),
  }
}
