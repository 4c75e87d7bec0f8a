import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'
import { BEACON_LIFETIME_MS, BeaconLane } from './beacon-lane.ts'
import { MAX_HELD_BEACONS } from './lane-window.ts'

let lastPlace = 0

function beaconOf(session: string, changes: Partial<QueuedBeacon> = {}): QueuedBeacon {
  const place = ++lastPlace
  const key = `${session}/break/0/event${place}/0`
  return { key, lane: 'l:80', place, dueAtMs: 0, retryAtMs: 0, body: '', ...changes }
}

function takeAll(lane: BeaconLane, nowMs: number): readonly QueuedBeacon[] {
  const taken: QueuedBeacon[] = []
  for (let beacon = lane.next(nowMs); beacon; beacon = lane.next(nowMs)) taken.push(beacon)
  return taken
}

function arrive(lane: BeaconLane, beacon: QueuedBeacon, nowMs = 0): void {
  lane.ended('arrived', nowMs)
  lane.finish(beacon)
  lane.release(beacon)
}

test('beacons of one session leave one after the other, those of others beside them', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const [first, second, other] = [beaconOf('a'), beaconOf('a'), beaconOf('b')]
  lane.offer([first, second, other], true)
  expect(takeAll(lane, 0)).toEqual([first, other])
  arrive(lane, first)
  expect(takeAll(lane, 0)).toEqual([second])
  arrive(lane, second)
  arrive(lane, other)
  expect(lane.isEmpty).toBe(true)
})

test('a beacon that failed goes before its successors, when its time has come', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const [first, second] = [beaconOf('a'), beaconOf('a')]
  lane.offer([first, second], true)
  takeAll(lane, 0)
  lane.ended('failed', 0)
  lane.retry(first, 30_000)
  expect(lane.nextDueMs(0)).toBe(30_000)
  expect(takeAll(lane, 29_999)).toEqual([])
  expect(takeAll(lane, 30_000)).toEqual([{ ...first, retryAtMs: 30_000 }])
  arrive(lane, first, 30_001)
  expect(takeAll(lane, 30_001)).toEqual([second])
})

test('a target that answers gets more at once, up to 512', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const beacons = Array.from({ length: 2000 }, (_, index) => beaconOf(`s${index}`))
  lane.offer(beacons, true)
  const sizes: number[] = []
  for (let round = 0; round < 8; round++) {
    const taken = takeAll(lane, 0)
    sizes.push(taken.length)
    for (const beacon of taken) arrive(lane, beacon)
  }
  expect(sizes).toEqual([8, 16, 32, 64, 128, 256, 512, 512])
})

test('a target that is slow gets half as much each time, and one that is dead a single request every 30 s', () => {
  const lane = new BeaconLane('l:80', 30_000)
  lane.offer(
    Array.from({ length: 40 }, (_, index) => beaconOf(`s${index}`)),
    true,
  )
  const failAll = (nowMs: number): number => {
    const taken = takeAll(lane, nowMs)
    for (const beacon of taken) {
      lane.ended('slow', nowMs)
      lane.retry(beacon, nowMs + 30_000)
    }
    return taken.length
  }
  expect(failAll(0)).toBe(8)
  expect(failAll(29_999)).toBe(0)
  expect(lane.nextDueMs(20_000)).toBe(30_000)
  expect(failAll(30_000)).toBe(1)
  expect(failAll(59_999)).toBe(0)
  const [back, ...rest] = takeAll(lane, 60_000)
  expect(rest).toEqual([])
  if (back) arrive(lane, back, 60_000)
  expect(takeAll(lane, 60_000).length).toBe(2)
})

test('one failure among many does not stop a target', () => {
  const lane = new BeaconLane('l:80', 30_000)
  lane.offer(
    Array.from({ length: 40 }, (_, index) => beaconOf(`s${index}`)),
    true,
  )
  const [first, ...rest] = takeAll(lane, 0)
  lane.ended('slow', 0)
  if (first) lane.retry(first, 30_000)
  for (const beacon of rest) arrive(lane, beacon)
  expect(takeAll(lane, 0).length).toBeGreaterThan(8)
})

