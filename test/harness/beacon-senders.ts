/**
 * Senders of beacons with a database, a journal and a receiver of their own, for one test each.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { BeaconLogEntry } from '../../src/ads/beacons/beacon-log.ts'
import {
  plainTransport,
  startBeaconReceiver,
  type BeaconReceiver,
} from '../../src/ads/beacons/beacon-receiver.ts'
import { BeaconSender, type BeaconSenderOptions } from '../../src/ads/beacons/beacon-sender.ts'
import type { DueBeacon } from '../../src/ads/beacon.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { ManualClock } from '../../src/base/manual-clock.ts'
import type { BeaconQueue } from '../../src/domain/beacon-queue.ts'
import { temporaryStore } from './databases.ts'

/** One event of the first ad of a break, with a URL at `address`. */
export function dueAt(address: string, event: string, changes: Partial<DueBeacon> = {}): DueBeacon {
  const urls = [`${address}/${event}`]
  return { breakId: 'AdBreak00001', adIndex: 0, event, urls, configurationName: 'ads', ...changes }
}

/** The queue of a database of its own. */
export async function someQueue(): Promise<BeaconQueue> {
  const store = await temporaryStore()
  onTestFinished(() => store[Symbol.asyncDispose]())
  return store.beacons
}

/** A receiver that is closed with the test. */
export async function someReceiver(): Promise<BeaconReceiver> {
  const receiver = await startBeaconReceiver()
  onTestFinished(() => receiver[Symbol.asyncDispose]())
  return receiver
}

/** A directory for a journal, removed with the test. */
export function someDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'headwater-beacons-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A sender with all that it logs; what is not changed is the same for all. */
export function startSender(
  queue: BeaconQueue,
  changes: Partial<BeaconSenderOptions> = {},
): { readonly sender: BeaconSender; readonly entries: readonly BeaconLogEntry[] } {
  const entries: BeaconLogEntry[] = []
  const sender = new BeaconSender({
    queue,
    directory: someDirectory(),
    transport: plainTransport,
    nodeId: 'node',
    clock: systemClock,
    logger: silentLogger,
    logSink: (entry) => entries.push(entry),
    random: () => 0,
    ...changes,
  })
  onTestFinished(() => sender.close(0))
  return { sender, entries }
}

/** Paths of the beacons that arrived. */
export const pathsOf = ({ received }: BeaconReceiver): readonly string[] => received.map(({ path }) => path)

/** Until the sender has nothing left to do. */
export async function settled(sender: BeaconSender): Promise<void> {
  await expect.poll(() => sender.waitingBeacons, { timeout: 5000, interval: 5 }).toBe(0)
}

/** Moves time on, in steps that give requests and writes a turn, until so many have arrived. */
export async function advanceUntil(clock: ManualClock, stepMs: number, isDone: () => boolean): Promise<void> {
  const step = (): boolean => {
    if (!isDone()) clock.advance(stepMs)
    return isDone()
  }
  await expect.poll(step, { timeout: 8000, interval: 10 }).toBe(true)
}
