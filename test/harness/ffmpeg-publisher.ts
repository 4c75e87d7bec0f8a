/**
 * ffmpeg as an encoder: a test picture and a tone, encoded once into a file or live, published in real time.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runFfmpeg } from './media/media-programs.ts'

/** What is published. */
export type FfmpegPublisherOptions = {
  readonly url: string
  /** Copies a clip made before (cheap) or encodes while it publishes. Default `copy`. */
  readonly mode?: 'copy' | 'encode'
  readonly size?: string
  readonly frameRate?: number
  readonly keyframeSeconds?: number
  readonly bFrames?: number
  readonly audio?: boolean
}

/** An encoder that publishes until it is disposed. */
export type FfmpegPublisher = AsyncDisposable & {
  /** Resolves with the exit code when ffmpeg ends. */
  readonly exited: Promise<number | null>
  /** What ffmpeg complained about so far. */
  readonly complaints: () => string
  /** Lets ffmpeg end as Ctrl-C does, with a clean unpublish. */
  readonly stop: () => Promise<void>
  /** Ends it without a word. */
  readonly kill: () => Promise<void>
}

const CLIP_SECONDS = 20
const CLIP_FOLDER = join(tmpdir(), 'headwater-clips')

/** Starts to publish. */
export async function publishWithFfmpeg(options: FfmpegPublisherOptions): Promise<FfmpegPublisher> {
  const output = ['-f', 'flv', '-flvflags', 'no_duration_filesize', options.url]
  const input =
    options.mode === 'encode'
      ? ['-re', ...encoderArguments(options, undefined)]
      : ['-re', '-stream_loop', '-1', '-i', await clip(options), '-c', 'copy']
  const args = ['-hide_banner', '-v', 'error', ...input, ...output]
  const child = spawn('ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaints = ''
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => (complaints = (complaints + text).slice(-4000)))
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal)
    await exited
  }
  return {
    exited,
    complaints: () => complaints,
    stop: () => end('SIGINT'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => (isRunning(child) ? end('SIGKILL') : Promise.resolve()),
  }
}

/** A clip of the wanted kind, made once a machine and kept in the temporary folder. */
export async function clip(options: Omit<FfmpegPublisherOptions, 'url' | 'mode'>): Promise<string> {
  const { size, frameRate, keyframeSeconds, bFrames, audio } = withDefaults(options)
  const name = `${size}-${frameRate}fps-${keyframeSeconds}s-${bFrames}b${audio ? '' : '-silent'}.flv`
  const file = join(CLIP_FOLDER, name)
  if (existsSync(file)) return file
  await mkdir(CLIP_FOLDER, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  await runFfmpeg([...encoderArguments(options, CLIP_SECONDS), '-f', 'flv', '-y', unfinished])
  await rename(unfinished, file)
  return file
}

function encoderArguments(options: Partial<FfmpegPublisherOptions>, seconds: number | undefined): string[] {
  const { size, frameRate, keyframeSeconds, bFrames, audio } = withDefaults(options)
  const length = seconds === undefined ? [] : ['-t', String(seconds)]
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${frameRate}`]
  const tone = audio ? ['-f', 'lavfi', '-i', 'sine=frequency=440:beep_factor=4:sample_rate=48000'] : []
  const gop = [
    '-g',
    String(Math.round(frameRate * keyframeSeconds)),
    '-sc_threshold',
    '0',
    '-bf',
    String(bFrames),
  ]
  const video = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-b:v', '600k', ...gop]
  return [
    ...picture,
    ...tone,
    ...length,
    ...video,
    ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : []),
  ]
}

function withDefaults(
  options: Partial<FfmpegPublisherOptions>,
): Required<Omit<FfmpegPublisherOptions, 'url' | 'mode'>> {
  return {
    size: options.size ?? '640x360',
    frameRate: options.frameRate ?? 30,
    keyframeSeconds: options.keyframeSeconds ?? 2,
    bFrames: options.bFrames ?? 0,
    audio: options.audio ?? true,
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
