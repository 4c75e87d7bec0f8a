/**
 * The command line of a ladder's child: FLV on standard input, one MPEG-TS pipe for each encoded track.
 *
 * The input is decoded once. Times pass through as they are, in whole milliseconds of the session's timeline, and every
 * picture leaves the child before the next one enters it.
 *
 * Keyframes are made on demand: where the source has them, or on the ladder's own grid. ffmpeg counts the time in such
 * an expression from the first picture that it encodes, so that picture's own time is added back.
 */
import { OWN_KEYFRAME_MS, type KeyframePlan } from '../domain/ladder.ts'
import type { EncodedTrack, EncodedVideo } from './encoded-track.ts'
import { encoderFilters, encoderGlobalOptions, encoderOptions, type EncoderChoice } from './video-encoders.ts'

/** Where a child takes a track up: what comes before was delivered by the one before it. */
export type ResumePoint = {
  /** Pictures and frames from this media time on are wanted, in milliseconds; may hold a fraction. */
  readonly fromMs: number
}

/** One output of a child. */
export type LadderOutputPlan = { readonly track: EncodedTrack; readonly resume: ResumePoint | undefined }

/** What a child is told. */
export type LadderPlan = {
  /** In the order of the pipes, the first being descriptor 3. */
  readonly outputs: readonly LadderOutputPlan[]
  readonly keyframes: KeyframePlan
  readonly encoder: EncoderChoice
  /** The keyframe that the input begins with. */
  readonly firstPicture: {
    readonly ptsMs: number
    /** Pictures of the source since the last keyframe of the ladder's own grid; 0 for one that begins a cell. */
    readonly indexInCell: number
  }
}

/** Descriptor of the first output pipe. */
export const FIRST_OUTPUT_FD = 3

const QUIET = ['-hide_banner', '-nostdin', '-nostats', '-loglevel', 'error']
// Sequence headers stand first, so there is nothing to probe for; what is read meanwhile must not be thrown away, which
// `-fflags nobuffer` would do. Frame threads of the decoder would keep pictures back.
const INPUT = [
  ...['-copyts', '-probesize', '32', '-analyzeduration', '1', '-fpsprobesize', '0'],
  ...['-threads', '1', '-f', 'flv', '-i', 'pipe:0'],
]
// Without a declared length a picture would be known to be whole only when the next one comes.
const MPEG_TS = [
  ...['-muxdelay', '0', '-muxpreload', '0', '-pes_payload_size', '0', '-omit_video_pes_length', '0'],
  ...['-flush_packets', '1', '-f', 'mpegts'],
]
const SCALER = 'flags=bicubic'
/** Source times are whole milliseconds; half of one keeps sums of fractions on the right side. */
const HALF_MS = 0.0005

/** Arguments for the `ffmpeg` program. */
export function ladderArguments(plan: LadderPlan): string[] {
  return [
    ...QUIET,
    ...encoderGlobalOptions(plan.encoder),
    ...INPUT,
    ...plan.outputs.flatMap((output, index) => [
      ...outputArguments(output, plan),
      ...MPEG_TS,
      `pipe:${FIRST_OUTPUT_FD + index}`,
    ]),
  ]
}

function outputArguments({ track, resume }: LadderOutputPlan, plan: LadderPlan): string[] {
  if (track.kind === 'video') return videoArguments(track, resume, plan)
  const filters = resume ? ['-af', `aselect='gte(t,${seconds(resume.fromMs)})'`] : []
  return ['-map', '0:a:0', ...filters, '-c:a', 'aac', '-b:a', String(track.bitrateBps)]
}

function videoArguments(track: EncodedVideo, resume: ResumePoint | undefined, plan: LadderPlan): string[] {
  const filters = [
    ...pictureChoice(track, resume, plan),
    `scale=${track.width}:${track.height}:${SCALER}`,
    // Rounds away what even edges did to the shape of a pixel, and keeps pixels that were not square before.
    'setsar=sar',
    ...encoderFilters(plan.encoder),
  ]
  return [
    ...['-map', '0:v:0', '-vf', filters.join(',')],
    ...encoderOptions(track, plan.encoder),
    ...['-force_key_frames', forcedKeyframes(resume, plan)],
    ...['-fps_mode', 'passthrough', '-enc_time_base', '1:90000'],
  ]
}

/** The filter that leaves pictures out, if any. */
function pictureChoice(
  { keepEvery }: EncodedVideo,
  resume: ResumePoint | undefined,
  plan: LadderPlan,
): string[] {
  const count = keepEvery > 1 ? `${pictureCount(plan)};` : ''
  const kept = keepEvery > 1 ? `not(mod(ld(0),${keepEvery}))` : ''
  const wanted = resume ? `gte(t,${seconds(resume.fromMs)})` : ''
  const choice = [wanted, kept].filter((text) => text !== '').join('*')
  if (choice === '') return []
  // With a grid of its own, the first picture goes through in any case: it tells the encoder what time it is.
  const first = resume && plan.keyframes === 'own' ? 'eq(n,0)+' : ''
  return [`select='${count}${first}${choice}'`]
}

/** Counts pictures from the last keyframe on in variable 0, so that keyframes are always kept. */
function pictureCount({ keyframes, firstPicture }: LadderPlan): string {
  if (keyframes === 'source') return 'st(0,if(key,0,ld(0)+1))'
  const later = `gt(${cell('t')},${cell('prev_t')})`
  return `st(0,if(isnan(prev_t),${firstPicture.indexInCell},if(${later},0,ld(0)+1)))`
}

function forcedKeyframes(resume: ResumePoint | undefined, { keyframes, firstPicture }: LadderPlan): string {
  if (keyframes === 'source') return 'source'
  const origin = seconds(firstPicture.ptsMs)
  // After the picture that only tells the time comes the first one that is wanted: decoding starts there.
  const firstOnes = resume ? 2 : 1
  const later = `gt(${cell(`t+${origin}`)},${cell(`prev_forced_t+${origin}`)})`
  return `expr:if(lt(n,${firstOnes}),1,${later})`
}

function cell(time: string): string {
  return `floor((${time}+${HALF_MS})/${OWN_KEYFRAME_MS / 1000})`
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(4)
}
