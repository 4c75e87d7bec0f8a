import fc from 'fast-check'
import { expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import { newRecordingConfiguration } from '../domain/recording-configuration.ts'
import type { WrittenEntry } from '../domain/stores.ts'
import type { IngestConfiguration, SessionEntry } from '../domain/stream-session.ts'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { JournalWriter } from './journal-writer.ts'
import type { JournalWriterOptions } from './journal-writer.ts'
import { SessionEntryWriter } from './session-entries.ts'

const CHANNEL = newChannel({ region: 'us-west-2', accountId: '123456789012', nowMs: 0 }, {})
const INGEST: IngestConfiguration = { videos: [], audios: [] }

/** A store that takes as long as the test wants, and fails when it is told to. */
class SlowStore {
  readonly batches: (readonly WrittenEntry[])[] = []
  readonly failures: Error[] = []
  #blocked: PromiseWithResolvers<undefined> | undefined

  block(): void {
    this.#blocked ??= Promise.withResolvers<undefined>()
  }

  unblock(): void {
    this.#blocked?.resolve(undefined)
    this.#blocked = undefined
  }

  get written(): readonly WrittenEntry[] {
    return this.batches.flat()
  }

  readonly write = async (entries: readonly WrittenEntry[]): Promise<void> => {
    await this.#blocked?.promise
    const failure = this.failures.shift()
    if (failure) throw failure
    this.batches.push(entries)
  }
}

function setUp(options: Partial<JournalWriterOptions> = {}) {
  const clock = new ManualClock()
  const store = new SlowStore()
  const journal = new JournalWriter({
    store,
    recordingConfigurations: { get: () => Promise.resolve(undefined) },
    clock,
    logger: silentLogger,
    nodeId: 'node',
    ...options,
  })
  return { clock, store, journal }
}

/** Lets everything happen that waits for nothing but its turn. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

const opened = (streamId: string, channel = CHANNEL) => new SessionEntryWriter(streamId).opened(channel, 1)
const ended = (streamId: string) => new SessionEntryWriter(streamId, 1).ended(undefined, false, 2)
const ingestOf = (streamId: string, ingest = INGEST) => new SessionEntryWriter(streamId).ingestChanged(ingest)

test('tells where the session runs', async () => {
  const { journal, store } = setUp()
  journal.note(opened('s'))
  await settle()
  expect(store.written).toEqual([{ ...opened('s'), nodeId: 'node', recordingConfiguration: undefined }])
})

test('tells when events have reached the store, and not before', async () => {
  const writtenWhenTold: number[] = []
  const { journal, store, clock } = setUp({ onWritten: () => writtenWhenTold.push(store.written.length) })
  store.failures.push(new Error('database away'))
  journal.note(opened('s'))
  await settle()
  expect(writtenWhenTold).toEqual([])
  clock.advance(100)
  await settle()
  expect(writtenWhenTold).toEqual([1])
})

test('takes the recording configuration down as it is when the session begins', async () => {
  const asked: string[] = []
  const found = newRecordingConfiguration(
    { region: 'us-west-2', accountId: '123456789012', nowMs: 0 },
    { bucketName: 'bucket', name: 'as it is' },
  )
  const get = (accountId: string, arn: string) => {
    asked.push(`${accountId} ${arn}`)
    return Promise.resolve(found)
  }
  const { journal, store } = setUp({ recordingConfigurations: { get } })
  journal.note(opened('recorded', { ...CHANNEL, recordingConfigurationArn: 'arn' }))
  journal.note(opened('not recorded'))
  await settle()
  expect(asked).toEqual(['123456789012 arn'])
  expect(store.written).toMatchObject([
    { recordingConfiguration: found },
    { recordingConfiguration: undefined },
  ])
})

test('never waits for the store, and writes what came meanwhile together', async () => {
  const { journal, store } = setUp()
  store.block()
  for (let i = 0; i < 120; i++) journal.note(opened(`s${i}`))
  await settle()
  expect(store.batches).toEqual([])
  store.unblock()
  await settle()
  expect(store.written.map(({ streamId }) => streamId)).toEqual(
    Array.from({ length: 120 }, (_, i) => `s${i}`),
  )
  expect(store.batches.length).toBeLessThan(10)
})

test('tries again after failures, with growing pauses, until everything is written in order', async () => {
  const logger = new RecordingLogger()
  const { journal, store, clock } = setUp({ logger })
  store.failures.push(...Array.from({ length: 9 }, () => new Error('disk full')))
  journal.note(opened('a'))
  journal.note(ended('a'))
  let waitedMs = 0
  while (store.written.length < 2) {
    await settle()
    clock.advance(50)
    waitedMs += 50
  }
  expect(store.written.map(({ kind }) => kind)).toEqual(['opened', 'changed'])
  expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(9)
  // 100 ms, doubled up to 5 s: 0.1 + 0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 5 + 5 + 5.
  expect(waitedMs).toBeGreaterThanOrEqual(21_300)
  expect(waitedMs).toBeLessThan(23_000)
})

test('keeps only the last of many changes of what is published', async () => {
  const { journal, store } = setUp()
  store.block()
  journal.note(opened('a'))
  for (let count = 0; count < 1000; count++) {
    journal.note(ingestOf('a', { videos: [], audios: [] }))
    journal.note(ingestOf('b'))
  }
  const last: IngestConfiguration = {
    videos: [],
    audios: [{ codec: 'x', channels: 1, sampleRate: 1, bitrateBps: 1 }],
  }
  journal.note(ingestOf('a', last))
  journal.note(ended('a'))
  store.unblock()
  await settle()
  expect(store.written).toEqual([
    expect.objectContaining({ kind: 'opened' }),
    ingestOf('a', last),
    ingestOf('b'),
    ended('a'),
  ])
})

test('has no room for further sessions while 10,000 entries wait, and loses none of them', async () => {
  const { journal, store } = setUp()
  store.block()
  for (let i = 0; i < 9999; i++) journal.note(opened(`s${i}`))
  expect(journal.hasRoom()).toBe(true)
  journal.note(opened('last'))
  expect(journal.hasRoom()).toBe(false)
  // What a running session has to say is taken all the same.
  journal.note(ended('last'))
  store.unblock()
  while (store.written.length < 10_001) await settle()
  expect(journal.hasRoom()).toBe(true)
  expect(store.written.at(-1)).toEqual(ended('last'))
})

test('waits at its end until everything is written', async () => {
  const { journal, store, clock } = setUp()
  store.block()
  journal.note(opened('a'))
  const closed = journal.close(3000)
  store.unblock()
  await closed
  expect(store.written).toHaveLength(1)
  expect(clock.pendingTimers).toBe(0)
  await journal.close(3000)
})

test('gives up at its end when the store takes too long, and says so', async () => {
  const logger = new RecordingLogger()
  const { journal, store, clock } = setUp({ logger })
  store.block()
  journal.note(opened('a'))
  const closed = journal.close(3000)
  clock.advance(3000)
  await closed
  expect(logger.lines).toMatchObject([{ level: 'warn', fields: { entries: 1 } }])
})

type Step = 'note' | 'fail' | 'block' | 'unblock' | 'wait'

test('whatever the store does, every entry is written once and in order', async () => {
  const steps = fc.array(fc.constantFrom<Step>('note', 'note', 'fail', 'block', 'unblock', 'wait'))
  await fc.assert(
    fc.asyncProperty(steps, async (plan) => {
      const { journal, store, clock } = setUp()
      const noted: SessionEntry[] = []
      for (const step of plan) {
        if (step === 'note') {
          const entry = opened(`s${noted.length}`)
          noted.push(entry)
          journal.note(entry)
        }
        if (step === 'fail') store.failures.push(new Error('no'))
        if (step === 'block') store.block()
        if (step === 'unblock') store.unblock()
        if (step === 'wait') await settle()
      }
      store.unblock()
      for (let i = 0; store.written.length < noted.length && i < 1000; i++) {
        await settle()
        clock.advance(5000)
      }
      expect(store.written.map(({ streamId }) => streamId)).toEqual(noted.map(({ streamId }) => streamId))
    }),
    { numRuns: 50 },
  )
})
