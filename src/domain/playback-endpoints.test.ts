import { expect, test } from 'vitest'
import { accountHash, contentSourcePrefix, playbackEndpoints } from './playback-endpoints.ts'

const identity = { publicUrl: 'https://live.example.com/video' }

test('the account shows in addresses as 40 hexadecimal digits, always the same', () => {
  expect(accountHash('123456789012')).toMatch(/^[0-9a-f]{40}$/)
  expect(accountHash('123456789012')).toBe(accountHash('123456789012'))
  expect(accountHash('123456789012')).not.toBe(accountHash('123456789013'))
})

test('addresses begin where the server is reached and end in a slash', () => {
  const hash = accountHash('1')
  expect(playbackEndpoints(identity, { accountId: '1', name: 'a b/c' })).toEqual({
    hls: `https://live.example.com/video/v1/master/${hash}/a%20b%2Fc/`,
    dash: `https://live.example.com/video/v1/dash/${hash}/a%20b%2Fc/`,
    session: `https://live.example.com/video/v1/session/${hash}/a%20b%2Fc/`,
  })
  expect(contentSourcePrefix(identity)).toBe('https://live.example.com/video/')
})
