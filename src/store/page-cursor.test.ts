import { expect, test } from 'vitest'
import { readCursor, toPage } from './page-cursor.ts'

const item = (createdAtMs: number) => ({ createdAtMs, arn: `arn-${createdAtMs}` })

test('a page with more behind it points after its last item', () => {
  const page = toPage([item(1), item(2), item(3)], { after: undefined, limit: 2 })
  expect(page).toEqual({ items: [item(1), item(2)], next: '2 arn-2' })
  expect(readCursor({ after: page.next, limit: 2 })).toEqual(item(2))
})

test('a page with nothing behind it points nowhere', () => {
  expect(toPage([item(1), item(2)], { after: undefined, limit: 2 }).next).toBeUndefined()
  expect(toPage([], { after: undefined, limit: 2 })).toEqual({ items: [], next: undefined })
})

test.each(['', 'x', '1', '-1 arn', '1e9 arn', '99999999999999999999 arn'])(
  'refuses the cursor "%s"',
  (after) => {
    expect(() => readCursor({ after, limit: 1 })).toThrow(expect.objectContaining({ code: 'VALIDATION' }))
  },
)
