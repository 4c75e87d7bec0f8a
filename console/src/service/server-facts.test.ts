import { expect, test } from 'vitest'
import { NO_SERVER_FACTS, parseServerFacts } from './server-facts.ts'

test('takes the addresses and the version', () => {
  const facts = {
    rtmpUrl: 'rtmp://127.0.0.1:1935/app',
    rtmpsUrl: 'rtmps://127.0.0.1:8443/app',
    version: '0.1.0',
    adServerUrl: 'http://127.0.0.1:40000/',
  }
  expect(parseServerFacts(facts)).toEqual(facts)
})

test('leaves out what is missing, empty or of another type', () => {
  expect(parseServerFacts({ rtmpUrl: '', rtmpsUrl: 8443, other: true, adServerUrl: 'javascript:x' })).toEqual(
    NO_SERVER_FACTS,
  )
})

test.each([null, undefined, 'text', 7, []])('gives no facts for %j', (json) => {
  expect(parseServerFacts(json)).toEqual(NO_SERVER_FACTS)
})
