/**
 * One server under publishers: what is asked of a run and what it gives, and the stretch that is measured.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { measureProcessor, residentBytes } from '../rig/process-usage.ts'
import type { PublisherLoad } from '../rig/publisher-load.ts'
import { median } from '../rig/statistics.ts'

/** What a run is asked to do. */
export type IngestPlan = {
  readonly streams: number
  readonly settleSeconds: number
  readonly measureSeconds: number
  readonly startIntervalMs: number
  readonly clipFile: string
  readonly containerFormat: 'TS' | 'FRAGMENTED_MP4'
  readonly profile: boolean
}

/** What a run gives. */
export type IngestResult = {
  readonly server: string
  /** Streams that were whole and up to date at the end. */
  readonly live: number
  readonly cores: number
  readonly systemCores: number
  readonly residentPerStreamBytes: number
  readonly peakResidentPerStreamBytes: number
  /** Bytes of media that one stream's playlist lists. */
  readonly windowBytes: number
  /** From a picture's sending to its part being listed, at random moments. */
  readonly edgeAgesMs: { readonly median: number; readonly p99: number } | undefined
  readonly senderLateP99Ms: number
  readonly notes: readonly string[]
}

/** What the measured stretch gives. */
export type Measured = Pick<
  IngestResult,
  'cores' | 'systemCores' | 'residentPerStreamBytes' | 'peakResidentPerStreamBytes' | 'senderLateP99Ms'
> & { readonly notes: readonly string[]; readonly startedAtMs: readonly number[] }

const LOOK_INTERVAL_MS = 500
const START_TIMEOUT_MS = 120_000

/**
 * Waits until the publishers have settled, then measures the process `pid`.
 *
 * @param emptyBytes resident memory of the process before the first publisher.
 * @param look called now and then while measuring.
 */
export async function measureUnderLoad(
  plan: IngestPlan,
  pid: number,
  emptyBytes: number,
  load: PublisherLoad,
  look: (startedAtMs: readonly number[]) => Promise<void>,
): Promise<Measured> {
  const startedAtMs = await untilStarted(load)
  await sleep(plan.settleSeconds * 1000)
  await load.state()
  const processor = measureProcessor(pid)
  const sender = measureProcessor(load.pid)
  const resident: number[] = []
  const endMs = performance.now() + plan.measureSeconds * 1000
  while (performance.now() < endMs) {
    resident.push(residentBytes(pid))
    await look(startedAtMs)
    await sleep(LOOK_INTERVAL_MS)
  }
  const { cores, systemCores } = processor()
  const senderCores = sender().cores
  const state = await load.state()
  const perStream = (bytes: number): number => (bytes - emptyBytes) / plan.streams
  return {
    cores,
    systemCores,
    residentPerStreamBytes: perStream(median(resident)),
    peakResidentPerStreamBytes: perStream(Math.max(...resident)),
    senderLateP99Ms: state.lateP99Ms,
    startedAtMs,
    notes: [
      `slowest publish agreed to after ${state.openingMaxMs} ms; sender used ${senderCores.toFixed(2)} cores; at most ${state.maxWaitingBytes} bytes waited on a socket; latest message ${state.lateMaxMs} ms late`,
      ...(state.failed > 0 ? [`${state.failed} publishers failed: ${state.failures.join('; ')}`] : []),
    ],
  }
}

/** When each publisher began; fails when some never do. */
async function untilStarted(load: PublisherLoad): Promise<readonly number[]> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const { startedAtMs, failed, failures } = await load.state()
    if (startedAtMs.length > 0 && startedAtMs.every((startMs) => startMs > 0)) return startedAtMs
    if (failed > 0) throw new Error(`${failed} publishers could not start: ${failures.join('; ')}`)
    if (performance.now() > deadlineMs) throw new Error('the publishers did not start in time')
    await sleep(LOOK_INTERVAL_MS)
  }
}
