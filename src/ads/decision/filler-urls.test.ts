import { expect, test } from 'vitest'
import { testSettings, testViewer } from './decision-fixture.ts'
import { withFilledFillers } from './filler-urls.ts'

const SETTINGS = testSettings({
  aliases: { 'player_params.land': { ch: 'swiss', de: 'german' } },
  slateUrl: 'https://cdn.example.com/[player_params.land]/slate.mp4',
  bumperStartUrl: 'https://cdn.example.com/in.mp4',
  bumperEndUrl: 'https://cdn.example.com/[player_params.other].mp4',
})

function filled(playerParams: Readonly<Record<string, string>>): readonly (string | undefined)[] {
  const { slateUrl, bumperStartUrl, bumperEndUrl } = withFilledFillers(
    SETTINGS,
    testViewer({ claims: { playerParams } }),
  )
  return [slateUrl, bumperStartUrl, bumperEndUrl]
}

test('slate and bumpers are those of the viewer’s aliases, and no others (ssai §3.2)', () => {
  const bumper = 'https://cdn.example.com/in.mp4'
  expect(filled({ land: 'ch', other: 'x' })).toEqual([
    'https://cdn.example.com/swiss/slate.mp4',
    bumper,
    undefined,
  ])
  expect(filled({ land: 'moon' })).toEqual([undefined, bumper, undefined])
  expect(filled({ land: 'constructor' })).toEqual([undefined, bumper, undefined])
})

test('settings without variables stay the same object, which templates are kept by', () => {
  const settings = testSettings({ slateUrl: 'https://cdn.example.com/slate.mp4' })
  expect(withFilledFillers(settings, testViewer())).toBe(settings)
})
