/**
 * Where the packager puts sound.
 */
import { describe, expect, test } from 'vitest'
import { SAMPLE_AUDIO, SMALL_VIDEO } from '../../test/harness/media/sample-tracks.ts'
import { tagsIn } from '../../test/harness/media/tagged-units.ts'
import {
  FRAME_TICKS,
  LOW,
  picture,
  SECOND_TICKS,
  setUpStream,
  SOUND,
  sound,
  SOURCE,
} from '../../test/harness/stream-packager-fixture.ts'
import { AUDIO_ONLY_RUNG, type Rung, SOURCE_RUNG } from '../domain/ladder.ts'

describe('sound', () => {
  test('goes into the part of its time, and into the next when it is late; none is lost', () => {
    const { packager, rendition } = setUpStream([SOURCE])
    packager.source.onTrack(SAMPLE_AUDIO)
    let frame = 0
    for (let i = 0; i < 100; i++) {
      packager.source.onUnit(picture(i, i % 60 === 0))
      // A tenth of a second behind the pictures.
      while (frame * 1920 < (i - 3) * FRAME_TICKS) packager.source.onUnit(sound(frame++))
    }
    const parts = rendition(SOURCE_RUNG)
      .segments()
      .flatMap((segment) => segment.parts)
    const heard = parts.map((part) => tagsIn(part.body).filter((tag) => tag.kind === 'audio').length)
    expect(heard.reduce((sum, count) => sum + count, 0)).toBe(Math.ceil((86 * FRAME_TICKS) / 1920))
    const [late] = tagsIn(parts[6]?.body ?? Buffer.alloc(0)).filter((tag) => tag.kind === 'audio')
    expect(late?.dtsTicks).toBeLessThan(2 * SECOND_TICKS)
  })

  test('that comes ahead of its pictures waits for them', () => {
    const { packager, rendition, send } = setUpStream([SOURCE])
    packager.source.onTrack(SAMPLE_AUDIO)
    packager.source.onUnit(picture(0, true))
    for (let frame = 0; frame < 60; frame++) packager.source.onUnit(sound(frame))
    send(SOURCE_RUNG, 1, 61)
    const [first] = rendition(SOURCE_RUNG).find(0)?.parts ?? []
    const frames = tagsIn(first?.body ?? Buffer.alloc(0)).filter((tag) => tag.kind === 'audio')
    expect(frames.at(-1)?.dtsTicks).toBeLessThan(10 * FRAME_TICKS)
  })

  test('of a time that the plan leaves out is left out too, as far as it does not reach past it', () => {
    const own: Rung = { ...LOW, audio: { kind: 'transcode', bitrateBps: 64_000 } }
    const { packager, send, begin, rendition } = setUpStream([SOURCE, own])
    packager.source.onTrack(SAMPLE_AUDIO)
    begin('low', SMALL_VIDEO)
    const low = packager.rungSink('low')
    low.onTrack(SAMPLE_AUDIO)
    send(SOURCE_RUNG, 0, 70)
    send('low', 0, 70)
    // A hole, then pictures that cannot be decoded until the next keyframe; the sound goes on.
    send(SOURCE_RUNG, 310, 380)
    for (let at = 0; at < 630; at++) low.onUnit(sound(at))
    send('low', 310, 380)
    const [first] = tagsIn(rendition('low').segments().at(-1)?.parts[0]?.body ?? Buffer.alloc(0)).filter(
      (tag) => tag.kind === 'audio',
    )
    expect(first?.dtsTicks).toBe(Math.floor((360 * FRAME_TICKS) / 1920) * 1920)
  })

  test('as a rung of its own costs nothing before a viewer is told of it, and agrees with the others from then on', () => {
    const { packager, rendition, send } = setUpStream([SOURCE, SOUND])
    packager.source.onTrack(SAMPLE_AUDIO)
    const both = (from: number, to: number): void => {
      for (let i = from; i < to; i++) {
        send(SOURCE_RUNG, i, i + 1)
        for (let at = Math.ceil((i * 3000) / 1920); at * 1920 < (i + 1) * 3000; at++) {
          packager.source.onUnit(sound(at))
        }
      }
    }
    both(0, 150)
    const only = rendition(AUDIO_ONLY_RUNG)
    expect(only.segments()).toEqual([])
    expect(only.description()).toMatchObject({ codecs: ['mp4a.40.2'], width: undefined })
    only.want()
    both(150, 320)
    expect(only.segments().map(({ msn, durationTicks }) => [msn, durationTicks])).toEqual([
      [3, 180_000],
      [4, 180_000],
      [5, 30_000],
    ])
    expect(only.find(3)?.programDateTimeMs).toBe(rendition(SOURCE_RUNG).find(3)?.programDateTimeMs)
  })

  test('alone has segments as long as the others, also when one ends within a frame of it', () => {
    const { packager, rendition } = setUpStream([SOURCE, SOUND])
    packager.source.onTrack(SAMPLE_AUDIO)
    rendition(AUDIO_ONLY_RUNG).want()
    // Sixty pictures a second; the segment of 101 ends in a part of one, in which no frame of sound begins.
    const keyframes = new Set([0, 120, 221, 341, 461])
    let frame = 0
    for (let at = 0; at < 480; at++) {
      const ticks = at * (FRAME_TICKS / 2)
      packager.source.onUnit({ ...picture(0, keyframes.has(at)), dtsTicks: ticks, ptsTicks: ticks })
      for (; frame * 1920 + 1400 <= ticks; frame++) {
        const soundTicks = frame * 1920 + 1400
        packager.source.onUnit({ ...sound(frame), dtsTicks: soundTicks, ptsTicks: soundTicks })
      }
    }
    const lengths = (name: string): readonly (readonly number[])[] =>
      rendition(name)
        .segments()
        .filter(({ complete }) => complete)
        .map(({ msn, durationTicks }) => [msn, durationTicks])
    expect(lengths(SOURCE_RUNG)).toContainEqual([1, 151_500])
    expect(lengths(AUDIO_ONLY_RUNG)).toEqual(lengths(SOURCE_RUNG))
  })
})
