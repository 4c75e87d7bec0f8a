import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryDatabase } from '../../test/harness/databases.ts'
import { randomAlphanumeric } from '../base/ids.ts'
import type { BeaconQueue, QueuedBeacon } from '../domain/beacon-queue.ts'
import { openStore } from './open-store.ts'

const LONG_AGO_MS = 1
let place = 0

function someBeacon(changes: Partial<QueuedBeacon> = {}): QueuedBeacon {
  const key = `${randomAlphanumeric(16)}/${randomAlphanumeric(12)}/0/start/0`
  return { key, lane: 'ads.test:80', place: ++place, dueAtMs: 1000, retryAtMs: 0, body: '{}', ...changes }
}

const keysOf = (beacons: readonly QueuedBeacon[]): readonly string[] => beacons.map(({ key }) => key)

eachDatabase((kind) => {
  const opened = new AsyncDisposableStack()
  let queue: BeaconQueue
  beforeAll(async () => {
    const options = opened.use(await temporaryDatabase(kind)).options
    queue = opened.use(await openStore(options)).beacons
  })
  afterAll(() => opened.disposeAsync())

  const waiting = (node: string, lane = 'ads.test:80', after = 0): Promise<readonly QueuedBeacon[]> =>
    queue.waiting(node, lane, after, 100)

  test('a beacon is added once, whoever adds it again', async () => {
    const [node, other] = [randomAlphanumeric(8), randomAlphanumeric(8)]
    const [first, second] = [someBeacon(), someBeacon()]
    expect(await queue.add(node, [first])).toEqual(new Set([first.key]))
    const later = { ...first, place: ++place }
    expect(await queue.add(node, [later, second])).toEqual(new Set([second.key]))
    expect(await queue.add(other, [first, second])).toEqual(new Set())
    expect(await waiting(node)).toEqual([first, second])
    expect(await waiting(other)).toEqual([])
  })

  test('whoever did not hear the answer asks again and hears the same', async () => {
    const beacons = [someBeacon(), someBeacon()]
    await queue.add('deaf', beacons)
    expect(await queue.add('deaf', beacons)).toEqual(new Set(keysOf(beacons)))
    await queue.mark('deaf', keysOf(beacons))
    expect(await queue.add('deaf', beacons)).toEqual(new Set())
  })

  test('a lane gives its waiting beacons in order, page by page', async () => {
    const beacons = [1, 2, 3].map(() => someBeacon({ lane: 'paged:80' }))
    await queue.add('pager', [...beacons.toReversed(), someBeacon({ lane: 'another:80' })])
    expect(await queue.waiting('pager', 'paged:80', 0, 2)).toEqual(beacons.slice(0, 2))
    expect(await queue.waiting('pager', 'paged:80', beacons[1]?.place ?? 0, 2)).toEqual(beacons.slice(2))
    expect(await queue.waitingLanes('pager')).toEqual([
      { lane: 'another:80', count: 1 },
      { lane: 'paged:80', count: 3 },
    ])
    expect(await queue.waitingLanes('nobody')).toEqual([])
  })

  test('a beacon on its way does not wait, and waits again when it is put back', async () => {
    const beacon = someBeacon()
    await queue.add('sender', [beacon])
    expect(await queue.mark('sender', [beacon.key, 'unknown'])).toEqual(new Set([beacon.key]))
    expect(await queue.mark('sender', [beacon.key])).toEqual(new Set([beacon.key]))
    expect(await waiting('sender')).toEqual([])
    await queue.putBack('sender', [beacon.key], 31_000)
    expect(await waiting('sender')).toEqual([{ ...beacon, retryAtMs: 31_000 }])
  })

  test('a beacon that is over is gone, and nothing brings it back', async () => {
    const beacon = someBeacon()
    await queue.add('settler', [beacon])
    await queue.mark('settler', [beacon.key])
    await queue.remove('another', [beacon.key])
    expect(await queue.mark('settler', [beacon.key])).toEqual(new Set([beacon.key]))
    await queue.remove('settler', [beacon.key])
    expect(await queue.mark('settler', [beacon.key])).toEqual(new Set())
    await queue.putBack('settler', [beacon.key], 5)
    expect(await waiting('settler')).toEqual([])
  })

  test('what was on its way when a server died is uncertain and removed', async () => {
    const beacons = [someBeacon(), someBeacon()]
    await queue.add('crashed', beacons)
    await queue.mark('crashed', keysOf(beacons).slice(0, 1))
    expect(await queue.removeUncertain('crashed')).toBe(1)
    expect(await queue.removeUncertain('crashed')).toBe(0)
    expect(await waiting('crashed')).toEqual(beacons.slice(1))
  })

  test('another server takes over what a silent one left, in bites, and the silent one may send no more', async () => {
    const beacons = [1, 2, 3, 4].map(() => someBeacon())
    await queue.markAlive('silent', LONG_AGO_MS)
    await queue.markAlive('taker', 60_000)
    await queue.markAlive('alive', 60_000)
    await queue.add('silent', beacons)
    await queue.add('alive', [someBeacon()])
    await queue.mark('silent', keysOf(beacons).slice(0, 1))
    expect(await queue.takeOver('taker', 50_000, 2)).toEqual({ taken: 2, uncertain: 1, hasMore: true })
    expect(await queue.takeOver('taker', 50_000, 2)).toEqual({ taken: 1, uncertain: 0, hasMore: true })
    expect(await queue.takeOver('taker', 50_000, 2)).toEqual({ taken: 0, uncertain: 0, hasMore: false })
    expect(await waiting('taker')).toEqual(beacons.slice(1))
    expect(await queue.mark('silent', keysOf(beacons))).toEqual(new Set())
  })

  test('whoever claims a chain hears what was remembered of it', async () => {
    const [one, other] = [randomAlphanumeric(16), randomAlphanumeric(16)]
    expect(await queue.claim([one], 1000)).toEqual(new Map([[one, []]]))
    await queue.remember([{ chain: one, events: ['0/start'] }], 1000)
    await queue.remember([{ chain: one, events: ['0/start', '0/complete'] }], 2000)
    expect(await queue.claim([one, other], 3000)).toEqual(
      new Map([
        [one, ['0/start', '0/complete']],
        [other, []],
      ]),
    )
  })

  test('a server is known while it shows signs of life, until another takes over', async () => {
    expect(await queue.isKnown('stranger')).toBe(false)
    await queue.markAlive('stranger', LONG_AGO_MS)
    expect(await queue.isKnown('stranger')).toBe(true)
    while ((await queue.takeOver('heir', LONG_AGO_MS + 1, 100)).hasMore);
    expect(await queue.isKnown('stranger')).toBe(false)
  })

  test('chains are forgotten by age and by number', async () => {
    while ((await queue.forgetBefore(100_000, 100)) > 0);
    const chains = [10, 20, 30].map((touchedMs) => ({ name: randomAlphanumeric(16), touchedMs }))
    for (const { name, touchedMs } of chains) await queue.claim([name], touchedMs)
    expect(await queue.memoryCutoffMs(2)).toBe(20)
    expect(await queue.memoryCutoffMs(4)).toBe(0)
    expect(await queue.forgetBefore(30, 1)).toBe(1)
    expect(await queue.forgetBefore(30, 10)).toBe(1)
    expect(await queue.forgetBefore(30, 10)).toBe(0)
  })
})