test('beacons that are due since an hour are taken out, but not what is under way', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const [underWay, old, young] = [beaconOf('a'), beaconOf('a'), beaconOf('a', { dueAtMs: 1 })]
  const other = beaconOf('b')
  lane.offer([underWay], true)
  takeAll(lane, 0)
  lane.offer([old, young, other], true)
  expect(lane.takeExpired(BEACON_LIFETIME_MS - 1)).toEqual([])
  expect(lane.takeExpired(BEACON_LIFETIME_MS)).toEqual([old, other])
  arrive(lane, underWay)
  expect(takeAll(lane, BEACON_LIFETIME_MS)).toEqual([young])
  expect(lane.nextDueMs(BEACON_LIFETIME_MS)).toBe(BEACON_LIFETIME_MS + 1)
})

test('a waiting beacon of a server that was restarted keeps its time', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const beacon = beaconOf('a', { retryAtMs: 5000 })
  lane.readAgain()
  const load = lane.beginLoad()
  if (load) lane.loaded([beacon], load)
  expect(takeAll(lane, 4999)).toEqual([])
  expect(takeAll(lane, 5000)).toEqual([beacon])
})

/** The waiting rows of a lane in a database. */
function simulatedRows() {
  const rows = new Map<string, QueuedBeacon>()
  return {
    add: (beacon: QueuedBeacon) => rows.set(beacon.key, beacon),
    remove: (key: string) => rows.delete(key),
    has: (key: string) => rows.has(key),
    read: (afterPlace: number, limit: number): readonly QueuedBeacon[] =>
      [...rows.values()]
        .filter(({ place }) => place > afterPlace)
        .sort((one, other) => one.place - other.place)
        .slice(0, limit),
  }
}

const LAST_STEPS = ['write end', 'store end', 'read end', 'arrive', 'settle', 'read begin']

test('however writes, reads, answers and failures mix, every beacon leaves, in order, with bounded memory', () => {
  const stepOf = (kinds: readonly string[], max: number) =>
    fc.record({ kind: fc.constantFrom(...kinds), count: fc.integer({ min: 1, max }) })
  const step = fc.oneof(
    { weight: 2, arbitrary: stepOf(['write'], 30) },
    { weight: 1, arbitrary: stepOf(['write'], 300) },
    { weight: 6, arbitrary: stepOf(['read begin', 'read end', 'take over'], 30) },
    { weight: 4, arbitrary: stepOf(['write end', 'store begin', 'store end'], 30) },
    { weight: 6, arbitrary: stepOf(['arrive', 'fail', 'settle'], 99) },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.boolean(), (steps, mayHoldMany) => {
      const lane = new BeaconLane('l:80', 30_000)
      const rows = simulatedRows()
      const written: QueuedBeacon[] = []
      const arrived: QueuedBeacon[] = []
      let nowMs = 0
      let underWay: readonly QueuedBeacon[] = []
      let unsettled: QueuedBeacon[] = []
      /** Of those in memory, the ones that are not in the database. */
      const direct = new Set<string>()
      let leftToWrite: (readonly QueuedBeacon[])[] = []
      let storing: readonly (readonly QueuedBeacon[])[] = []
      let reading:
        | { readonly rows: readonly QueuedBeacon[]; readonly limit: number; readonly afterPlace: number }
        | undefined
      const run = (kind: string, count: number): void => {
        if (kind === 'write') {
          const some = Array.from({ length: count }, (_, index) => beaconOf(`s${index % 40}`))
          written.push(...some)
          const rest = lane.offer(some, mayHoldMany)
          for (const { key } of some.slice(0, some.length - rest.length)) direct.add(key)
          if (rest.length > 0) leftToWrite.push(rest)
        } else if (kind === 'write end') {
          for (const some of leftToWrite) {
            for (const beacon of some) rows.add(beacon)
            lane.written(some.length)
          }
          leftToWrite = []
        } else if (kind === 'store begin') {
          if (storing.length === 0) storing = lane.takeStorable((key) => (direct.has(key) ? Infinity : -1))
        } else if (kind === 'store end') {
          for (const chain of storing) {
            for (const beacon of chain) {
              rows.add(beacon)
              direct.delete(beacon.key)
            }
            lane.stored(chain)
          }
          storing = []
        } else if (kind === 'take over') {
          // Of another server: sessions of its own, and places before those that are here.
          const first = written.length
          const some = Array.from({ length: count }, (_, index) =>
            beaconOf(`t${first + index}`, { place: 1 / (first + index + 2) }),
          )
          for (const beacon of some) rows.add(beacon)
          written.push(...some)
          lane.readAgain()
        } else if (kind === 'read begin') {
          const load = lane.beginLoad()
          if (load) reading = { ...load, rows: rows.read(load.afterPlace, load.limit) }
        } else if (kind === 'read end') {
          if (reading) lane.loaded(reading.rows, reading)
          reading = undefined
        } else if (kind === 'settle') {
          for (const beacon of unsettled) {
            rows.remove(beacon.key)
            lane.release(beacon)
          }
          unsettled = []
        } else {
          nowMs += 30_000
          const leaving = takeAll(lane, nowMs)
          // What has left is not handed out again before its end is written: marking it would not find out.
          const keys = [...underWay, ...unsettled, ...leaving].map(({ key }) => key)
          expect(new Set(keys).size).toBe(keys.length)
          underWay = [...underWay, ...leaving]
          for (const beacon of underWay.slice(0, count)) {
            lane.ended(kind === 'arrive' ? 'arrived' : 'failed', nowMs)
            if (kind === 'fail') {
              lane.retry(beacon, nowMs + 30_000)
              continue
            }
            lane.finish(beacon)
            if (direct.delete(beacon.key)) {
              arrived.push(beacon)
              lane.release(beacon)
              continue
            }
            // A read that began before the end was written may bring it back; marking it finds out.
            if (rows.has(beacon.key)) arrived.push(beacon)
            unsettled.push(beacon)
          }
          underWay = underWay.slice(count)
        }
      }
      for (const { kind, count } of steps) run(kind, count)
      for (let round = 0; round < 400 && arrived.length < written.length; round++) {
        for (const kind of LAST_STEPS) run(kind, 99)
      }
      const byPlace = (beacons: readonly QueuedBeacon[]) =>
        Map.groupBy(
          beacons.map(({ key, place }) => ({ key, place })),
          ({ key }) => key.split('/')[0],
        )
      expect(new Set(arrived.map(({ key }) => key)).size).toBe(written.length)
      expect(arrived.length).toBe(written.length)
      expect([...byPlace(arrived)].sort()).toEqual([...byPlace(written)].sort())
    }),
    { numRuns: 150 },
  )
})

