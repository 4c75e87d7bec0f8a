import { expect, test } from 'vitest'
import { planLadder } from '../domain/ladder-policy.ts'
import { encodedTracks, sheddableRung, trackName, withoutRung } from './encoded-track.ts'

const FULL_HD = { width: 1920, height: 1080, frameRate: 30, hasAudio: true } as const

test('every picture is encoded once, and sound once for each bitrate', () => {
  const rungs = planLadder({ ...FULL_HD, type: 'ADVANCED_HD', preset: '' })
  expect(encodedTracks(rungs).map(trackName)).toEqual([
    ...['720p30', '480p30', '360p30', '160p30'],
    ...['audio 128000', 'audio 64000', 'audio 48000'],
  ])
  expect(encodedTracks(rungs).find((track) => trackName(track) === 'audio 64000')).toMatchObject({
    rungs: ['360p30', 'audio_only'],
  })
})

test('what is passed through is not encoded', () => {
  const rungs = planLadder({ ...FULL_HD, type: 'STANDARD', preset: '' })
  expect(encodedTracks(rungs).map(trackName)).toEqual([
    ...['720p30', '480p30', '360p30', '160p30'],
    ...['audio 64000', 'audio 48000'],
  ])
})

test('rungs are shed from the best one down to the last but one', () => {
  let rungs = planLadder({ ...FULL_HD, type: 'STANDARD', preset: '' })
  const shed: string[] = []
  for (let choice = sheddableRung(rungs); choice; choice = sheddableRung(rungs)) {
    shed.push(`${choice.shed} shows ${choice.instead}`)
    rungs = withoutRung(rungs, choice.shed)
  }
  expect(shed).toEqual(['720p30 shows 480p30', '480p30 shows 360p30', '360p30 shows 160p30'])
})
