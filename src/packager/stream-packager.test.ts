import { describe, expect, test } from 'vitest'
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import {
  AUDIO_ONLY_RUNG,
  SOURCE_RUNG,
  type KeyframePlan,
  type Rung,
  type RungVideo,
} from '../domain/ladder.ts'
import type { LiveRendition } from '../domain/live.ts'
import type { AccessUnit, VideoTrack } from '../media/access-unit.ts'
import {
  MONO_AUDIO,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
} from '../../test/harness/media/sample-tracks.ts'
import { taggedUnit, tagsIn } from '../../test/harness/media/tagged-units.ts'
import { DropCounts } from '../domain/drops.ts'
import { StreamPackager } from './stream-packager.ts'

const FRAME_TICKS = 3000
const SECOND_TICKS = 90_000
const PASSTHROUGH = { kind: 'passthrough' } as const
const TRANSCODED: RungVideo = {
  kind: 'transcode',
  width: 64,
  height: 64,
  bitrateBps: 300_000,
  keepEvery: 1,
  frameRate: 30,
}
const SOURCE: Rung = { name: SOURCE_RUNG, displayName: '180p30', video: PASSTHROUGH, audio: PASSTHROUGH }
const HIGH: Rung = { name: 'high', displayName: 'high', video: TRANSCODED, audio: PASSTHROUGH }
const LOW: Rung = { name: 'low', displayName: 'low', video: TRANSCODED, audio: PASSTHROUGH }
const SOUND: Rung = {
  name: AUDIO_ONLY_RUNG,
  displayName: AUDIO_ONLY_RUNG,
  video: undefined,
  audio: PASSTHROUGH,
}

/** A stream of 30 pictures a second with a keyframe every two seconds, from media time zero. */
function setUp(rungs: readonly Rung[] = [SOURCE, HIGH, LOW], keyframes: KeyframePlan = 'source') {
  const clock = new ManualClock()
  const heard = { playable: 0, ended: 0 }
  const packager = new StreamPackager({
    drops: new DropCounts(),
    streamId: 'st-test',
    channel: {
      ...newChannel({ region: 'us-west-2', accountId: '123456789012', nowMs: 0 }, { type: 'STANDARD' }),
      containerFormat: 'FRAGMENTED_MP4',
    },
    segmentMs: 1000,
    partMs: 333,
    windowSeconds: 60,
    maxWindowBytes: 64 * 1024 * 1024,
    clock,
    logger: silentLogger,
    onPlayable: () => heard.playable++,
    onEnded: () => heard.ended++,
  })
  packager.source.onTrack(SAMPLE_VIDEO)
  packager.setLadder(rungs, keyframes)
  const rendition = (name: string): LiveRendition => {
    const found = packager.rendition(name)
    if (!found) throw new Error(`no rung ${name}`)
    return found
  }
  /** Sends pictures `from` to before `to` into `sink`. */
  const send = (name: string, from: number, to: number, interval = 60): void => {
    const sink = name === SOURCE_RUNG ? packager.source : packager.rungSink(name)
    for (let frame = from; frame < to; frame++) sink.onUnit(picture(frame, frame % interval === 0))
  }
  /** Sends pictures of the source, and those of `low` that `isMade`, ten at a time. */
  const sendBoth = (to: number, isMade: (frame: number) => boolean): void => {
    for (let from = 0; from < to; from += 10) {
      send(SOURCE_RUNG, from, from + 10)
      for (let frame = from; frame < from + 10; frame++) if (isMade(frame)) send('low', frame, frame + 1)
    }
  }
  const begin = (name: string, track: VideoTrack): void => packager.rungSink(name).onTrack(track)
  return { clock, packager, heard, rendition, send, sendBoth, begin }
}

function picture(frame: number, keyframe: boolean): AccessUnit {
  const ticks = frame * FRAME_TICKS
  return taggedUnit({ kind: 'video', dtsTicks: ticks, ptsTicks: ticks, keyframe })
}

function sound(frame: number): AccessUnit {
  const ticks = frame * 1920
  return taggedUnit({ kind: 'audio', dtsTicks: ticks, ptsTicks: ticks, keyframe: true })
}

/** Number, discontinuity mark and times of the first and last picture of each segment, in frames. */
function pictures(rendition: LiveRendition): unknown[] {
  return rendition.segments().map((segment) => {
    const frames = segment.parts
      .flatMap((part) => tagsIn(part.body))
      .filter((tag) => tag.kind === 'video')
      .map((tag) => tag.dtsTicks / FRAME_TICKS)
    const mark = segment.discontinuity ? ' after a break' : ''
    return segment.gap
      ? `${segment.msn}: gap${mark}`
      : `${segment.msn}: ${frames[0]} to ${frames.at(-1)}${mark}`
  })
}

