/**
 * The beacons of thousands of viewing sessions in one break, to a target that answers, one that never does and one that is
 * not there; with a restart in the middle of it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { someViewer } from '../../src/ads/beacons/ad-fixture.ts'
import { startBeaconReceiver } from '../../src/ads/beacons/beacon-receiver.ts'
import { BeaconSender } from '../../src/ads/beacons/beacon-sender.ts'
import { outboundTransport } from '../../src/ads/beacons/outbound-transport.ts'
import { OutboundClient } from '../../src/ads/outbound/outbound-client.ts'
import { parseTargetAllowList } from '../../src/ads/outbound/target-allow-list.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { temporaryStore } from '../harness/databases.ts'

const SESSIONS = 2000
const EVENTS = ['impression', 'start', 'firstQuartile', 'midpoint', 'thirdQuartile', 'complete']
const ANSWER_MS = 20
/** Of one turn: what comes later shares the event loop with answers, as it would with fetches. */
const SESSIONS_AT_ONCE = 100

test('thousands of sessions are reported once and in order, whatever other targets do, and across a restart (ssai 3.7)', async () => {
  await using cleaning = new AsyncDisposableStack()
  const store = cleaning.use(await temporaryStore())
  const directory = await mkdtemp(join(tmpdir(), 'headwater-beacon-load-'))
  cleaning.defer(() => rm(directory, { recursive: true, force: true }))
  const [good, silent, gone] = await Promise.all([1, 2, 3].map(() => startBeaconReceiver()))
  cleaning.use(good!)
  cleaning.use(silent!)
  await gone![Symbol.asyncDispose]()
  good!.answerWith(() => sleep(ANSWER_MS, 204))
  silent!.answerWith(() => 'silence')

  const start = () => {
    const outbound = new OutboundClient({ allowList: parseTargetAllowList('127.0.0.1') ?? [] })
    const sender = new BeaconSender({
      queue: store.beacons,
      directory,
      transport: outboundTransport(outbound),
      nodeId: 'node',
      clock: systemClock,
      logger: silentLogger,
    })
    const close = async (limitMs: number): Promise<void> => {
      const closed = sender.close(limitMs)
      if (limitMs === 0) outbound.close()
      await closed
      outbound.close()
    }
    return { sender, close }
  }
  const report = async (sender: BeaconSender, events: readonly string[]): Promise<void> => {
    for (let session = 0; session < SESSIONS; session++) {
      const sessionNumber = `s${session}`
      const addresses = session % 10 === 0 ? [good!, silent!, gone!] : [good!]
      const beacons = events.map((event) => {
        const urls = addresses.map(({ address }) => `${address}/${sessionNumber}/${event}`)
        return { breakId: 'AdBreak00001', adIndex: 0, event, urls, configurationName: 'ads' }
      })
      sender.due(someViewer({ sessionNumber }), beacons)
      if (session % SESSIONS_AT_ONCE === 0) await sleep(1)
    }
  }

  const first = start()
  await report(first.sender, EVENTS.slice(0, 3))
  await first.close(0)
  const second = start()
  cleaning.defer(() => second.close(0))
  // Segments are fetched again, in other renditions too.
  await report(second.sender, EVENTS)
  const isReported = (): boolean => good!.received.length + second.sender.totals.uncertain >= SESSIONS * 6
  await expect.poll(isReported, { timeout: 30_000, interval: 20 }).toBe(true)

  const paths = good!.received.map(({ path }) => path)
  expect(new Set(paths).size).toBe(paths.length)
  for (const [, heard] of Map.groupBy(paths, (path) => path.split('/')[1])) {
    const ranks = heard.map((path) => EVENTS.indexOf(path.split('/')[2] ?? ''))
    expect(ranks).toEqual(ranks.toSorted((one, other) => one - other))
  }
  // Both dead targets were given up after a few tries, and what is theirs waits.
  expect(silent!.received.length).toBeLessThan(100)
  expect(second.sender.totals.dropped).toBe(0)
  expect(second.sender.waitingBeacons).toBeGreaterThan(SESSIONS / 2)
})
