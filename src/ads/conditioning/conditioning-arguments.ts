/**
 * The command line that conditions a creative: one file in, one MPEG-TS pipe for each track out.
 *
 * The picture is decoded once, put on a steady frame rate from time zero on, fitted into the largest rendition with bars
 * where its shape differs, and held still at its end; the others are scaled from that. Every track has a pipe of its own,
 * so that renditions with the same sound share it.
 *
 * One thread does all of it: conditioning takes one core at most and leaves it to whatever has more right to it.
 */
import {
  CREATIVE_KEYFRAME_MS,
  CREATIVE_PADDING_MS,
  type AdProfile,
  type ProfileRendition,
} from '../creative-library.ts'
import { AUDIO_RATE_HZ, creativeInput, STEADY_STEREO, type CreativeSurvey } from './creative-survey.ts'
import { FIRST_PIPE_FD, quietArguments } from './media-tool.ts'

/** One encoded track and the renditions that have it. */
export type PlannedTrack = { readonly renditions: readonly string[] } & (
  | { readonly kind: 'video'; readonly picture: RenditionPicture }
  | { readonly kind: 'audio'; readonly bitrateBps: number }
)

/** A rendition's picture. */
export type RenditionPicture = NonNullable<ProfileRendition['video']>

/** Processor time that one creative may take, in seconds. */
export const MAX_CPU_SECONDS = 1200

/** Loudness that every creative is brought to, in LKFS. */
export const TARGET_LKFS = -24
/** Most that a quiet creative is raised, in decibels. */
const MAX_GAIN_DB = 30
/** Peaks of raised sound are kept below this share of full scale: -2 dB, since AAC goes over it a little. */
const PEAK_LIMIT = 0.794
/** Quality that needs no more bits than it is worth; the profile's bitrate is the limit. */
const CRF = 21
const NO_KEYFRAME_BUT_ON_DEMAND = 10_000
const HALF_MS = 0.0005

/** The tracks that a profile needs: a picture for each rendition that has one, and one sound for each bitrate. */
export function plannedTracks({ renditions }: Pick<AdProfile, 'renditions'>): PlannedTrack[] {
  const pictures = renditions.flatMap(({ name, video }): PlannedTrack[] =>
    video ? [{ kind: 'video', renditions: [name], picture: video }] : [],
  )
  const bitrates = [...new Set(renditions.map(({ audioBitrateBps }) => audioBitrateBps))]
  const sounds = bitrates.map((bitrateBps): PlannedTrack => ({
    kind: 'audio',
    bitrateBps,
    renditions: renditions.filter((row) => row.audioBitrateBps === bitrateBps).map(({ name }) => name),
  }))
  return [...pictures, ...sounds]
}

/** Arguments for the `ffmpeg` program; pipe n carries track n. */
export function conditioningArguments(
  path: string,
  survey: CreativeSurvey,
  tracks: readonly PlannedTrack[],
): string[] {
  const totalMs = survey.durationMs + CREATIVE_PADDING_MS
  return [
    ...quietArguments('error', MAX_CPU_SECONDS),
    ...['-filter_complex_threads', '1'],
    ...creativeInput(path),
    ...['-filter_complex', filterGraph(survey, tracks, totalMs)],
    ...tracks.flatMap((track, index) => [
      ...['-map', `[t${index}]`],
      ...(track.kind === 'video'
        ? [...videoEncoding(track.picture), '-frames:v', String(pictureCount(survey, track.picture))]
        : audioEncoding(track.bitrateBps)),
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'mpegts'],
      `pipe:${FIRST_PIPE_FD + index}`,
    ]),
  ]
}

/** Pictures of a track, padding included. */
export function pictureCount({ durationMs }: CreativeSurvey, { frameRate }: RenditionPicture): number {
  return Math.ceil(((durationMs + CREATIVE_PADDING_MS) / 1000) * frameRate - 1e-6)
}

function filterGraph(survey: CreativeSurvey, tracks: readonly PlannedTrack[], totalMs: number): string {
  const labelled = tracks.map((track, index) => ({ track, index }))
  const videos = labelled.flatMap(({ track, index }) =>
    track.kind === 'video' ? [{ picture: track.picture, index }] : [],
  )
  const audios = labelled.filter(({ track }) => track.kind === 'audio')
  return [
    ...pictureGraph(survey, videos, totalMs),
    `${soundSource(survey)},${soundFilters(survey, totalMs)},asplit=${audios.length}${audios.map(({ index }) => `[t${index}]`).join('')}`,
  ].join(';')
}

type LabelledPicture = { readonly picture: RenditionPicture; readonly index: number }

