import { expect, test } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import { FAILED_MS, FRESH_MS, LOOKUP_TIMEOUT_MS, MAX_AT_ONCE, NameLookups } from './name-lookups.ts'
import { USABLE_MS } from './name-lookups.ts'

const HERE = [{ address: '192.0.2.1', family: 4 }]
const THERE = [{ address: '192.0.2.2', family: 4 }]

/** Look-ups of a resolver that says what a test wants, and never answers for `hangs…`. */
function lookupsOf(answers: (name: string) => Promise<typeof HERE>) {
  const clock = new ManualClock()
  const asked: string[] = []
  const lookups = new NameLookups((name) => {
    asked.push(name)
    return name.startsWith('hangs') ? new Promise(() => undefined) : answers(name)
  }, clock)
  return { clock, asked, lookups }
}

test('asks once for all who want a name at the same time, and not again while the addresses are new', async () => {
  const { clock, asked, lookups } = lookupsOf(() => Promise.resolve(HERE))
  const found = await Promise.all([lookups.find('ads.example.com'), lookups.find('ads.example.com')])
  clock.advance(FRESH_MS - 1)
  expect([...found, await lookups.find('ads.example.com')]).toEqual([HERE, HERE, HERE])
  expect(asked).toEqual(['ads.example.com'])
})

test('uses what it has while it asks anew, and while nobody answers', async () => {
  let answer: () => Promise<typeof HERE> = () => Promise.resolve(HERE)
  const { clock, asked, lookups } = lookupsOf(() => answer())
  await lookups.find('ads.example.com')
  answer = () => Promise.reject(new Error('no name server'))
  clock.advance(FRESH_MS)
  expect(await lookups.find('ads.example.com')).toEqual(HERE)
  expect(await lookups.find('ads.example.com')).toEqual(HERE)
  expect(asked).toHaveLength(2)
  answer = () => Promise.resolve(THERE)
  clock.advance(FAILED_MS)
  expect(await lookups.find('ads.example.com')).toEqual(HERE)
  expect(await lookups.find('ads.example.com')).toEqual(THERE)
  answer = () => Promise.reject(new Error('no name server'))
  clock.advance(USABLE_MS)
  await expect(lookups.find('ads.example.com')).rejects.toThrow('no name server')
})

test('remembers for a moment that a name is not there', async () => {
  const { clock, asked, lookups } = lookupsOf(() => Promise.reject(new Error('ENOTFOUND')))
  for (let i = 0; i < 100; i++) await expect(lookups.find('gone.example.com')).rejects.toThrow('ENOTFOUND')
  expect(asked).toHaveLength(1)
  clock.advance(FAILED_MS)
  await expect(lookups.find('gone.example.com')).rejects.toThrow('ENOTFOUND')
  expect(asked).toHaveLength(2)
})

test('bounds look-ups that hang in number and in time, while known names stay usable', async () => {
  const { clock, asked, lookups } = lookupsOf(() => Promise.resolve(HERE))
  await lookups.find('known.example.com')
  const hanging = Array.from({ length: 1030 }, (_, index) => lookups.find(`hangs${index}.example.com`))
  const outcomes = Promise.allSettled(hanging)
  expect(asked).toHaveLength(1 + MAX_AT_ONCE)
  expect(await lookups.find('known.example.com')).toEqual(HERE)
  clock.advance(LOOKUP_TIMEOUT_MS)
  const codes = (await outcomes).map((each) =>
    each.status === 'rejected' ? (each.reason as { code: string }).code : '',
  )
  expect(codes.filter((code) => code === 'TIMEOUT')).toHaveLength(1024)
  expect(codes.filter((code) => code === 'TOO_BUSY')).toHaveLength(6)
  expect(lookups.counts).toEqual({ begun: 1 + MAX_AT_ONCE, failed: 0, timedOut: 1024, refused: 6 })
  // The system is still at it: asking again would not end sooner.
  await expect(lookups.find('hangs0.example.com')).rejects.toMatchObject({ code: 'TIMEOUT' })
  expect(asked).toHaveLength(1 + MAX_AT_ONCE)
  expect(clock.pendingTimers).toBe(0)
})
