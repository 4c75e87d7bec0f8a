import { expect, test } from 'vitest'
import { RecordingLogger } from '../../../test/harness/recording-logger.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import type { LiveMedia } from '../../domain/live.ts'
import { newPrefetchSchedule, type PrefetchSchedule } from '../../domain/prefetch-schedule.ts'
import { testSettings } from '../decision/decision-fixture.ts'
import { PrefetchPlans } from './prefetch-plans.ts'

const ACCOUNT = '123456789012'
const CHANNEL_ARN = `arn:aws:ivs:us-west-2:${ACCOUNT}:channel/one`

/** Plans over schedules that a test changes. */
class Stage {
  readonly clock = new ManualClock()
  readonly logger = new RecordingLogger()
  schedules: readonly PrefetchSchedule[] = []
  isDown = false
  readonly plans = new PrefetchPlans({
    store: {
      listActive: () => (this.isDown ? Promise.reject(new Error('down')) : Promise.resolve(this.schedules)),
    },
    sources: {
      of: () =>
        Promise.resolve({
          configurations: ['first', 'second'].map((configurationName) => testSettings({ configurationName })),
          postRoll: { enabled: false, durationSeconds: 15 },
        }),
    },
    clock: this.clock,
    logger: this.logger,
  })

  schedule(name: string, { streamId = '', accountId = ACCOUNT } = {}): PrefetchSchedule {
    const nowMs = this.clock.nowMs()
    const window = { EndTime: nowMs / 1000 + 60 }
    return newPrefetchSchedule(
      { region: 'us-west-2', accountId, nowMs },
      {
        configurationName: 'first',
        name,
        scheduleType: 'SINGLE',
        streamId,
        document: { Retrieval: window, Consumption: window },
        tags: undefined,
      },
    )
  }

  async names(): Promise<readonly string[]> {
    const media = { streamId: 'st-1', channel: { arn: CHANNEL_ARN, accountId: ACCOUNT } } as LiveMedia
    const { plans } = await this.plans.forStream(media)
    return plans.map(({ id }) => id.replace(/.*\/(.*) .*/, '$1'))
  }
}

test('a stream has the schedules of its account that are for all streams, for it, or for its channel (ssai §2.4)', async () => {
  const stage = new Stage()
  stage.schedules = [
    stage.schedule('all'),
    stage.schedule('stream', { streamId: 'st-1' }),
    stage.schedule('channel', { streamId: CHANNEL_ARN }),
    stage.schedule('another', { streamId: 'st-2' }),
    stage.schedule('foreign', { accountId: '210987654321' }),
  ]
  expect(await stage.names()).toEqual([])
  await stage.plans.refresh()
  expect(await stage.names()).toEqual(['all', 'stream', 'channel'])
  stage.clock.advance(60_001)
  expect(await stage.names()).toEqual([])
})

test('a session is asked for with the configuration that its breaks are', async () => {
  const stage = new Stage()
  stage.schedules = [stage.schedule('all')]
  await stage.plans.refresh()
  const media = { streamId: 'st-1', channel: { arn: CHANNEL_ARN, accountId: ACCOUNT } } as LiveMedia
  const { configurationOf } = await stage.plans.forStream(media)
  const direct = { configurationName: 'elsewhere', interstitialsPath: undefined }
  expect([
    configurationOf({ claims: {} }),
    configurationOf({ claims: { playbackConfigName: 'second' } }),
    configurationOf({ claims: { playbackConfigName: 'unknown' } }),
    configurationOf({ claims: { direct } }),
  ]).toEqual(['first', 'second', 'first', 'elsewhere'])
})

test('while schedules cannot be read those known stay, and it is told once', async () => {
  const stage = new Stage()
  stage.schedules = [stage.schedule('all')]
  await stage.plans.refresh()
  stage.isDown = true
  await stage.plans.refresh()
  await stage.plans.refresh()
  expect(await stage.names()).toEqual(['all'])
  expect(stage.logger.lines.map(({ sentence }) => sentence)).toEqual(['prefetch schedules could not be read'])
  stage.isDown = false
  stage.schedules = []
  await stage.plans.refresh()
  expect(await stage.names()).toEqual([])
})
