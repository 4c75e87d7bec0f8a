import { afterEach, expect, test } from 'vitest'
import { TEST_PROFILE, TestLibrary } from '../../ads/decision/decision-fixture.ts'
import { ManualClock } from '../../base/manual-clock.ts'
import { LOOK_MS, warmCreatives } from './warm-creatives.ts'

const CREATIVES = ['a', 'b'].map((creativeId) => ({ creativeId, url: `http://127.0.0.1/${creativeId}` }))

let stop: () => void = () => undefined
afterEach(() => stop())

test('creatives are wanted once the stream is live and each is made, as VAST names them', async () => {
  const clock = new ManualClock()
  const library = new TestLibrary({})
  const made = new Set<string>()
  let isLive = false
  stop = warmCreatives({
    creatives: CREATIVES,
    library,
    profile: () => (isLive ? TEST_PROFILE : undefined),
    isMade: (url) => Promise.resolve(made.has(url)),
    clock,
  })
  const wantedAfterLook = async (): Promise<readonly string[]> => {
    clock.advance(LOOK_MS)
    await new Promise((resolve) => setImmediate(resolve))
    return library.asked.splice(0).map(({ creativeId }) => creativeId)
  }
  made.add(CREATIVES[0]!.url)
  expect(await wantedAfterLook()).toEqual([])
  isLive = true
  expect(await wantedAfterLook()).toEqual(['a'])
  made.add(CREATIVES[1]!.url)
  expect(await wantedAfterLook()).toEqual(['a', 'b'])
  stop()
  expect(await wantedAfterLook()).toEqual([])
  expect(clock.pendingTimers).toBe(0)
})
