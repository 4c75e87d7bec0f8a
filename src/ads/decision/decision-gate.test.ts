import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { DecisionGate, type Entry } from './decision-gate.ts'

function gateOf(limits: { maxInside: number; maxWaiting?: number }, random = () => 0.5) {
  const clock = new ManualClock()
  const gate = new DecisionGate(clock, random, { maxWaiting: 100, ...limits })
  const entries: Entry[] = []
  const enter = (spreadMs: number, untilMonotonicMs: number, share = 'one') =>
    void gate.enter({ share, spreadMs, untilMonotonicMs }).then((entry) => entries.push(entry))
  return { clock, gate, entries, enter }
}

/** Lets promises that are settled run their continuations. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

test('lets each in at its random moment of the spread', async () => {
  const { clock, entries, enter } = gateOf({ maxInside: 10 })
  enter(5000, 8000)
  clock.advance(2496)
  await settle()
  expect(entries).toEqual([])
  clock.advance(4)
  await settle()
  expect(entries).toEqual(['entered'])
})

test('lets only so many in at once, in order, and the next when one leaves', async () => {
  const { clock, gate, entries, enter } = gateOf({ maxInside: 2 })
  for (let i = 0; i < 4; i++) enter(0, 8000)
  await settle()
  expect(entries).toEqual(['entered', 'entered'])
  expect(gate.load).toEqual({ waiting: 2, inside: 2 })
  gate.leave('one')
  await settle()
  expect(entries).toHaveLength(3)
  clock.advance(8000)
  await settle()
  expect(entries).toEqual(['entered', 'entered', 'entered', 'too-late'])
  for (let i = 0; i < 2; i++) gate.leave('one')
  expect(gate.load).toEqual({ waiting: 0, inside: 0 })
  expect(clock.pendingTimers).toBe(0)
})

test('refuses more than may wait', async () => {
  const { entries, enter } = gateOf({ maxInside: 1, maxWaiting: 2 })
  for (let i = 0; i < 3; i++) enter(1000, 8000)
  await settle()
  expect(entries).toEqual(['full'])
})

test('turns away who comes when it is too late', async () => {
  const { clock, entries, enter } = gateOf({ maxInside: 1 })
  clock.advance(8000)
  enter(0, 8000)
  await settle()
  expect(entries).toEqual(['too-late'])
})

test('keeps places free for other ad servers while one hangs, and lets theirs in at once', async () => {
  const { gate, entries, enter } = gateOf({ maxInside: 4 })
  for (let i = 0; i < 50; i++) enter(0, 8000, 'hangs')
  enter(0, 8000, 'answers')
  await settle()
  expect(entries).toHaveLength(5)
  gate.leave('answers')
  enter(0, 8000, 'answers')
  await settle()
  expect(entries).toHaveLength(6)
  expect(gate.load).toEqual({ waiting: 46, inside: 5 })
})

test('needs few timers for many who wait', () => {
  let drawn = 0
  const { clock, gate, enter } = gateOf(
    { maxInside: 10, maxWaiting: 10_000 },
    () => ((drawn++ % 1000) + 0.5) / 1000,
  )
  for (let i = 0; i < 10_000; i++) enter(400, 8000)
  expect(gate.load.waiting).toBe(10_000)
  expect(clock.pendingTimers).toBeLessThanOrEqual(101)
})

test('has one timer for all who wait for a place, and each gives up in time', async () => {
  const { clock, gate, entries, enter } = gateOf({ maxInside: 1, maxWaiting: 10_000 })
  enter(0, 9000)
  for (let i = 0; i < 1000; i++) enter(0, i % 2 === 0 ? 8000 : 6000)
  expect(clock.pendingTimers).toBe(1)
  clock.advance(6000)
  await settle()
  expect(entries.filter((entry) => entry === 'too-late')).toHaveLength(500)
  expect(gate.load).toEqual({ waiting: 500, inside: 1 })
  gate.leave('one')
  await settle()
  expect(entries.at(-1)).toBe('entered')
  clock.advance(2000)
  await settle()
  expect(entries.filter((entry) => entry === 'too-late')).toHaveLength(999)
  expect([gate.load.waiting, clock.pendingTimers]).toEqual([0, 0])
})
