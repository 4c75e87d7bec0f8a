import { afterAll, beforeAll, expect, test } from 'vitest'
import { eachDatabase, temporaryStore } from '../../test/harness/databases.ts'
import { accountHash } from '../domain/playback-endpoints.ts'
import type { PlaybackConfiguration } from '../domain/playback-configuration.ts'
import type { Store } from './open-store.ts'
import { someAdConfiguration, somePlaybackConfiguration, somePrefetchSchedule } from './resource-fixture.ts'

const FIRST_PAGE = { after: undefined, limit: 100 }
const OTHER_ACCOUNT_ID = '999999999999'
const PLENTY = 1000

eachDatabase((kind) => {
  let store: Store
  let accounts = 600_000_000_000
  const freshAccount = (): string => String(accounts++)
  beforeAll(async () => {
    store = await temporaryStore(kind)
  })
  afterAll(() => store[Symbol.asyncDispose]())

  const put = async (accountId: string, name: string, nowMs = 1): Promise<PlaybackConfiguration> => {
    const configuration = somePlaybackConfiguration(name, { accountId, nowMs })
    await store.playbackConfigurations.put(accountId, name, () => configuration, PLENTY)
    return configuration
  }

  test('is given back by its name, its ARN and its address, to its account alone', async () => {
    const accountId = freshAccount()
    const configuration = await put(accountId, 'Grüße & "more"', 1_800_000_000_123)
    const { name, arn } = configuration
    const { playbackConfigurations } = store
    expect(await playbackConfigurations.get(accountId, name)).toEqual(configuration)
    expect(await playbackConfigurations.getMany(accountId, [arn, 'none', arn])).toEqual([configuration])
    expect(await playbackConfigurations.getMany(accountId, [])).toEqual([])
    expect(await playbackConfigurations.findByAddress(accountHash(accountId), name)).toEqual(configuration)
    expect((await playbackConfigurations.list(accountId, FIRST_PAGE)).items).toEqual([configuration])
    expect(await playbackConfigurations.get(OTHER_ACCOUNT_ID, name)).toBeUndefined()
    expect(await playbackConfigurations.getMany(OTHER_ACCOUNT_ID, [arn])).toEqual([])
    expect(await playbackConfigurations.findByAddress(accountHash(OTHER_ACCOUNT_ID), name)).toBeUndefined()
    expect(await playbackConfigurations.delete(OTHER_ACCOUNT_ID, name)).toBe('missing')
  })

  test('a put gets what is stored, replaces it in its place, and counts once', async () => {
    const accountId = freshAccount()
    const first = await put(accountId, 'ads')
    await put(accountId, 'later', 2)
    const seen: unknown[] = []
    const { playbackConfigurations } = store
    const kept = await playbackConfigurations.put(
      accountId,
      'ads',
      (stored) => {
        seen.push(stored)
        return { ...first, document: { SlateAdUrl: 'x' }, tags: {} }
      },
      0,
    )
    expect(seen).toEqual([first])
    expect(kept).toEqual({ ...first, document: { SlateAdUrl: 'x' }, tags: {} })
    const { items } = await playbackConfigurations.list(accountId, FIRST_PAGE)
    expect(items.map(({ name }) => name)).toEqual(['ads', 'later'])
    const third = somePlaybackConfiguration('third', { accountId })
    expect(await playbackConfigurations.put(accountId, 'third', () => third, 2)).toBe('over-limit')
    expect(await playbackConfigurations.delete(accountId, 'later')).toBe('deleted')
    expect(await playbackConfigurations.put(accountId, 'third', () => third, 2)).toEqual(third)
  })

  test('an error in the middle of a put leaves everything as it was', async () => {
    const accountId = freshAccount()
    const refuse = (): never => {
      throw new Error('no')
    }
    const { playbackConfigurations } = store
    await expect(playbackConfigurations.put(accountId, 'ads', refuse, PLENTY)).rejects.toThrow('no')
    const configuration = await put(accountId, 'ads')
    await expect(playbackConfigurations.put(accountId, 'ads', refuse, PLENTY)).rejects.toThrow('no')
    await expect(playbackConfigurations.update(accountId, 'ads', refuse)).rejects.toThrow('no')
    expect(await playbackConfigurations.get(accountId, 'ads')).toEqual(configuration)
    expect(await playbackConfigurations.update(accountId, 'none', refuse)).toBeUndefined()
  })

  test('come page by page in the order of their age', async () => {
    const accountId = freshAccount()
    for (const [index, name] of ['c', 'a', 'b'].entries()) await put(accountId, name, index)
    const first = await store.playbackConfigurations.list(accountId, { after: undefined, limit: 2 })
    const second = await store.playbackConfigurations.list(accountId, { after: first.next, limit: 2 })
    expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['c', 'a', 'b'])
    expect(second.next).toBeUndefined()
  })

  test('an ad configuration can name only what the account has, and keeps it from being deleted', async () => {
    const accountId = freshAccount()
    const [one, two] = [await put(accountId, 'one'), await put(accountId, 'two')]
    const theirs = await put(freshAccount(), 'theirs')
    const { adConfigurations, playbackConfigurations } = store
    const refused = { code: 'RESOURCE_NOT_FOUND', message: `Resource: ${theirs.arn} not found` }
    const wrong = someAdConfiguration({ accountId }, [one.arn, theirs.arn])
    await expect(adConfigurations.create(wrong, PLENTY)).rejects.toMatchObject(refused)
    expect(await adConfigurations.get(accountId, wrong.arn)).toBeUndefined()

    const ads = someAdConfiguration({ accountId }, [two.arn, one.arn])
    expect(await adConfigurations.create(ads, 1)).toBe('created')
    expect(await adConfigurations.get(accountId, ads.arn)).toEqual(ads)
    const takeTheirs = adConfigurations.update(accountId, ads.arn, (stored) => ({
      ...stored,
      playbackConfigurationArns: [theirs.arn],
    }))
    await expect(takeTheirs).rejects.toMatchObject(refused)
    expect(await adConfigurations.get(accountId, ads.arn)).toEqual(ads)
    expect(await playbackConfigurations.delete(accountId, 'one')).toBe('in-use')
    await adConfigurations.update(accountId, ads.arn, (stored) => ({
      ...stored,
      playbackConfigurationArns: [two.arn],
    }))
    expect(await playbackConfigurations.delete(accountId, 'one')).toBe('deleted')
    await adConfigurations.delete(accountId, ads.arn)
    expect(await playbackConfigurations.delete(accountId, 'two')).toBe('deleted')
  })

  test('no ad configuration names what is gone, however naming and deleting meet', async () => {
    const accountId = freshAccount()
    const { adConfigurations, playbackConfigurations } = store
    for (let round = 0; round < 6; round++) {
      const { arn, name } = await put(accountId, `round-${round}`)
      const ads = someAdConfiguration({ accountId }, [arn])
      const works = [
        () => adConfigurations.create(ads, PLENTY),
        () => playbackConfigurations.delete(accountId, name),
      ]
      await Promise.allSettled((round % 2 ? works : works.reverse()).map((work) => work()))
      const isNamed = (await adConfigurations.get(accountId, ads.arn)) !== undefined
      const exists = (await playbackConfigurations.get(accountId, name)) !== undefined
      expect(isNamed).toBe(exists)
    }
  })

  test('takes its prefetch schedules with it', async () => {
    const accountId = freshAccount()
    await put(accountId, 'ads')
    await store.prefetchSchedules.create(somePrefetchSchedule('one', 5, { accountId }), PLENTY, 1)
    await store.playbackConfigurations.delete(accountId, 'ads')
    const place = { accountId, configurationName: 'ads', name: 'one' }
    expect(await store.prefetchSchedules.get(place)).toBeUndefined()
  })

  test('has tags, and so has its prefetch schedule', async () => {
    const accountId = freshAccount()
    const { arn } = await put(accountId, 'with / slash:and %')
    const schedule = somePrefetchSchedule('one', 5, { accountId, configurationName: 'with / slash:and %' })
    await store.prefetchSchedules.create(schedule, PLENTY, 1)
    for (const tagged of [arn, schedule.arn]) {
      expect(await store.tags.update(accountId, tagged, (tags) => ({ ...tags, b: '1' }))).toEqual({
        a: '',
        b: '1',
      })
      expect(await store.tags.get(accountId, tagged)).toEqual({ a: '', b: '1' })
      expect(await store.tags.get(OTHER_ACCOUNT_ID, tagged)).toBeUndefined()
    }
    expect(await store.tags.get(accountId, `${arn}x`)).toBeUndefined()
    expect(await store.tags.get(accountId, arn.replace('playbackConfiguration', 'toString'))).toBeUndefined()
  })
})
