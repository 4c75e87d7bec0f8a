/**
 * The stream that load publishers send: a clip made once by ffmpeg, whose end joins its beginning to the millisecond.
 */
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flvTags, type FlvTag } from '../../test/harness/media/flv-file.ts'
import { runOwned } from './owned-process.ts'

/** What a clip is like. */
export type ClipShape = {
  readonly size: string
  readonly frameRate: number
  /** Picture and sound together, in bits a second. */
  readonly bitrateBps: number
}

/** Sixteen seconds are whole keyframe intervals and, at 48 kHz, whole AAC frames: 750 of them. */
export const CLIP_MS = 16_000
/** Seconds between keyframes. */
export const KEYFRAME_SECONDS = 2
const AUDIO_BPS = 96_000
const AUDIO_RATE = 48_000
const AAC_FRAME_SAMPLES = 1024
const FLV_TAG = { audio: 8, video: 9 } as const
const CLIP_FOLDER = join(tmpdir(), 'headwater-clips')

/** Path of the clip's FLV file; encodes it when this machine has none yet. */
export async function clipFile(shape: ClipShape): Promise<string> {
  const { size, frameRate, bitrateBps } = shape
  const file = join(CLIP_FOLDER, `load-${size}-${frameRate}fps-${bitrateBps}bps.flv`)
  if (existsSync(file)) return file
  await mkdir(CLIP_FOLDER, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  const videoBps = String(bitrateBps - AUDIO_BPS)
  await runOwned('ffmpeg', [
    ...['-hide_banner', '-v', 'error', '-t', String(CLIP_MS / 1000 + 1)],
    // Noise, so that the encoder really needs the bits it is given.
    ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${frameRate},noise=alls=12:allf=t`],
    ...['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=${AUDIO_RATE}`, '-shortest'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-pix_fmt', 'yuv420p', '-bf', '0'],
    ...['-g', String(frameRate * KEYFRAME_SECONDS), '-keyint_min', String(frameRate * KEYFRAME_SECONDS)],
    ...['-sc_threshold', '0', '-b:v', videoBps, '-maxrate', videoBps, '-bufsize', videoBps],
    ...['-c:a', 'aac', '-b:a', String(AUDIO_BPS), '-ac', '2', '-f', 'flv', '-y', unfinished],
  ])
  await rename(unfinished, file)
  return file
}

/** The clip's configuration tags and exactly one round of media. */
export async function readClip(file: string): Promise<FlvTag[]> {
  const tags = flvTags(await readFile(file))
  const configs = tags.filter((tag) => tag.body[1] === 0)
  const media = tags.filter((tag) => tag.body[1] === 1)
  const first = media.findIndex((tag) => tag.type === FLV_TAG.video)
  const startMs = media[first]?.timeMs ?? 0
  const pictures = media.filter((tag) => tag.type === FLV_TAG.video && tag.timeMs - startMs < CLIP_MS)
  const frames = media.slice(first).filter((tag) => tag.type === FLV_TAG.audio)
  const round = frames.slice(0, Math.floor((CLIP_MS * AUDIO_RATE) / 1000 / AAC_FRAME_SAMPLES))
  return [...configs, ...[...pictures, ...round].sort((a, b) => a.timeMs - b.timeMs)]
}

/** Bits a second that one round of the clip really has, without any container. */
export function clipBitrateBps(tags: readonly FlvTag[]): number {
  const bytes = tags.reduce((sum, tag) => sum + tag.body.length, 0)
  return (bytes * 8 * 1000) / CLIP_MS
}
