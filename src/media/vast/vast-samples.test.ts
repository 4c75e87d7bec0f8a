import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { AD_SERVER, resolve } from './ad-server-fixture.ts'
import { chooseMedia } from './choose-media.ts'

/** Sample documents of the IAB Tech Lab, which may not be passed on: they are read where they lie beside the project. */
const SAMPLES = new URL('../../../../shared/reference/vast-samples/', import.meta.url)
const NAMES = existsSync(SAMPLES)
  ? readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.xml'))
  : []

function resolveSample(name: string): ReturnType<typeof resolve>['resolution'] {
  return resolve({ [AD_SERVER]: { kind: 'body', body: readFileSync(new URL(name, SAMPLES)) } }).resolution
}

test('finds 75 samples where there are samples at all', () => {
  expect([0, 75]).toContain(NAMES.length)
})

describe.runIf(NAMES.length > 0)('samples of the IAB', () => {
  test.each(NAMES)('reads %s', (name) => {
    const { slots, failures } = resolveSample(name)
    const reasons = failures.map(({ reason }) => reason)
    if (/vast1[A-Z]/.test(name)) expect(reasons).toEqual(['version-unsupported'])
    else if (/wrapper/i.test(name) && !name.includes('No_Wrapper')) expect(reasons).toEqual(['unreachable'])
    else if (/non-?linear/i.test(name) && !name.includes('Verification'))
      expect(new Set(reasons)).toEqual(new Set(['no-linear']))
    else if (!name.includes('Viewable_Impression')) expect(slots.length + failures.length).toBe(1)
  })

  test('finds an ad that can be transcoded in each document with linear video', () => {
    const playable = NAMES.filter((name) =>
      resolveSample(name).slots.some(
        ({ ad }) => ad && chooseMedia(ad, { prefersStreaming: false, topBitrateBps: 1_000_000 }),
      ),
    )
    expect(playable).toHaveLength(46)
  })
})