function pictureGraph(survey: CreativeSurvey, videos: readonly LabelledPicture[], totalMs: number): string[] {
  const pictures = videos.map(({ picture }) => picture)
  const largest = pictures.toSorted((a, b) => b.width * b.height - a.width * a.height)[0]
  if (!largest) return []
  const frameRate = Math.max(...pictures.map((picture) => picture.frameRate))
  const fitted = [
    ...pictureSource(survey, largest, frameRate),
    // Fields are put together where the file says that there are any.
    ...(survey.hasVideo ? ['yadif=deint=interlaced'] : []),
    `fps=${frameRate}:start_time=0`,
    ...fit(largest),
    // More than enough: each output takes as many pictures as it needs.
    `tpad=stop_mode=clone:stop_duration=${seconds(totalMs)}`,
    `split=${videos.length}`,
  ].join()
  const scaled = videos.map(({ picture, index }) => {
    const rate = picture.frameRate === frameRate ? [] : [`fps=${picture.frameRate}:start_time=0`]
    const size = `scale=${picture.width}:${picture.height}:flags=bicubic`
    return `[s${index}]${[...rate, size, 'setsar=1'].join()}[t${index}]`
  })
  return [`${fitted}${videos.map(({ index }) => `[s${index}]`).join('')}`, ...scaled]
}

/** The creative's picture from time zero on, or a black one. */
function pictureSource(
  { hasVideo, skippedMs }: CreativeSurvey,
  { width, height }: RenditionPicture,
  frameRate: number,
): string[] {
  return hasVideo
    ? [`[0:V:0]setpts=PTS-${seconds(skippedMs)}/TB`]
    : [`color=black:size=${width}x${height}:rate=${frameRate}:duration=1`]
}

/** Fits the picture into `size` as it is meant to be seen, with black bars where it leaves room. */
function fit({ width, height }: RenditionPicture): string[] {
  return [
    // Pixels that are not square become so first.
    "scale=w='if(eq(sar,1),iw,2*trunc(iw*sar/2+0.5))':h=ih:flags=bicubic",
    'setsar=1',
    `scale=${width}:${height}:force_original_aspect_ratio=decrease:flags=bicubic:out_range=tv`,
    'format=yuv420p',
    `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
    'setsar=1',
  ]
}

function soundSource({ hasAudio }: CreativeSurvey): string {
  return hasAudio ? '[0:a:0]anull' : `anullsrc=r=${AUDIO_RATE_HZ}:cl=stereo`
}

function soundFilters({ loudnessLkfs, skippedMs }: CreativeSurvey, totalMs: number): string {
  const total = seconds(totalMs)
  const cut = skippedMs > 0 ? [`atrim=start=${seconds(skippedMs)}`, 'asetpts=PTS-STARTPTS'] : []
  return [
    STEADY_STEREO,
    ...cut,
    ...gain(loudnessLkfs),
    `apad=whole_dur=${total}`,
    `atrim=duration=${total}`,
  ].join()
}

/** One gain for the whole creative, so that its own dynamics stay. */
function gain(loudnessLkfs: number | undefined): string[] {
  if (loudnessLkfs === undefined) return []
  const gainDb = Math.min(MAX_GAIN_DB, TARGET_LKFS - loudnessLkfs)
  const volume = `volume=${gainDb.toFixed(2)}dB:precision=float`
  return gainDb > 0 ? [volume, `alimiter=limit=${PEAK_LIMIT}:attack=1:release=50:level=false`] : [volume]
}

function videoEncoding({ frameRate, bitrateBps }: RenditionPicture): string[] {
  const keyframeS = CREATIVE_KEYFRAME_MS / 1000
  return [
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'main', '-bf', '0', '-threads', '1'],
    // Half a second of buffer, as live rungs have it: what a segment takes more than its share stays below a quarter.
    ...['-crf', String(CRF), '-maxrate', String(bitrateBps), '-bufsize', String(Math.round(bitrateBps / 2))],
    ...['-sc_threshold', '0', '-g', String(NO_KEYFRAME_BUT_ON_DEMAND), '-forced-idr', '1'],
    // At frame rates that do not hit the grid: the first picture behind each of its lines.
    ...['-force_key_frames', `expr:gte(t+${HALF_MS},n_forced*${keyframeS})`],
    ...['-r', String(frameRate), '-fps_mode', 'cfr'],
  ]
}

function audioEncoding(bitrateBps: number): string[] {
  return ['-c:a', 'aac', '-b:a', String(bitrateBps), '-ac', '2', '-ar', String(AUDIO_RATE_HZ)]
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3)
}
