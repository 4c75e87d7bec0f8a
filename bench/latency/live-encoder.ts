/**
 * One live encoder for all servers: moving noise with a clock in it, encoded once by ffmpeg and sent to each address.
 */
import { randomFillSync } from 'node:crypto'
import { startOwned } from '../rig/owned-process.ts'
import { paintClock } from './picture-clock.ts'

/** What is encoded. */
export type LiveEncoderOptions = {
  readonly urls: readonly string[]
  readonly widthPixels: number
  readonly heightPixels: number
  readonly frameRate: number
  readonly keyframeSeconds: number
  readonly videoBps: number
}

/** An encoder that publishes until it is disposed. */
export type LiveEncoder = AsyncDisposable & { readonly complaints: () => string }

/** Pictures that may wait for ffmpeg; more means that this machine cannot encode in real time. */
const MAX_WAITING_PICTURES = 30
const GREY = 128
/** Noise this strong makes the encoder use its bits without hiding the blocks. */
const NOISE_MASK = 31

/** Starts to encode and publish. */
export function startLiveEncoder(options: LiveEncoderOptions): LiveEncoder {
  const encoder = startOwned('ffmpeg', encoderArguments(options), { stdio: ['pipe', 'ignore', 'pipe'] })
  const input = encoder.child.stdin!
  input.on('error', () => undefined)
  const paint = picturePainter(options)
  const startMs = performance.now()
  let pictures = 0
  let timer: NodeJS.Timeout
  const next = (): void => {
    const bytes = paint(pictures++, Date.now())
    input.write(bytes)
    if (input.writableLength > MAX_WAITING_PICTURES * bytes.length) {
      throw new Error(`this machine cannot encode in real time: ${encoder.complaints()}`)
    }
    const dueMs = startMs + (pictures * 1000) / options.frameRate
    timer = setTimeout(next, Math.max(0, dueMs - performance.now()))
  }
  next()
  return {
    complaints: encoder.complaints,
    [Symbol.asyncDispose]: async () => {
      clearTimeout(timer)
      input.end()
      await encoder[Symbol.asyncDispose]()
    },
  }
}

/** Pictures in planar 4:2:0; each call gives a new buffer, since the pipe keeps it for a while. */
function picturePainter(options: LiveEncoderOptions): (index: number, nowMs: number) => Buffer {
  const { widthPixels, heightPixels } = options
  const lumaBytes = widthPixels * heightPixels
  const noise = randomFillSync(Buffer.alloc(2 * lumaBytes)).map((value) => GREY + (value & NOISE_MASK))
  return (index, nowMs) => {
    const picture = Buffer.alloc((lumaBytes * 3) / 2, GREY)
    picture.set(noise.subarray(0, lumaBytes))
    // A band of changing noise in the middle third; the rest stands still, as in most pictures.
    const band = Math.floor(lumaBytes / 3)
    picture.set(noise.subarray((index * 977) % lumaBytes, ((index * 977) % lumaBytes) + band), band)
    paintClock(picture, widthPixels, nowMs)
    return picture
  }
}

function encoderArguments(options: LiveEncoderOptions): string[] {
  const { widthPixels, heightPixels, frameRate, videoBps } = options
  const keyframeFrames = String(frameRate * options.keyframeSeconds)
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-video_size', `${widthPixels}x${heightPixels}`]
  const bitrate = ['-b:v', videoBps, '-maxrate', videoBps, '-bufsize', videoBps].map(String)
  const outputs = options.urls.map((url) => `[f=flv:flvflags=no_duration_filesize]${url}`)
  return [
    ...['-hide_banner', '-v', 'error', '-probesize', '32', '-analyzeduration', '0'],
    ...[...raw, '-framerate', String(frameRate), '-i', 'pipe:0'],
    ...['-f', 'lavfi', '-i', 'sine=frequency=440:sample_rate=48000', '-map', '0:v', '-map', '1:a'],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-sc_threshold', '0'],
    ...['-g', keyframeFrames, '-keyint_min', keyframeFrames, ...bitrate],
    ...['-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-flags', '+global_header'],
    ...['-f', 'tee', outputs.join('|')],
  ]
}
