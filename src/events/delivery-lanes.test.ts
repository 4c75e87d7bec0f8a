import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { OutboxEvent, ParkedEvent, TargetState } from '../domain/event-outbox.ts'
import { DeliveryLanes, type LaneHead } from './delivery-lanes.ts'
import { DELIVERED, failed } from './event-sink.ts'

const OPTIONS = { retryForMs: 3_600_000, random: () => 0.5 }
const EMPTY: TargetState = { cursor: 0, deadLetters: 0, parked: [] }
const FAILED = failed('no')

function eventAt(sequence: number, lane: string): OutboxEvent {
  return { sequence, id: `id-${sequence}`, accountId: 'a', lane, writtenAtMs: 0, body: '{}' }
}

/** `ABA`: three events, the first and third of lane A. */
function lanesWith(names: string, state: TargetState = EMPTY): DeliveryLanes {
  const lanes = new DeliveryLanes(state, OPTIONS)
  lanes.take(names.split('').map((lane, index) => eventAt(state.cursor + index + 1, lane)))
  return lanes
}

const places = (heads: readonly LaneHead[]) => heads.map(({ sequence }) => sequence)

test('events wait until they are delivered, those that failed as well', () => {
  const lanes = lanesWith('AAB')
  const heads = lanes.next(10, 0)
  expect(lanes.waitingEvents).toBe(3)
  lanes.settle(heads[0]!, FAILED, 0)
  lanes.settle(heads[1]!, DELIVERED, 0)
  expect(lanes.waitingEvents).toBe(2)
})

describe('what goes next', () => {
  test('is the first of each lane, and the second only after it', () => {
    const lanes = lanesWith('AABC')
    const heads = lanes.next(10, 0)
    expect(places(heads)).toEqual([1, 3, 4])
    expect(lanes.next(10, 0)).toEqual([])
    lanes.settle(heads[0]!, DELIVERED, 0)
    expect(places(lanes.next(10, 0))).toEqual([2])
  })

  test('takes lanes by turns when there is room for some only', () => {
    const lanes = lanesWith('AABB')
    const [first] = lanes.next(1, 0)
    lanes.settle(first!, DELIVERED, 0)
    expect(places(lanes.next(1, 0))).toEqual([3])
    expect(places(lanes.next(1, 0))).toEqual([2])
  })

  test('waits longer after each failure, while other lanes go on', () => {
    const lanes = lanesWith('AABB')
    const [a, b] = lanes.next(10, 0)
    expect(lanes.settle(a!, FAILED, 0)).toBe('tried again')
    lanes.settle(b!, DELIVERED, 0)
    expect(places(lanes.next(10, 0))).toEqual([4])
    expect(lanes.nextDueMs).toBe(1000)
    expect(lanes.next(10, 999)).toEqual([])
    const [again] = lanes.next(10, 1000)
    expect(again).toEqual({ lane: 'A', sequence: 1, event: undefined })
    lanes.fill([eventAt(1, 'A'), eventAt(2, 'A')])
    lanes.settle(again!, FAILED, 1000)
    expect(lanes.nextDueMs).toBe(3000)
  })
})

describe('what is kept', () => {
  test('is the place up to which all is delivered', () => {
    const lanes = lanesWith('ABC')
    const [a, b, c] = lanes.next(10, 0)
    lanes.settle(b!, DELIVERED, 0)
    lanes.settle(c!, DELIVERED, 0)
    expect(lanes.hasChanges).toBe(false)
    lanes.settle(a!, DELIVERED, 0)
    expect(lanes.takeChanges()).toEqual({ cursor: 3, parked: [], delivered: [], dead: [] })
    expect(lanes.hasChanges).toBe(false)
  })

  test('is what failed and all of its lane behind it, also what comes later', () => {
    const lanes = lanesWith('AAB')
    const [a, b] = lanes.next(10, 0)
    lanes.settle(b!, DELIVERED, 0)
    lanes.settle(a!, FAILED, 5)
    lanes.take([eventAt(4, 'A')])
    const parked = (sequence: number, attempts = 0): ParkedEvent => {
      return { sequence, lane: 'A', attempts, retryAtMs: 1005 }
    }
    expect(lanes.takeChanges()).toEqual({
      cursor: 4,
      parked: [parked(1, 1), parked(2), parked(4)],
      delivered: [],
      dead: [],
    })
  })

  test('brings everything back: what was parked waits for its time, and what is delivered is not parked any more', () => {
    const parked = [1, 2].map((sequence) => ({ sequence, lane: 'A', attempts: 3, retryAtMs: 50 }))
    const lanes = lanesWith('AB', { cursor: 2, deadLetters: 0, parked })
    expect(places(lanes.next(10, 49))).toEqual([4])
    const [head] = lanes.next(10, 50)
    expect(lanes.missing([head!])).toEqual([1, 2, 3])
    lanes.fill([eventAt(1, 'A'), eventAt(2, 'A'), eventAt(3, 'A')])
    lanes.settle(head!, DELIVERED, 50)
    expect(lanes.takeChanges()).toMatchObject({ cursor: 3, parked: [{ sequence: 3 }], delivered: [1] })
  })

  test('an event that fails for too long is given up, and its lane goes on', () => {
    const lanes = lanesWith('AA')
    const [first] = lanes.next(10, 0)
    expect(lanes.settle(first!, FAILED, OPTIONS.retryForMs)).toBe('given up')
    expect(lanes.takeChanges()).toEqual({
      cursor: 1,
      parked: [],
      delivered: [],
      dead: [{ sequence: 1, attempts: 1, reason: 'no' }],
    })
    expect(places(lanes.next(10, OPTIONS.retryForMs))).toEqual([2])
  })
})

