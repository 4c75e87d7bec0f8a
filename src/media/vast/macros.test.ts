import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillMacros } from './macros.ts'
import type { MacroFacts } from './macros.ts'

const FACTS: MacroFacts = {
  nowMs: Date.UTC(2026, 10, 22, 21, 59, 58, 7),
  random: 0.00042,
  errorCode: 407,
  mediaPlayheadMs: 3_723_004,
  adPlayheadMs: 5000,
  assetUri: 'http://media.test/a b.mp4?x=1',
  breakPosition: 2,
  podSequence: 1,
  isServerSide: true,
  deviceUserAgent: 'Viewer/1.0 (x)',
  deviceIp: '2001:db8::1',
}

test.each([
  ['[ERRORCODE]', '407'],
  ['[CACHEBUSTING]', '00042000'],
  ['[RANDOM]', '00042000'],
  ['[TIMESTAMP]', '2026-11-22T21%3A59%3A58.007Z'],
  ['[MEDIAPLAYHEAD]', '01%3A02%3A03.004'],
  ['[CONTENTPLAYHEAD]', '01%3A02%3A03.004'],
  ['[ADPLAYHEAD]', '00%3A00%3A05.000'],
  ['[ASSETURI]', 'http%3A%2F%2Fmedia.test%2Fa%20b.mp4%3Fx%3D1'],
  ['[BREAKPOSITION]', '2'],
  ['[PODSEQUENCE]', '1'],
  ['[SERVERSIDE]', '1'],
  ['[DEVICEUA]', 'Viewer%2F1.0%20(x)'],
  ['[CLIENTUA]', 'Viewer%2F1.0%20(x)'],
  ['[DEVICEIP]', '2001%3Adb8%3A%3A1'],
  ['[MEDIAMIME]', 'video%2Fmp4'],
])('fills %s with %s (VAST 4.3 §6)', (macro, value) => {
  expect(fillMacros(`http://ads.test/?a=${macro}&b=${macro}`, FACTS)).toBe(
    `http://ads.test/?a=${value}&b=${value}`,
  )
})

test.each(['[errorcode]', '%5BERRORCODE%5D', '%5bErrorCode%5d', '%%ERRORCODE%%'])(
  'knows the form %s',
  (macro) => {
    expect(fillMacros(`http://ads.test/${macro}`, FACTS)).toBe('http://ads.test/407')
  },
)

test.each(['[IFA]', '[NOSUCHMACRO]', '[]', '[x y]', '[constructor]', '%%RANDOM', '%5B%5D', '[ADSERVINGID]'])(
  'leaves %s as it is',
  (text) => {
    expect(fillMacros(`http://ads.test/?a=${text}`, FACTS)).toBe(`http://ads.test/?a=${text}`)
  },
)

test('leaves macros as they are whose value is not known', () => {
  expect(fillMacros('http://a/[CACHEBUSTING][TIMESTAMP][ERRORCODE]', { errorCode: 900 })).toBe(
    'http://a/[CACHEBUSTING][TIMESTAMP]900',
  )
})

test('fills a value once: what it holds is never taken for a macro', () => {
  expect(fillMacros('http://a/[ASSETURI]', { assetUri: '[ERRORCODE]', errorCode: 1 })).toBe(
    'http://a/%5BERRORCODE%5D',
  )
})

test('never throws, and leaves text without brackets and percent signs alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const filled = fillMacros(text, FACTS)
      return /[[%]/.test(text) || filled === text
    }),
  )
})
