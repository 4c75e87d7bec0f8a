import { expect, test } from 'vitest'
import { newStreamKey } from './stream-key-rules.ts'

test('a new key names its region, its channel and nothing else in its secret', () => {
  const birth = { region: 'eu-west-1', accountId: '123456789012', nowMs: 42 }
  const key = newStreamKey(birth, 'channel-arn', { a: 'b' })
  expect(key.arn).toMatch(/^arn:aws:ivs:eu-west-1:123456789012:stream-key\/[a-zA-Z0-9]{12}$/)
  expect(key.value).toMatch(/^sk_eu-west-1_[a-zA-Z0-9]{24}$/)
  expect(key).toMatchObject({
    accountId: '123456789012',
    channelArn: 'channel-arn',
    tags: { a: 'b' },
    createdAtMs: 42,
  })
})
