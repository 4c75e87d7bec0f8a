import { expect, test, vi } from 'vitest'
import { ManualClock } from '../../base/manual-clock.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import { AdSources, chooseConfiguration, type ChannelAds } from './ad-sources.ts'
import { testSettings } from './decision-fixture.ts'

const ADS: ChannelAds = {
  configurations: [testSettings({ configurationName: 'one' }), testSettings({ configurationName: 'two' })],
  postRoll: { enabled: false, durationSeconds: 15 },
}

const named = (): Promise<AdSettings | undefined> => Promise.resolve(undefined)

test('asks the store once a second for a channel', async () => {
  const clock = new ManualClock()
  const of = vi.fn(() => Promise.resolve(ADS))
  const sources = new AdSources({ of, named }, clock)
  await Promise.all([sources.of('a', 'x'), sources.of('a', 'x')])
  clock.advance(999)
  await sources.of('a', 'x')
  expect(of).toHaveBeenCalledTimes(1)
  await sources.of('a', 'y')
  clock.advance(1)
  await sources.of('a', 'x')
  expect(of).toHaveBeenCalledTimes(3)
})

test('asks again at once after a failure', async () => {
  const of = vi
    .fn(() => Promise.resolve<ChannelAds | undefined>(ADS))
    .mockRejectedValueOnce(new Error('down'))
  const sources = new AdSources({ of, named }, new ManualClock())
  await expect(sources.of('a', 'x')).rejects.toThrow('down')
  await expect(sources.of('a', 'x')).resolves.toBe(ADS)
})

test.each([
  ['two', 'two', false],
  [undefined, 'one', false],
  ['three', 'one', true],
])('for the name %s in a token takes configuration %s (ssai §1.5)', (name, expected, isNameUnknown) => {
  const chosen = chooseConfiguration(ADS, name)
  expect([chosen.settings?.configurationName, chosen.isNameUnknown]).toEqual([expected, isNameUnknown])
})