test('takes a bounded number of events, parked or not', () => {
  const open = lanesWith('A'.repeat(500))
  expect(open.hasRoom).toBe(false)
  const parkedLanes = new DeliveryLanes(EMPTY, OPTIONS)
  for (let count = 1; parkedLanes.hasRoom; count++) {
    parkedLanes.take([eventAt(count, 'A')])
    if (count === 1) parkedLanes.settle(parkedLanes.next(1, 0)[0]!, FAILED, 0)
  }
  expect(parkedLanes.taken).toBe(10_000)
})

/** A database and a receiver around the lanes, and crashes that leave nothing but what was saved. */
function simulate(
  laneNames: readonly string[],
  fates: readonly ('ok' | 'fail' | 'save' | 'crash')[],
): string[] {
  const events = laneNames.map((lane, index) => eventAt(index + 1, lane))
  const parked = new Map<number, ParkedEvent>()
  let cursor = 0
  const restart = () =>
    new DeliveryLanes({ cursor, deadLetters: 0, parked: [...parked.values()].sort(bySequence) }, OPTIONS)
  const save = (lanes: DeliveryLanes): void => {
    const changes = lanes.takeChanges()
    cursor = changes.cursor
    for (const event of changes.parked) parked.set(event.sequence, event)
    for (const sequence of changes.delivered) parked.delete(sequence)
  }
  const received: string[] = []
  let lanes = restart()
  let nowMs = 0
  const script = [...fates]
  for (let step = 0; step < 20_000; step++) {
    const fate = script.shift() ?? (step % 5 === 0 ? 'save' : 'ok')
    if (fate === 'crash') lanes = restart()
    else if (fate === 'save') save(lanes)
    else {
      lanes.take(events.slice(lanes.taken, lanes.taken + 2))
      const [head] = lanes.next(1, nowMs)
      if (!head) {
        if (lanes.taken === events.length && lanes.isIdle && lanes.nextDueMs === Infinity) break
        nowMs += 1000
        continue
      }
      lanes.fill(events.filter(({ sequence }) => lanes.missing([head]).includes(sequence)))
      if (fate === 'ok') received.push(lanes.eventOf(head)?.id ?? 'nothing')
      lanes.settle(head, fate === 'ok' ? DELIVERED : FAILED, nowMs)
    }
  }
  save(lanes)
  expect(parked.size).toBe(0)
  expect(cursor).toBe(events.length)
  return received
}

const bySequence = (one: ParkedEvent, other: ParkedEvent) => one.sequence - other.sequence

test('whatever fails and crashes, every event arrives, and first copies are in the order of their lane', () => {
  const laneNames = fc.array(fc.constantFrom('A', 'B', 'C'), { maxLength: 30 })
  const fates = fc.array(fc.constantFrom('ok', 'fail', 'save', 'crash'), { maxLength: 120 })
  fc.assert(
    fc.property(laneNames, fates, (names, script) => {
      const firstCopies = [...new Set(simulate(names, script))]
      expect(firstCopies).toHaveLength(names.length)
      for (const lane of new Set(names)) {
        const expected = names.flatMap((name, index) => (name === lane ? [`id-${index + 1}`] : []))
        expect(firstCopies.filter((id) => expected.includes(id))).toEqual(expected)
      }
    }),
    { numRuns: 300 },
  )
})
