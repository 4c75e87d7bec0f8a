/**
 * A stream of a ladder fed picture by picture, for the tests of its packager.
 */
import { silentLogger } from '../../src/base/logger.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { newChannel } from '../../src/domain/channel-rules.ts'
import {
  AUDIO_ONLY_RUNG,
  SOURCE_RUNG,
  type KeyframePlan,
  type Rung,
  type RungVideo,
} from '../../src/domain/ladder.ts'
import type { LiveRendition } from '../../src/domain/live.ts'
import type { AccessUnit, VideoTrack } from '../../src/media/access-unit.ts'
import { SAMPLE_VIDEO } from './media/sample-tracks.ts'
import { taggedUnit, tagsIn } from './media/tagged-units.ts'
import { DropCounts } from '../../src/domain/drops.ts'
import { StreamPackager, type StreamPackagerOptions } from '../../src/packager/stream-packager.ts'

/** Ticks of a picture. */
export const FRAME_TICKS = 3000

/** Ticks of a second. */
export const SECOND_TICKS = 90_000

const PASSTHROUGH = { kind: 'passthrough' } as const

/** A small rung of every picture. */
export const TRANSCODED: Extract<RungVideo, { kind: 'transcode' }> = {
  kind: 'transcode',
  width: 64,
  height: 64,
  bitrateBps: 300_000,
  keepEvery: 1,
  frameRate: 30,
}

/** The source as it is. */
export const SOURCE: Rung = {
  name: SOURCE_RUNG,
  displayName: '180p30',
  video: PASSTHROUGH,
  audio: PASSTHROUGH,
}

/** A transcoded rung. */
export const HIGH: Rung = { name: 'high', displayName: 'high', video: TRANSCODED, audio: PASSTHROUGH }

/** Another one. */
export const LOW: Rung = { name: 'low', displayName: 'low', video: TRANSCODED, audio: PASSTHROUGH }

/** Sound alone. */
export const SOUND: Rung = {
  name: AUDIO_ONLY_RUNG,
  displayName: AUDIO_ONLY_RUNG,
  video: undefined,
  audio: PASSTHROUGH,
}

/** A packager of a stream whose ladder is not known yet. */
export function newPackager(
  options: Pick<StreamPackagerOptions, 'clock'> & Partial<StreamPackagerOptions>,
): StreamPackager {
  const birth = { region: 'us-west-2', accountId: '123456789012', nowMs: 0 }
  return new StreamPackager({
    drops: new DropCounts(),
    streamId: 'st-test',
    channel: { ...newChannel(birth, { type: 'STANDARD' }), containerFormat: 'FRAGMENTED_MP4' },
    segmentMs: 1000,
    partMs: 333,
    windowSeconds: 60,
    maxWindowBytes: 64 * 1024 * 1024,
    logger: silentLogger,
    onPlayable: () => undefined,
    onEnded: () => undefined,
    ...options,
  })
}

/** A stream that a test feeds. */
export type FedStream = {
  readonly clock: ManualClock
  readonly packager: StreamPackager
  readonly heard: { playable: number; ended: number }
  readonly rendition: (name: string) => LiveRendition
  readonly send: (name: string, from: number, to: number, interval?: number) => void
  readonly sendBoth: (to: number, isMade: (frame: number) => boolean) => void
  readonly begin: (name: string, track: VideoTrack) => void
}

/** A stream of 30 pictures a second with a keyframe every two seconds, from media time zero. */
export function setUpStream(
  rungs: readonly Rung[] = [SOURCE, HIGH, LOW],
  keyframes: KeyframePlan = 'source',
): FedStream {
  const clock = new ManualClock()
  const heard = { playable: 0, ended: 0 }
  const packager = newPackager({
    clock,
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

/** The picture number `frame`. */
export function picture(frame: number, keyframe: boolean): AccessUnit {
  const ticks = frame * FRAME_TICKS
  return taggedUnit({ kind: 'video', dtsTicks: ticks, ptsTicks: ticks, keyframe })
}

/** The audio frame number `frame`. */
export function sound(frame: number): AccessUnit {
  const ticks = frame * 1920
  return taggedUnit({ kind: 'audio', dtsTicks: ticks, ptsTicks: ticks, keyframe: true })
}

/** Number, discontinuity mark and times of the first and last picture of each segment, in frames. */
export function pictures(rendition: LiveRendition): string[] {
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
