import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import type { PrefetchSchedule } from '../domain/prefetch-schedule.ts'
import type { PrefetchScheduleFilter } from '../domain/stores.ts'
import type { Store } from './open-store.ts'
import { somePlaybackConfiguration, somePrefetchSchedule } from './resource-fixture.ts'

const NOW_MS = 1000
const ENDS_AT_MS = 5000

eachDatabase((kind) => {
  let store: Store
  let accounts = 700_000_000_000
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  async function accountWith(...names: readonly string[]): Promise<string> {
    const accountId = String(accounts++)
    for (const name of names) {
      const configuration = somePlaybackConfiguration(name, { accountId })
      await store.playbackConfigurations.put(accountId, name, () => configuration, 10)
    }
    return accountId
  }
  const add = (schedule: PrefetchSchedule, limit = 10) =>
    store.prefetchSchedules.create(schedule, limit, NOW_MS)

  test('is given back whole, under its configuration alone', async () => {
    const accountId = await accountWith('ads', 'other')
    const schedule = somePrefetchSchedule('one', ENDS_AT_MS, { accountId, nowMs: 7, streamId: 's' })
    expect(await add(schedule)).toBe('created')
    const place = { accountId, configurationName: 'ads', name: 'one' }
    expect(await store.prefetchSchedules.get(place)).toEqual(schedule)
    expect(await store.prefetchSchedules.get({ ...place, configurationName: 'other' })).toBeUndefined()
    expect(await store.prefetchSchedules.get({ ...place, accountId: '1' })).toBeUndefined()
    expect(await add(schedule)).toBe('duplicate')
    expect(
      await add(somePrefetchSchedule('one', ENDS_AT_MS, { accountId, configurationName: 'other' })),
    ).toBe('created')
    expect(await add(somePrefetchSchedule('one', ENDS_AT_MS, { accountId, configurationName: 'no' }))).toBe(
      'no-configuration',
    )
    expect(await store.prefetchSchedules.delete(place)).toBe(true)
    expect(await store.prefetchSchedules.delete(place)).toBe(false)
  })

  test('only schedules that have not ended count, also when many come at once', async () => {
    const accountId = await accountWith('ads')
    await add(somePrefetchSchedule('ended', NOW_MS, { accountId }))
    const wanted = Array.from({ length: 5 }, (_, index) =>
      somePrefetchSchedule(`s${index}`, ENDS_AT_MS, { accountId }),
    )
    const outcomes = await Promise.all(wanted.map((schedule) => add(schedule, 3)))
    expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(3)
    expect(outcomes.filter((outcome) => outcome === 'over-limit')).toHaveLength(2)
  })

  test('lists by type, stream and end, page by page', async () => {
    const accountId = await accountWith('ads')
    const some = (name: string, more: Parameters<typeof somePrefetchSchedule>[2], endsAtMs = ENDS_AT_MS) =>
      add(somePrefetchSchedule(name, endsAtMs, { accountId, ...more }))
    await some('b', { nowMs: 1 })
    await some('a', { nowMs: 2, streamId: 's' })
    await some('r', { nowMs: 3, scheduleType: 'RECURRING' })
    await some('old', { nowMs: 1 }, 10)
    const names = async (filter: PrefetchScheduleFilter, limit = 10, after?: string) =>
      store.prefetchSchedules.list(accountId, 'ads', filter, { after, limit }).then((page) => ({
        names: page.items.map(({ name }) => name),
        next: page.next,
      }))
    const since = { endedSinceMs: NOW_MS }
    expect((await names(since)).names).toEqual(['b', 'a', 'r'])
    expect((await names({ ...since, scheduleType: 'SINGLE' })).names).toEqual(['b', 'a'])
    expect((await names({ ...since, streamId: 's' })).names).toEqual(['a'])
    expect((await names({ endedSinceMs: 10, scheduleType: 'RECURRING' })).names).toEqual(['r'])
    expect((await names({ endedSinceMs: 10 })).names).toContain('old')
    const first = await names(since, 2)
    expect([first.names, (await names(since, 2, first.next)).names]).toEqual([['b', 'a'], ['r']])
  })

  test('tells those that have not ended, of all accounts, those first that end first', async () => {
    const farMs = 9_000_000_000_000
    const nowMs = farMs - 1000
    const [one, two] = [await accountWith('ads'), await accountWith('ads')]
    await add(somePrefetchSchedule('late', farMs + 3, { accountId: one, nowMs }))
    await add(somePrefetchSchedule('soon', farMs + 1, { accountId: two, nowMs }))
    await add(somePrefetchSchedule('ended', farMs, { accountId: one, nowMs }))
    const listed = await store.prefetchSchedules.listActive(farMs, 10)
    expect(listed.map(({ accountId, name }) => [accountId, name])).toEqual([
      [two, 'soon'],
      [one, 'late'],
    ])
    expect(await store.prefetchSchedules.listActive(farMs, 1)).toEqual(listed.slice(0, 1))
  })

  test('forgets what ended before, a few at a time', async () => {
    const accountId = await accountWith('ads')
    for (const [index, name] of ['a', 'b', 'c', 'd'].entries()) {
      await add(somePrefetchSchedule(name, 10 + index, { accountId }), 100)
    }
    expect(await store.prefetchSchedules.removeEndedBefore(13, 2)).toBe(2)
    expect(await store.prefetchSchedules.removeEndedBefore(13, 2)).toBeGreaterThan(0)
    const filter = { endedSinceMs: 0 }
    const left = await store.prefetchSchedules.list(accountId, 'ads', filter, { after: undefined, limit: 9 })
    expect(left.items.map(({ name }) => name)).toEqual(['d'])
  })
})
