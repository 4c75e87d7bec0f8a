import { expect, test } from 'vitest'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newRecordingConfiguration } from '../domain/recording-configuration.ts'
import type {
  BucketCheck,
  RecordingBuckets,
  RecordingConfiguration,
} from '../domain/recording-configuration.ts'
import { startRecordingActivation } from './recording-activation.ts'

/** Configurations by the name of their bucket, with `failures` calls that go wrong first. */
class MemoryConfigurations {
  readonly all: RecordingConfiguration[] = []
  failures = 0

  add(bucketName: string): void {
    const birth = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
    this.all.push(newRecordingConfiguration(birth, { bucketName }))
  }

  readonly listCreating = (limit: number): Promise<readonly RecordingConfiguration[]> => {
    if (this.failures-- > 0) return Promise.reject(new Error('busy'))
    return Promise.resolve(this.all.filter(({ state }) => state === 'CREATING').slice(0, limit))
  }

  readonly settle = (arn: string, state: RecordingConfiguration['state']): Promise<void> => {
    if (this.failures-- > 0) return Promise.reject(new Error('busy'))
    const index = this.all.findIndex((configuration) => configuration.arn === arn)
    const found = this.all[index]
    if (found) this.all[index] = { ...found, state }
    return Promise.resolve()
  }

  states(): readonly string[] {
    return this.all.map(({ state }) => state)
  }
}

const WRITABLE: BucketCheck = { kind: 'writable' }
const everyBucket: RecordingBuckets = { check: () => Promise.resolve(WRITABLE) }

function start(configurations: MemoryConfigurations, buckets: RecordingBuckets = everyBucket) {
  const clock = new ManualClock()
  const logger = new RecordingLogger()
  const activation = startRecordingActivation({ configurations, buckets, clock, logger })
  return { activation, clock, logger, [Symbol.asyncDispose]: () => activation[Symbol.asyncDispose]() }
}

/** Lets everything run that waits for no clock. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

test('finishes what an earlier run left behind, however many', async () => {
  const configurations = new MemoryConfigurations()
  for (let index = 0; index < 50; index++) configurations.add('bucket')
  await using started = start(configurations)
  await settled()
  expect(new Set(configurations.states())).toEqual(new Set(['ACTIVE']))
  expect(started.clock.pendingTimers).toBe(0)
})

test('never checks more than 20 buckets at once', async () => {
  const configurations = new MemoryConfigurations()
  for (let index = 0; index < 45; index++) configurations.add('bucket')
  let now = 0
  let most = 0
  await using _started = start(configurations, {
    check: async () => {
      most = Math.max(most, ++now)
      await Promise.resolve()
      now--
      return WRITABLE
    },
  })
  await settled()
  expect(most).toBe(20)
  expect(configurations.states()).not.toContain('CREATING')
})

test('takes one that comes while another is checked', async () => {
  const configurations = new MemoryConfigurations()
  configurations.add('slow')
  const slow = Promise.withResolvers<BucketCheck>()
  await using started = start(configurations, {
    check: (bucketName) => (bucketName === 'slow' ? slow.promise : Promise.resolve(WRITABLE)),
  })
  await settled()
  configurations.add('quick')
  started.activation.wake()
  slow.resolve(WRITABLE)
  await settled()
  expect(configurations.states()).toEqual(['ACTIVE', 'ACTIVE'])
})

test('gives up on a bucket that cannot be written, fails to be checked or does not answer in 20 seconds', async () => {
  const configurations = new MemoryConfigurations()
  for (const name of ['full', 'broken', 'silent']) configurations.add(name)
  const answers: Record<string, () => Promise<BucketCheck>> = {
    full: () => Promise.resolve({ kind: 'unwritable', reason: 'no space' }),
    broken: () => Promise.reject(new Error('fell over')),
    silent: () => new Promise(() => undefined),
  }
  await using started = start(configurations, {
    check: (name) => answers[name]?.() ?? everyBucket.check(name),
  })
  await settled()
  expect(configurations.states()).toEqual(['CREATE_FAILED', 'CREATE_FAILED', 'CREATING'])
  started.clock.advance(19_999)
  await settled()
  expect(configurations.states()).toContain('CREATING')
  started.clock.advance(1)
  await settled()
  expect(configurations.states()).toEqual(['CREATE_FAILED', 'CREATE_FAILED', 'CREATE_FAILED'])
  const reasons = started.logger.lines.map(({ fields }) => fields['reason'])
  expect(reasons).toEqual(['no space', 'Error: fell over', 'no answer within 20 s'])
})

test.each([1, 2])('comes back after 5 seconds when the database refuses, %i times', async (failures) => {
  const configurations = new MemoryConfigurations()
  configurations.add('bucket')
  configurations.failures = failures
  await using started = start(configurations)
  await settled()
  for (let attempt = 0; attempt < failures; attempt++) {
    expect(configurations.states()).toEqual(['CREATING'])
    started.clock.advance(5000)
    await settled()
  }
  expect(configurations.states()).toEqual(['ACTIVE'])
})

test('leaves what is under way to the next run when it ends, and does not wait for it', async () => {
  const configurations = new MemoryConfigurations()
  configurations.add('silent')
  const { activation, clock } = start(configurations, { check: () => new Promise(() => undefined) })
  await settled()
  await activation[Symbol.asyncDispose]()
  expect(configurations.states()).toEqual(['CREATING'])
  expect(clock.pendingTimers).toBe(0)
  activation.wake()
  await settled()
  expect(configurations.states()).toEqual(['CREATING'])

  await using _next = startRecordingActivation({
    configurations,
    buckets: everyBucket,
    clock,
    logger: silentLogger,
  })
  await settled()
  expect(configurations.states()).toEqual(['ACTIVE'])
})
