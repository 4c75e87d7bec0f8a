import { describe, expect, test } from 'vitest'
import { SAMPLE_VIDEO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import {
  LOW,
  newPackager,
  picture,
  pictures,
  SECOND_TICKS,
  setUpStream,
  SOURCE,
  TRANSCODED,
} from '../../test/harness/stream-packager-fixture.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { type Rung, SOURCE_RUNG } from '../domain/ladder.ts'

describe('a transcoded rung', () => {
  test('is cut where the source is, whenever its pictures come', () => {
    const { send, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 140)
    expect(rendition('low').segments()).toEqual([])
    send('low', 0, 131)
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 59', '1: 60 to 119', '2: 120 to 129'])
  })

  test('has a part closed with its last picture, before the next one comes', () => {
    const { send, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 80)
    send('low', 0, 69)
    expect(rendition('low').find(1)).toBeUndefined()
    send('low', 69, 70)
    expect(rendition('low').find(1)?.parts).toHaveLength(1)
  })

  test('of every second picture closes its part with the last picture that it has', () => {
    const half: Rung = { ...LOW, video: { ...TRANSCODED, keepEvery: 2, frameRate: 15 } }
    const { packager, send, begin, rendition } = setUpStream([SOURCE, half])
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 80)
    const sink = packager.rungSink('low')
    for (let frame = 0; frame < 70; frame += 2) sink.onUnit(picture(frame, frame % 60 === 0))
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 58', '1: 60 to 68'])
    expect(rendition('low').description()?.frameRate).toBe(15)
    expect(rendition('low').find(1)?.durationTicks).toBe(rendition(SOURCE_RUNG).find(1)?.durationTicks)
  })

  test('ends a segment early when the rest of it is missing, lists what it missed as gaps, and goes on at a keyframe', () => {
    const { sendBoth, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    sendBoth(400, (frame) => frame < 80 || frame >= 200)
    expect(pictures(rendition('low'))).toEqual([
      '0: 0 to 59',
      '1: 60 to 79',
      '2: gap',
      '3: gap',
      '4: 240 to 299',
      '5: 300 to 359',
      '6: 360 to 389',
    ])
    expect(rendition('low').find(1)?.complete).toBe(true)
    expect(rendition('low').find(2)?.durationTicks).toBe(2 * SECOND_TICKS)
    expect(rendition('low').totalTicks()).toBe(rendition(SOURCE_RUNG).totalTicks())
  })

  test('that misses only the first pictures of a segment lists it as a gap, since it would begin at another time than others', () => {
    const { sendBoth, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    sendBoth(260, (frame) => frame < 117 || frame >= 125)
    expect(pictures(rendition('low'))).toEqual([
      '0: 0 to 59',
      '1: 60 to 116',
      '2: gap',
      '3: 180 to 239',
      '4: 240 to 249',
    ])
  })

  test('that stays away is listed as gaps once the source is five seconds ahead, so that players notice', () => {
    const { send, sendBoth, begin, rendition } = setUpStream()
    begin('low', SMALL_VIDEO)
    sendBoth(260, (frame) => frame < 121)
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 59', '1: 60 to 119'])
    send(SOURCE_RUNG, 260, 420)
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 59', '1: 60 to 119', '2: 120 to 120', '3: gap'])
  })
})

describe('the beginning and the end', () => {
  test('what comes before the ladder is known is not lost', () => {
    const packager = newPackager({ clock: new ManualClock() })
    packager.source.onTrack(SAMPLE_VIDEO)
    for (let frame = 0; frame < 70; frame++) packager.source.onUnit(picture(frame, frame % 60 === 0))
    packager.setLadder([SOURCE], 'source')
    expect(packager.media.renditions.map((rendition) => pictures(rendition))).toEqual([['0: 0 to 59']])
  })

  test('a stream is playable when every rung has a segment, or two seconds after the first one has', () => {
    const { clock, packager, send, begin, heard } = setUpStream()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 61)
    send('low', 0, 61)
    expect(heard.playable).toBe(0)
    clock.advance(1999)
    expect(heard.playable).toBe(0)
    clock.advance(1)
    expect(heard.playable).toBe(1)
    expect(packager.media.renditions.map(({ name }) => name)).toEqual([SOURCE_RUNG, 'low'])
    begin('high', SAMPLE_VIDEO)
    send('high', 0, 61)
    expect(packager.media.renditions.map(({ name }) => name)).toEqual([SOURCE_RUNG, 'high', 'low'])
    expect(heard.playable).toBe(1)
  })

  test('a transcoded rung ends with what comes after the end of the source, within two seconds', () => {
    const { clock, packager, send, begin, rendition, heard } = setUpStream()
    begin('low', SMALL_VIDEO)
    begin('high', SAMPLE_VIDEO)
    send(SOURCE_RUNG, 0, 100)
    send('low', 0, 90)
    packager.source.onEnd()
    expect(heard.ended).toBe(1)
    expect(rendition(SOURCE_RUNG).ended()).toBe(true)
    expect(rendition('low').ended()).toBe(false)
    send('low', 90, 100)
    packager.rungSink('low').onEnd()
    expect(rendition('low').ended()).toBe(true)
    expect(pictures(rendition('low'))).toEqual(pictures(rendition(SOURCE_RUNG)))
    expect(rendition('high').ended()).toBe(false)
    clock.advance(2000)
    expect(rendition('high').ended()).toBe(true)
  })
})
