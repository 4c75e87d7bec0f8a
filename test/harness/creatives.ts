/**
 * Small creatives for tests: colour bars, unlike any test content, and a tone of each creative's own. Made by ffmpeg once
 * and kept in the temporary directory of the machine.
 */
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFfmpeg } from './media/media-programs.ts'

/** What a creative looks and sounds like. */
export type TestCreativeOptions = {
  readonly seconds: number
  /** Default `320x180`. */
  readonly size?: string
  /** Default 30. */
  readonly frameRate?: number
  /** Frequency of its tone in hertz; none for a creative without sound. Default 880. */
  readonly toneHz?: number | 'none'
  /** Colour bars, or one colour as ffmpeg names it. Default `bars`. */
  readonly picture?: string
}

const FOLDER = join(tmpdir(), 'headwater-creatives')

/** Path of the MP4 file; made when it is missing. */
export async function testCreative(options: TestCreativeOptions): Promise<string> {
  const { seconds, size = '320x180', frameRate = 30, toneHz = 880, picture = 'bars' } = options
  const file = join(FOLDER, `${picture}-${size}-${frameRate}fps-${seconds}s-${toneHz}.mp4`)
  if (existsSync(file)) return file
  await mkdir(FOLDER, { recursive: true })
  const form = `size=${size}:rate=${frameRate}`
  const source = picture === 'bars' ? `smptebars=${form}` : `color=c=${picture}:size=${size}:r=${frameRate}`
  const tone = toneHz === 'none' ? [] : ['-f', 'lavfi', '-i', `sine=frequency=${toneHz}:sample_rate=48000`]
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', String(frameRate)]
  const audio = toneHz === 'none' ? [] : ['-c:a', 'aac', '-b:a', '96k', '-ac', '2']
  const length = ['-t', String(seconds), '-movflags', '+faststart']
  // Tests side by side may make the same file: each its own, and the last one to be ready stays.
  const unfinished = `${file}.${process.pid}-${performance.now()}`
  const output = ['-f', 'mp4', '-y', unfinished]
  await runFfmpeg(['-f', 'lavfi', '-i', source, ...tone, ...video, ...audio, ...length, ...output])
  await rename(unfinished, file)
  return file
}
