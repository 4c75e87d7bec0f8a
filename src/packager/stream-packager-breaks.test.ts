/**
 * Discontinuities of a ladder: the same in every rung.
 */
import { describe, expect, test } from 'vitest'
import {
  MONO_AUDIO,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
} from '../../test/harness/media/sample-tracks.ts'
import { LOW, picture, pictures, setUpStream, SOURCE } from '../../test/harness/stream-packager-fixture.ts'
import { SOURCE_RUNG } from '../domain/ladder.ts'

describe('breaks', () => {
  test('that the transcoder asks for are at the same place in every rung', () => {
    const { packager, send, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 70)
    send('low', 0, 65)
    packager.discontinue()
    send(SOURCE_RUNG, 70, 190)
    send('low', 65, 190)
    const expected = ['0: 0 to 59', '1: 60 to 119', '2: 120 to 179 after a break', '3: 180 to 189']
    expect(pictures(rendition('low')).slice(0, 3)).toEqual(expected.slice(0, 3))
    expect(pictures(rendition(SOURCE_RUNG)).slice(0, 3)).toEqual(expected.slice(0, 3))
  })

  test('a redirected rung shows the other one from the next segment on', () => {
    const { packager, send, begin, rendition } = setUpStream()
    begin('high', SAMPLE_VIDEO)
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 70)
    send('high', 0, 66)
    send('low', 0, 66)
    packager.redirect('high', 'low')
    expect(rendition('high').listing).toBe('never')
    send(SOURCE_RUNG, 70, 200)
    send('high', 66, 120)
    send('low', 66, 195)
    expect(pictures(rendition('high'))).toEqual(pictures(rendition('low')))
    expect(pictures(rendition('high'))).toEqual([
      '0: 0 to 59',
      '1: 60 to 119',
      '2: 120 to 179 after a break',
      '3: 180 to 189',
    ])
    expect(rendition('high').description()).toMatchObject({ width: 64, height: 64 })
    expect(rendition('high').find(2)?.init?.id).toBe(1)
    expect(rendition('low').find(2)?.init?.id).toBe(0)
  })

  test('a rung that gets its own pictures back shows them from the next segment on, and is offered again then', () => {
    const { packager, send, begin, rendition } = setUpStream()
    begin('high', SAMPLE_VIDEO)
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 70)
    send('high', 0, 66)
    send('low', 0, 66)
    packager.redirect('high', 'low')
    send(SOURCE_RUNG, 70, 190)
    send('low', 66, 186)
    packager.redirect('high', 'high')
    expect(rendition('high').listing).toBe('never')
    send(SOURCE_RUNG, 190, 310)
    send('low', 186, 305)
    // The child that makes it again begins before the segment does.
    send('high', 180, 305)
    expect(rendition('high').listing).toBe('always')
    const expected = ['2: 120 to 179 after a break', '3: 180 to 239', '4: 240 to 299 after a break']
    for (const name of ['high', 'low']) {
      const shown = pictures(rendition(name)).filter((text) => Number.parseInt(text) >= 2)
      expect(shown.slice(0, 3), name).toEqual(expected)
    }
    expect(rendition('high').description()).toMatchObject({ width: 320, height: 180 })
    expect([3, 4].map((msn) => rendition('high').find(msn)?.init?.id)).toEqual([1, 2])
  })

  test('a rung that is redirected before anything is cut shows the other one from the beginning', () => {
    const { packager, send, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    packager.redirect('high', 'low')
    send(SOURCE_RUNG, 0, 130)
    send('low', 0, 125)
    expect(pictures(rendition('high'))).toEqual(['0: 0 to 59', '1: 60 to 119'])
    expect(rendition('high').find(0)?.discontinuity).toBe(false)
  })

  test('parameters that change on one rung without a break get one, in every rung', () => {
    const { send, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 130)
    send('low', 0, 120)
    begin('low', SAMPLE_VIDEO)
    send('low', 120, 131)
    send(SOURCE_RUNG, 130, 260)
    send('low', 131, 260)
    expect(pictures(rendition('low'))).toEqual([
      '0: 0 to 59',
      '1: 60 to 119',
      '2: gap',
      '3: 180 to 239 after a break',
      '4: 240 to 249',
    ])
    expect(rendition(SOURCE_RUNG).find(3)?.discontinuity).toBe(true)
    expect(rendition(SOURCE_RUNG).find(4)?.discontinuity).toBe(false)
  })

  test('a source that changes begins a segment at its next keyframe also where the ladder has keyframes of its own', () => {
    const { packager, begin, rendition } = setUpStream([LOW], 'own')
    const low = packager.rungSink('low')
    begin('low', SMALL_VIDEO)
    for (let frame = 0; frame < 200; frame++) {
      if (frame === 90) {
        packager.source.onTrack(SMALL_VIDEO)
        begin('low', SAMPLE_VIDEO)
      }
      packager.source.onUnit(picture(frame, frame % 90 === 0))
      low.onUnit(picture(frame, frame % 60 === 0 || frame === 90))
    }
    expect(pictures(rendition('low'))).toEqual([
      '0: 0 to 59',
      '1: 60 to 89',
      '2: 90 to 119 after a break',
      '3: 120 to 179',
      '4: 180 to 189',
    ])
  })

  test('sound with other parameters waits for the break', () => {
    const { packager, rendition, send } = setUpStream([SOURCE])
    packager.source.onTrack(SAMPLE_AUDIO)
    send(SOURCE_RUNG, 0, 70)
    packager.source.onTrack(MONO_AUDIO)
    send(SOURCE_RUNG, 70, 200)
    expect(rendition(SOURCE_RUNG).find(1)?.init?.id).toBe(0)
    expect(rendition(SOURCE_RUNG).find(2)).toMatchObject({ discontinuity: true, init: { id: 1 } })
  })
})
