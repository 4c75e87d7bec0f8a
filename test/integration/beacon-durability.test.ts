/**
 * What an ad server has heard after a reporting process was killed again and again.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { plainTransport, startBeaconReceiver } from '../../src/ads/beacons/beacon-receiver.ts'
import { BeaconSender } from '../../src/ads/beacons/beacon-sender.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { openStore } from '../../src/store/index.ts'
import { eachDatabase, temporaryDatabase } from '../harness/databases.ts'
import type { BeaconReporterOrder } from './beacon-reporter.ts'

const REPORTER = fileURLToPath(new URL('./beacon-reporter.ts', import.meta.url))
const KILLS = 3
/** Longest life of a reporter after it has begun. */
const MAX_LIFE_MS = 400
const ANSWER_MS = 3
/** More requests are not under way at once here: no more can be lost. */
const MAX_ON_THEIR_WAY = 128
const ORDER = ['impression', 'start', 'midpoint', 'complete']

/** Keys of the beacons that were due when the reporter was killed. */
async function reportUntilKilled(order: BeaconReporterOrder): Promise<readonly string[]> {
  const stdio = ['ignore', 'pipe', 'inherit'] as const
  const child = spawn(process.execPath, [REPORTER, JSON.stringify(order)], { stdio: [...stdio] })
  let printed = ''
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    printed += text
  })
  await once(child.stdout, 'data')
  await sleep(Math.random() * MAX_LIFE_MS)
  child.kill('SIGKILL')
  await once(child, 'close')
  return printed.split('\n').slice(0, -1)
}

eachDatabase((kind) => {
  test('after kills no beacon is sent twice, and none is lost but those that are counted as uncertain (ssai 3.7)', async () => {
    await using receiver = await startBeaconReceiver()
    receiver.answerWith(() => sleep(ANSWER_MS, 204))
    await using place = await temporaryDatabase(kind)
    const due: string[] = []
    for (let kill = 0; kill < KILLS; kill++) {
      const order = { store: place.options, address: receiver.address, prefix: `k${kill}s` }
      due.push(...(await reportUntilKilled(order)))
    }
    const early = receiver.received.length
    await using store = await openStore(place.options)
    const directory = join(place.options.dataDir, 'beacons')
    const options = { transport: plainTransport, nodeId: 'node', clock: systemClock, logger: silentLogger }
    const left = readdirSync(directory)
    const sender = new BeaconSender({ ...options, queue: store.beacons, directory })
    const isRead = (): boolean => readdirSync(directory).every((name) => !left.includes(name))
    await expect.poll(isRead, { timeout: 20_000 }).toBe(true)
    const waiting = async (): Promise<number> => (await store.beacons.waitingLanes('node')).length
    await expect.poll(waiting, { timeout: 20_000 }).toBe(0)
    await expect.poll(() => sender.waitingBeacons).toBe(0)
    await sender.close(1000)

    const heard = receiver.received.map(({ path }) => path.slice(1))
    expect(new Set(heard).size).toBe(heard.length)
    const lost = due.filter((key) => !heard.includes(key))
    expect(lost.length).toBeLessThanOrEqual(MAX_ON_THEIR_WAY * KILLS)
    // Each process settles what the one before it had on its way; this sender counts those of the last.
    const lostOfLast = lost.filter((key) => key.startsWith(`k${KILLS - 1}s`))
    expect(lostOfLast.length).toBeLessThanOrEqual(sender.totals.uncertain)
    for (const [, events] of Map.groupBy(heard, (key) => key.split('/')[0])) {
      const ranks = events.map((key) => ORDER.indexOf(key.split('/')[3] ?? ''))
      expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
    }
    expect(early).toBeGreaterThan(0)
    expect(due.length).toBeGreaterThan(KILLS)
  })
})
