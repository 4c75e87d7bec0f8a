/**
 * The video encoders that an operator can choose, and how each is told the same: constant bitrate, no delay, no keyframe
 * but those asked for.
 */
import { avcLevelIdc } from './avc-level.ts'
import type { EncodedVideo } from './encoded-track.ts'

/** Encoders of the `ffmpeg` program that ladders can use. */
export const VIDEO_ENCODERS = ['libx264', 'h264_nvenc', 'h264_qsv', 'h264_vaapi'] as const

/** One of them. */
export type VideoEncoder = (typeof VIDEO_ENCODERS)[number]

/** Speeds of x264, fastest first: slower ones look better at the same bitrate and cost more. */
export const X264_PRESETS = ['ultrafast', 'superfast', 'veryfast', 'faster', 'fast', 'medium'] as const

/** One of them. */
export type X264Preset = (typeof X264_PRESETS)[number]

/** The encoder that makes every rung's picture, and its speed where it can be chosen. */
export type EncoderChoice = { readonly encoder: VideoEncoder; readonly x264Preset: X264Preset }

type EncoderTraits = {
  /** Before the input: devices. */
  readonly global: readonly string[]
  /** What the scaled picture goes through last. */
  readonly filters: readonly string[]
  readonly options: (video: EncodedVideo, choice: EncoderChoice) => readonly string[]
}

/** Full-range pictures stay full-range: converting them would have to change their metadata too. */
const SOFTWARE_FORMAT = 'format=pix_fmts=yuv420p|yuvj420p'
const VAAPI_DEVICE = '/dev/dri/renderD128'
/** From this many pixels a second one thread may be too slow for a slow core. */
const PIXELS_PER_SECOND_AND_THREAD = 16_000_000
const MAX_THREADS = 4

const TRAITS: Readonly<Record<VideoEncoder, EncoderTraits>> = {
  libx264: {
    global: [],
    filters: [SOFTWARE_FORMAT],
    options: (video, { x264Preset }) => [
      ...['-preset', x264Preset, '-tune', 'zerolatency', '-threads', String(sliceThreads(video))],
      ...['-sc_threshold', '0', '-level', levelText(video)],
      ...['-x264-params', `fps=${video.frameRate.toFixed(3)}`, ...constantBitrate(video.bitrateBps)],
    ],
  },
  h264_nvenc: {
    global: [],
    filters: [SOFTWARE_FORMAT],
    options: (video) => [
      ...['-preset', 'p4', '-tune', 'ull', '-rc', 'cbr', '-zerolatency', '1', '-delay', '0'],
      ...['-no-scenecut', '1', '-forced-idr', '1', '-level', levelText(video)],
      ...constantBitrate(bitrateOfAllPictures(video)),
    ],
  },
  h264_qsv: {
    global: [],
    filters: ['format=nv12'],
    options: (video) => [
      ...['-preset', 'veryfast', '-async_depth', '1', '-look_ahead', '0', '-adaptive_i', '0'],
      ...['-forced_idr', '1', '-level', String(avcLevelIdc(video))],
      ...constantBitrate(bitrateOfAllPictures(video)),
    ],
  },
  h264_vaapi: {
    global: ['-vaapi_device', VAAPI_DEVICE],
    filters: ['format=nv12', 'hwupload'],
    options: (video) => [
      ...['-rc_mode', 'CBR', '-async_depth', '1', '-idr_interval', '0', '-level', levelText(video)],
      ...constantBitrate(bitrateOfAllPictures(video)),
    ],
  },
}
/** Encoders put in keyframes of their own after so many pictures: about nine hours at 30 a second. */
const KEYFRAMES_ONLY_ON_DEMAND = 1_000_000

/** Options before the input. */
export function encoderGlobalOptions({ encoder }: EncoderChoice): readonly string[] {
  return TRAITS[encoder].global
}

/** Filters behind the scaler. */
export function encoderFilters({ encoder }: EncoderChoice): readonly string[] {
  return TRAITS[encoder].filters
}

/** Options of one picture's output. */
export function encoderOptions(video: EncodedVideo, choice: EncoderChoice): string[] {
  return [
    ...['-c:v', choice.encoder, '-profile:v', 'main', '-bf', '0', '-g', String(KEYFRAMES_ONLY_ON_DEMAND)],
    ...TRAITS[choice.encoder].options(video, choice),
  ]
}

/** Half a second of buffer: what a segment of two seconds may take more than its share stays below a quarter. */
function constantBitrate(bitrateBps: number): string[] {
  const bitrate = String(bitrateBps)
  return ['-b:v', bitrate, '-maxrate', bitrate, '-bufsize', String(Math.round(bitrateBps / 2))]
}

/** ffmpeg tells encoders the rate of the source, also when a filter leaves pictures out, and they count in pictures. */
function bitrateOfAllPictures({ bitrateBps, keepEvery }: EncodedVideo): number {
  return bitrateBps * keepEvery
}

function levelText(video: EncodedVideo): string {
  return (avcLevelIdc(video) / 10).toFixed(1)
}

/** Slices cost quality, so small pictures are not cut; zero latency rules out any other use of threads. */
function sliceThreads({ width, height, frameRate }: EncodedVideo): number {
  return Math.min(MAX_THREADS, Math.ceil((width * height * frameRate) / PIXELS_PER_SECOND_AND_THREAD))
}
