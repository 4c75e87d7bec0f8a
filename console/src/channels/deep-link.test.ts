import { describe, expect, test } from 'vitest'
import { channelLabel, hashFor, pickChannel, wantedChannel } from './deep-link.ts'

const first = { arn: 'arn:aws:ivs:us-west-2:000000000000:channel/AAAAAAAAAAAA', name: 'first' }
const demo = { arn: 'arn:aws:ivs:us-west-2:000000000000:channel/BBBBBBBBBBBB', name: 'demo' }
const nameless = { arn: 'arn:aws:ivs:us-west-2:000000000000:channel/CCCCCCCCCCCC', name: '' }
const twin = { arn: 'arn:aws:ivs:us-west-2:000000000000:channel/DDDDDDDDDDDD', name: 'first' }

describe('wantedChannel', () => {
  test.each([
    ['', undefined],
    ['#', undefined],
    ['#channel=', undefined],
    ['#channel=demo', 'demo'],
    ['#channel=my%20show', 'my show'],
    [`#channel=${demo.arn}`, demo.arn],
    ['#other=1', undefined],
  ])('reads "%s" as %s', (hash, wanted) => {
    expect(wantedChannel(hash)).toBe(wanted)
  })
})

describe('pickChannel', () => {
  test('prefers the channel the address asks for, by name or ARN', () => {
    expect(pickChannel('first', [demo, first])).toBe(first)
    expect(pickChannel(first.arn, [demo, first])).toBe(first)
  })

  test('takes the demo without a wish, and the first channel when there is no demo', () => {
    expect(pickChannel(undefined, [first, demo])).toBe(demo)
    expect(pickChannel(undefined, [first, nameless])).toBe(first)
  })

  test('does not fall back to another channel when the wanted one is not there', () => {
    expect(pickChannel('gone', [demo, first])).toBeUndefined()
  })

  test('finds nothing in an empty list', () => {
    expect(pickChannel(undefined, [])).toBeUndefined()
  })
})

describe('hashFor', () => {
  test('uses the name, and the ARN where a name is missing or shared', () => {
    expect(hashFor(demo, [first, demo])).toBe('#channel=demo')
    expect(hashFor(nameless, [nameless])).toBe(`#channel=${nameless.arn}`)
    expect(hashFor(twin, [first, twin])).toBe(`#channel=${twin.arn}`)
  })

  test('leads back to the same channel', () => {
    for (const channel of [first, demo, nameless, twin]) {
      const all = [first, demo, nameless, twin]
      expect(pickChannel(wantedChannel(hashFor(channel, all)), all)).toBe(channel)
    }
  })
})

test('a channel without a name is called by its id', () => {
  expect(channelLabel(nameless)).toBe('CCCCCCCCCCCC')
  expect(channelLabel(demo)).toBe('demo')
})
