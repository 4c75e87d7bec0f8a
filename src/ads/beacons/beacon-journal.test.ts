import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'
import { BeaconJournal } from './beacon-journal.ts'
import type { ChainMemory } from './chain-memories.ts'
import { parseLine, replayJournal } from './journal-replay.ts'
import { MAX_BLOCKED_MS, STRETCH_MS } from './writing-time.ts'

function someDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'headwater-journal-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

function openJournal(directory: string): BeaconJournal {
  const onFailure = (error: unknown): void => {
    throw error
  }
  return new BeaconJournal({ directory, clock: new ManualClock(), onFailure })
}

function someChain(): ChainMemory {
  return {
    name: 'session/break',
    events: new Set(),
    pending: undefined,
    rememberedEvents: 0,
    openFiles: 0,
    touchedMs: 0,
  }
}

function someBeacon(key: string, place: number): QueuedBeacon {
  return {
    key,
    lane: 'ads.test:80',
    place,
    dueAtMs: 1000,
    retryAtMs: 0,
    body: `{"url":"http://ads.test/${key}"}`,
  }
}

const beaconsOf = (keys: readonly string[]): readonly QueuedBeacon[] =>
  keys.map((key, place) => someBeacon(key, place))

const replayOf = (directory: string) => replayJournal(openJournal(directory).earlierPaths)

test('tells the next process what waits, what was on its way, and nothing of what is over', async () => {
  const directory = someDirectory()
  const journal = openJournal(directory)
  const [one, two, three, four, five] = beaconsOf(['one', 'two', 'three', 'four', 'five'])
  journal.due(someChain(), [one!, two!, three!])
  journal.due(someChain(), [four!, five!])
  journal.leaving(['one', 'two', 'three'])
  journal.over(['one'])
  journal.again(['two'], 31_000)
  journal.handing(['five'])
  const replayed = await replayOf(directory)
  expect(replayed.waiting).toEqual([{ ...two!, retryAtMs: 31_000 }, four, five])
  expect(replayed.handed).toEqual(new Set(['five']))
  expect(replayed.uncertain).toEqual(['three'])
  expect(replayed.due.size).toBe(5)
})

test('tells what waits in the order in which it became due, over all files, also what was to go out again', async () => {
  const directory = someDirectory()
  const journal = openJournal(directory)
  const events = ['0/impression/0', '0/start/0', '0/complete/0', '1/impression/0', '1/start/0']
  const beacons = events.flatMap((event, place) =>
    ['one', 'two'].map((session, index) => someBeacon(`${session}/break/${event}`, 2 * place + index)),
  )
  for (const beacon of beacons) {
    journal.due(someChain(), [beacon])
    if (beacon.place % 3 === 2) journal.turnPage()
  }
  const firstOfBoth = beacons.slice(0, 2).map(({ key }) => key)
  journal.leaving(firstOfBoth)
  journal.again(firstOfBoth.toReversed(), 31_000)
  const { waiting } = await replayOf(directory)
  expect(readdirSync(directory).length).toBeGreaterThan(2)
  expect(waiting.map(({ key }) => key)).toEqual(beacons.map(({ key }) => key))
})

test('what is over soon is written together, and not lost when the journal is closed', async () => {
  const directory = someDirectory()
  const journal = openJournal(directory)
  journal.due(someChain(), beaconsOf(['one', 'two']))
  journal.leaving(['one', 'two'])
  journal.overSoon('one')
  journal.overSoon('two')
  expect(journal.openBeacons).toBe(0)
  journal.close()
  expect((await replayOf(directory)).uncertain).toEqual([])
})

test('what is over and cannot be written is said by the next write that can', () => {
  const directory = someDirectory()
  const failures: unknown[] = []
  const clock = new ManualClock()
  const journal = new BeaconJournal({ directory, clock, onFailure: (error) => failures.push(error) })
  journal.due(someChain(), beaconsOf(['one', 'two']))
  journal.leaving(['one'])
  journal.turnPage()
  rmSync(directory, { recursive: true })
  journal.over(['one'])
  expect(failures).toHaveLength(1)
  mkdirSync(directory)
  journal.leaving(['two'])
  const [name = ''] = readdirSync(directory)
  expect(readFileSync(join(directory, name), 'utf8')).toBe('["over","one"]\n["leaving","two"]\n')
})

test('a disk that makes writers wait holds up the event loop for a bounded time', async () => {
  const directory = someDirectory()
  let nowMs = 0
  let writeMs = 0
  const failures: unknown[] = []
  const clock = { after: new ManualClock().after, monotonicMs: () => (nowMs += writeMs) }
  const journal = new BeaconJournal({ directory, clock, onFailure: (error) => failures.push(error) })
  journal.due(someChain(), beaconsOf(['kept']))
  writeMs = MAX_BLOCKED_MS
  journal.due(someChain(), beaconsOf(['slow']))
  expect(failures).toEqual([])
  writeMs = 0
  journal.due(someChain(), beaconsOf(['not kept']))
  // Sent all the same, but not before it is written that it leaves.
  expect([journal.holds('not kept'), journal.leaving(['not kept'])]).toEqual([true, false])
  journal.over(['kept'])
  expect(failures).toHaveLength(3)
  nowMs += STRETCH_MS
  expect(journal.leaving(['not kept'])).toBe(true)
  expect((await replayOf(directory)).waiting.map(({ key }) => key)).toEqual(['slow'])
})

test('a file knows when none of its beacons needs it', () => {
  const directory = someDirectory()
  const journal = openJournal(directory)
  journal.due(someChain(), beaconsOf(['one', 'two']))
  journal.turnPage()
  journal.due(someChain(), beaconsOf(['three']))
  journal.over(['one'])
  expect([journal.pagesSince('two'), journal.pagesSince('three'), journal.pagesSince('one')]).toEqual([
    1, 0, -1,
  ])
  const [file] = journal.closedFiles
  expect(journal.closedFiles).toHaveLength(1)
  expect(file?.openBeacons).toBe(1)
  expect(journal.holds('two')).toBe(true)
  journal.handed(['two'])
  expect(file?.openBeacons).toBe(0)
  journal.remove(file!)
  expect(readdirSync(directory)).toEqual(['0000000002.jsonl'])
})

test("is the owner's alone: who watched from where is inside", () => {
  const directory = someDirectory()
  openJournal(directory).due(someChain(), beaconsOf(['one']))
  expect(statSync(join(directory, '0000000001.jsonl')).mode & 0o777).toBe(0o600)
})

test('a line that was not written to its end costs only itself', async () => {
  const directory = someDirectory()
  const journal = openJournal(directory)
  journal.due(someChain(), beaconsOf(['one']))
  appendFileSync(join(directory, '0000000001.jsonl'), '["due",{"key":"two","la')
  journal.close()
  expect((await replayOf(directory)).waiting.map(({ key }) => key)).toEqual(['one'])
  const next = openJournal(directory)
  next.due(someChain(), [someBeacon('three', 3)])
  expect((await replayOf(directory)).waiting.map(({ key }) => key)).toEqual(['one', 'three'])
})

test('reads any text without a crash', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseLine(text)))
  fc.assert(fc.property(fc.json(), (text) => void parseLine(text)))
})
