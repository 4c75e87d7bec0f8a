/**
 * Real H.264 and AAC made on the spot, and cut into segments and parts as a packager would.
 */
import type { TimedUnit } from '../../../src/media/timed-unit.ts'
import type { FlvMedia } from './flv-file.ts'
import { readFlvFile } from './flv-file.ts'
import { runFfmpeg } from './media-programs.ts'

/** What the encoder is asked for. */
export type RealInput = {
  readonly seconds: number
  readonly size: string
  readonly frameRate: number
  readonly keyframeSeconds: number
  readonly bFrames: number
  /** Undefined: no audio. */
  readonly audio: { readonly sampleRate: number; readonly channels: number } | undefined
}

/** A test picture and a tone, with the file they came in. */
export async function encodeRealInput(input: RealInput): Promise<FlvMedia & { readonly flv: Buffer }> {
  const duration = String(input.seconds)
  const gop = String(input.frameRate * input.keyframeSeconds)
  const picture = `testsrc2=size=${input.size}:rate=${input.frameRate}:duration=${duration}`
  const videoArgs = ['-c:v', 'libx264', '-preset', 'veryfast', '-g', gop, '-keyint_min', gop]
  const x264 = ['-sc_threshold', '0', '-bf', String(input.bFrames), '-pix_fmt', 'yuv420p', '-b:v', '400k']
  const { audio } = input
  const tone = audio
    ? ['-f', 'lavfi', '-i', `sine=440:duration=${duration}:sample_rate=${audio.sampleRate}`]
    : []
  const audioArgs = audio ? ['-c:a', 'aac', '-b:a', '64k', '-ac', String(audio.channels)] : []
  const args = ['-f', 'lavfi', '-i', picture, ...tone, ...videoArgs, ...x264, ...audioArgs]
  const flv = await runFfmpeg([...args, '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'])
  return { ...readFlvFile(flv), flv }
}

/** Segments of parts of units: segments begin at keyframes (the first with audio before it), parts at pictures about `partTicks` apart. */
export function cutIntoParts(units: readonly TimedUnit[], partTicks: number): TimedUnit[][][] {
  const segments: TimedUnit[][][] = []
  const sorted = units.toSorted((a, b) => a.dtsTicks - b.dtsTicks)
  const hasVideo = units.some((unit) => unit.kind === 'video')
  let partStart = 0
  for (const unit of sorted) {
    const isCut = hasVideo ? unit.kind === 'video' : true
    const hasPicture = segments.at(-1)?.some((part) => part.some((other) => other.kind === 'video'))
    const startsSegment = segments.length === 0 || (unit.kind === 'video' && unit.keyframe && hasPicture)
    const startsPart = isCut && unit.dtsTicks - partStart >= partTicks
    if (startsSegment) segments.push([])
    if (startsSegment || startsPart) {
      segments.at(-1)?.push([])
      partStart = unit.dtsTicks
    }
    segments.at(-1)?.at(-1)?.push(unit)
  }
  return segments
}