describe('a transcoded rung', () => {
  test('is cut where the source is, whenever its pictures come', () => {
    const { send, begin, rendition } = setUp()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 140)
    expect(rendition('low').segments()).toEqual([])
    send('low', 0, 131)
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 59', '1: 60 to 119', '2: 120 to 129'])
  })

  test('has a part closed with its last picture, before the next one comes', () => {
    const { send, begin, rendition } = setUp()
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 80)
    send('low', 0, 69)
    expect(rendition('low').find(1)).toBeUndefined()
    send('low', 69, 70)
    expect(rendition('low').find(1)?.parts).toHaveLength(1)
  })

  test('of every second picture closes its part with the last picture that it has', () => {
    const half: Rung = { ...LOW, video: { ...TRANSCODED, keepEvery: 2, frameRate: 15 } }
    const { packager, send, begin, rendition } = setUp([SOURCE, half])
    begin('low', SMALL_VIDEO)
    send(SOURCE_RUNG, 0, 80)
    const sink = packager.rungSink('low')
    for (let frame = 0; frame < 70; frame += 2) sink.onUnit(picture(frame, frame % 60 === 0))
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 58', '1: 60 to 68'])
    expect(rendition('low').description()?.frameRate).toBe(15)
    expect(rendition('low').find(1)?.durationTicks).toBe(rendition(SOURCE_RUNG).find(1)?.durationTicks)
  })

  test('ends a segment early when the rest of it is missing, lists what it missed as gaps, and goes on at a keyframe', () => {
    const { sendBoth, begin, rendition } = setUp()
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

  test('that stays away is listed as gaps once the source is five seconds ahead, so that players notice', () => {
    const { send, sendBoth, begin, rendition } = setUp()
    begin('low', SMALL_VIDEO)
    sendBoth(260, (frame) => frame < 121)
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 59', '1: 60 to 119'])
    send(SOURCE_RUNG, 260, 420)
    expect(pictures(rendition('low'))).toEqual(['0: 0 to 59', '1: 60 to 119', '2: 120 to 120', '3: gap'])
  })
})

describe('sound', () => {
  test('goes into the part of its time, and into the next when it is late; none is lost', () => {
    const { packager, rendition } = setUp([SOURCE])
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
    const { packager, rendition, send } = setUp([SOURCE])
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
    const { packager, send, begin, rendition } = setUp([SOURCE, own])
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
    const { packager, rendition, send } = setUp([SOURCE, SOUND])
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
})

describe('breaks', () => {
  test('that the transcoder asks for are at the same place in every rung', () => {
    const { packager, send, begin, rendition } = setUp()
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
    const { packager, send, begin, rendition } = setUp()
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

  test('a rung that is redirected before anything is cut shows the other one from the beginning', () => {
    const { packager, send, begin, rendition } = setUp()
    begin('low', SMALL_VIDEO)
    packager.redirect('high', 'low')
    send(SOURCE_RUNG, 0, 130)
    send('low', 0, 125)
    expect(pictures(rendition('high'))).toEqual(['0: 0 to 59', '1: 60 to 119'])
    expect(rendition('high').find(0)?.discontinuity).toBe(false)
  })

  test('parameters that change on one rung without a break get one, in every rung', () => {
    const { send, begin, rendition } = setUp()
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
    const { packager, begin, rendition } = setUp([LOW], 'own')
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
    const { packager, rendition, send } = setUp([SOURCE])
    packager.source.onTrack(SAMPLE_AUDIO)
    send(SOURCE_RUNG, 0, 70)
    packager.source.onTrack(MONO_AUDIO)
    send(SOURCE_RUNG, 70, 200)
    expect(rendition(SOURCE_RUNG).find(1)?.init?.id).toBe(0)
    expect(rendition(SOURCE_RUNG).find(2)).toMatchObject({ discontinuity: true, init: { id: 1 } })
  })
})

describe('the beginning and the end', () => {
  test('what comes before the ladder is known is not lost', () => {
    const { clock, packager, heard } = setUp([])
    expect(heard.playable).toBe(0)
    const other = new StreamPackager({
      drops: new DropCounts(),
      streamId: 'st-test',
      channel: packager.media.channel,
      segmentMs: 1000,
      partMs: 333,
      windowSeconds: 60,
      maxWindowBytes: 64 * 1024 * 1024,
      clock,
      logger: silentLogger,
      onPlayable: () => undefined,
      onEnded: () => undefined,
    })
    other.source.onTrack(SAMPLE_VIDEO)
    for (let frame = 0; frame < 70; frame++) other.source.onUnit(picture(frame, frame % 60 === 0))
    other.setLadder([SOURCE], 'source')
    expect(other.media.renditions.map((rendition) => pictures(rendition))).toEqual([['0: 0 to 59']])
  })

  test('a stream is playable when every rung has a segment, or two seconds after the first one has', () => {
    const { clock, packager, send, begin, heard } = setUp()
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
    const { clock, packager, send, begin, rendition, heard } = setUp()
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
