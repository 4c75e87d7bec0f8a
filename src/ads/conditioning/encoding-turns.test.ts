import { expect, test } from 'vitest'
import { EncodingTurns } from './encoding-turns.ts'

test('so many have a turn at once, and a failure gives its turn on', async () => {
  const turns = new EncodingTurns(2)
  let [now, most] = [0, 0]
  const results = await Promise.allSettled(
    Array.from({ length: 7 }, (_, index) =>
      turns.take(async () => {
        most = Math.max(most, ++now)
        await Promise.resolve()
        now--
        if (index % 2 === 1) throw new Error('damaged')
        return index
      }),
    ),
  )
  expect(results.map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([
    0,
    'failed',
    2,
    'failed',
    4,
    'failed',
    6,
  ])
  expect(most).toBe(2)
})
