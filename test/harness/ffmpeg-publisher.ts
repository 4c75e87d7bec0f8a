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
  /** Where the same goes too. */
  readonly alsoTo?: readonly string[]
  /** How many seconds of media go out in a second; for copies only. Default 1. */
  readonly speed?: number
  /** Copies a clip made before (cheap) or encodes while it publishes. Default `copy`. */
  readonly mode?: 'copy' | 'encode'
  readonly size?: string
  readonly frameRate?: number
  readonly keyframeSeconds?: number
  readonly bFrames?: number
  readonly audio?: boolean
  /** In hertz; 44,100 or 48,000. */
  readonly sampleRate?: number
  readonly audioChannels?: number
  /** A test picture with a tone, or black with a white flash and a beep at each full second. Default `pattern`. */
  readonly scene?: 'pattern' | 'flash-and-beep'
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
  /** Stops and continues the process: what it would have sent meanwhile comes at once, then. */
  readonly freeze: () => void
  readonly thaw: () => void
}

const CLIP_SECONDS = 20
const CLIP_FOLDER = join(tmpdir(), 'headwater-clips')

/** Starts to publish. */
export async function publishWithFfmpeg(options: FfmpegPublisherOptions): Promise<FfmpegPublisher> {
  // Each output is told anew that it is a copy.
  const codecs = options.mode === 'encode' ? [] : ['-c', 'copy']
  const outputs = [options.url, ...(options.alsoTo ?? [])].flatMap((url) => {
    return [...codecs, '-f', 'flv', '-flvflags', 'no_duration_filesize', url]
  })
  const input =
    options.mode === 'encode'
      ? ['-re', ...encoderArguments(options, undefined)]
      : ['-readrate', String(options.speed ?? 1), '-stream_loop', '-1', '-i', await clip(options)]
  const args = ['-hide_banner', '-v', 'error', ...input, ...outputs]
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
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: () => (isRunning(child) ? end('SIGKILL') : Promise.resolve()),
  }
}

/** A clip of the wanted kind, made once a machine and kept in the temporary folder. */
export async function clip(
  options: Omit<FfmpegPublisherOptions, 'url' | 'alsoTo' | 'mode' | 'speed'>,
): Promise<string> {
  const { size, frameRate, keyframeSeconds, bFrames, audio, sampleRate, audioChannels, scene } =
    withDefaults(options)
  const sound = audio ? `${sampleRate}x${audioChannels}` : 'silent'
  const name = `${scene}-${size}-${frameRate}fps-${keyframeSeconds}s-${bFrames}b-${sound}.flv`
  const file = join(CLIP_FOLDER, name)
  if (existsSync(file)) return file
  await mkdir(CLIP_FOLDER, { recursive: true })
  const unfinished = `${file}.${process.pid}`
  await runFfmpeg([...encoderArguments(options, CLIP_SECONDS), '-f', 'flv', '-y', unfinished])
  await rename(unfinished, file)
  return file
}

function encoderArguments(options: Partial<FfmpegPublisherOptions>, seconds: number | undefined): string[] {
  const { frameRate, keyframeSeconds, bFrames, audio, audioChannels } = withDefaults(options)
  const length = seconds === undefined ? [] : ['-t', String(seconds)]
  const scene = sceneSources(withDefaults(options))
  const picture = ['-f', 'lavfi', '-i', scene.picture]
  const tone = audio ? ['-f', 'lavfi', '-i', scene.sound] : []
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
    ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', String(audioChannels)] : []),
  ]
}

function sceneSources(options: SceneOptions): { readonly picture: string; readonly sound: string } {
  const { scene, size, frameRate, sampleRate } = options
  if (scene === 'pattern') {
    return {
      picture: `testsrc2=size=${size}:rate=${frameRate}`,
      sound: `sine=frequency=440:beep_factor=4:sample_rate=${sampleRate}`,
    }
  }
  const flash = "drawbox=color=white:t=fill:enable='lt(mod(t,1),0.1)'"
  return {
    picture: `color=black:size=${size}:rate=${frameRate},${flash}`,
    sound: `aevalsrc='if(lt(mod(t,1),0.1),0.8*sin(2*PI*1000*t),0)':sample_rate=${sampleRate}`,
  }
}

type SceneOptions = Required<Omit<FfmpegPublisherOptions, 'url' | 'alsoTo' | 'mode' | 'speed'>>

function withDefaults(options: Partial<FfmpegPublisherOptions>): SceneOptions {
  return {
    size: options.size ?? '640x360',
    frameRate: options.frameRate ?? 30,
    keyframeSeconds: options.keyframeSeconds ?? 2,
    bFrames: options.bFrames ?? 0,
    audio: options.audio ?? true,
    sampleRate: options.sampleRate ?? 48_000,
    audioChannels: options.audioChannels ?? 2,
    scene: options.scene ?? 'pattern',
  }
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null
}
