/**
 * Tries the chosen video encoder with a few grey pictures, in the way a ladder would use it: whether a build of ffmpeg
 * lists an encoder says nothing of the hardware and the options it needs.
 */
import { execFile } from 'node:child_process'
import type { EncodedVideo } from './encoded-track.ts'
import { TranscodeError } from './transcode-error.ts'
import { encoderFilters, encoderGlobalOptions, encoderOptions, type EncoderChoice } from './video-encoders.ts'

/** What was found. */
export type ProbedEncoder = { readonly ffmpegVersion: string }

const PROBE_TIMEOUT_MS = 15_000
const MAX_REPORT_BYTES = 256 * 1024
const MAX_REASON_CHARS = 400
const PICTURES = 3

const SAMPLE: EncodedVideo = {
  ...{ kind: 'video', rung: 'probe', width: 320, height: 180 },
  ...{ bitrateBps: 300_000, keepEvery: 1, frameRate: 30 },
}

/**
 * Encodes the pictures with the program at `program`.
 *
 * @throws {TranscodeError} naming the setting to change.
 */
export async function probeEncoder(program: string, choice: EncoderChoice): Promise<ProbedEncoder> {
  const report = await encodeSample(program, probeArguments(choice), choice)
  return { ffmpegVersion: /^ffmpeg version (\S+)/m.exec(report)?.[1] ?? 'unknown' }
}

function probeArguments(choice: EncoderChoice): string[] {
  const { width, height, frameRate } = SAMPLE
  const filters = ['scale', ...encoderFilters(choice)].join(',')
  return [
    ...['-nostdin', '-nostats', '-loglevel', 'info', ...encoderGlobalOptions(choice)],
    ...['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`, '-r', String(frameRate)],
    ...['-i', 'pipe:0', '-vf', filters, ...encoderOptions(SAMPLE, choice), '-f', 'null', '-'],
  ]
}

function encodeSample(program: string, args: readonly string[], choice: EncoderChoice): Promise<string> {
  const limits = { timeout: PROBE_TIMEOUT_MS, maxBuffer: MAX_REPORT_BYTES, killSignal: 'SIGKILL' } as const
  return new Promise((resolve, reject) => {
    const child = execFile(program, args, limits, (error, _stdout, stderr) => {
      if (!error) resolve(stderr)
      else if (typeof error.code === 'string') reject(programProblem(program, error))
      else reject(encoderProblem(program, choice, stderr))
    })
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(Buffer.alloc((SAMPLE.width * SAMPLE.height * 3 * PICTURES) / 2, 128))
  })
}

function programProblem(program: string, cause: Error): TranscodeError {
  const message = `ffmpeg cannot be run as "${program}"; install it or give its path with --ffmpeg`
  return new TranscodeError('FFMPEG_UNUSABLE', message, { cause })
}

function encoderProblem(program: string, { encoder }: EncoderChoice, report: string): TranscodeError {
  const complaints = report
    .split('\n')
    .filter((line) => /error|fail|cannot|unknown|invalid|no such/i.test(line))
  const reason = complaints.join('; ').slice(0, MAX_REASON_CHARS)
  return new TranscodeError(
    'VIDEO_ENCODER_UNUSABLE',
    `video encoder ${encoder} does not work with "${program}"; choose another one with --video-encoder (${reason})`,
  )
}