test('what does not fit into memory is written, and read later', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const beacons = Array.from({ length: MAX_HELD_BEACONS + 5 }, (_, index) => beaconOf(`s${index}`))
  expect(lane.offer(beacons, false)).toEqual(beacons.slice(MAX_HELD_BEACONS))
  // Whatever comes now is behind those.
  const late = beaconOf('late')
  expect(lane.offer([late], true)).toEqual([late])
  lane.written(6)
  const sent: QueuedBeacon[] = []
  while (sent.length < MAX_HELD_BEACONS) {
    for (const beacon of takeAll(lane, 0)) {
      sent.push(beacon)
      arrive(lane, beacon)
    }
  }
  expect(lane.isEmpty).toBe(false)
  const load = lane.beginLoad()
  expect(load?.afterPlace).toBe(beacons[MAX_HELD_BEACONS - 1]?.place)
  if (load) lane.loaded([...beacons.slice(MAX_HELD_BEACONS), late], load)
  expect(takeAll(lane, 0)).toEqual([...beacons.slice(MAX_HELD_BEACONS), late])
})

test('a target that accepts nothing keeps few in memory: the others are let go when they are written', () => {
  const lane = new BeaconLane('l:80', 30_000)
  const beacons = Array.from({ length: 2000 }, (_, index) => beaconOf(`s${index}`))
  expect(lane.offer(beacons, true)).toEqual([])
  const leaving = takeAll(lane, 0)
  for (const beacon of leaving) {
    lane.ended('failed', 0)
    lane.retry(beacon, 30_000)
  }
  expect(lane.offer([beaconOf('later')], true)).toHaveLength(1)
  lane.written(1)
  const storing = lane.takeStorable(() => 4)
  expect(takeAll(lane, 60_000)).toEqual([])
  for (const chain of storing) lane.stored(chain)
  const held = lane.takeExpired(BEACON_LIFETIME_MS)
  expect(held).toHaveLength(MAX_HELD_BEACONS)
  for (const beacon of held) lane.release(beacon)
  expect(lane.beginLoad()?.afterPlace).toBe(0)
})
