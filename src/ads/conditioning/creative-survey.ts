/**
 * First look at a creative: which streams it has, how long they are and how loud it is.
 *
 * The sound is decoded once for that, as its loudness must be known before it can be changed. Of the picture only the
 * times are read. What a file says of itself is not believed.
 *
 * The file comes from a stranger, so that only demuxers of single files are let at it: those of playlists would open
 * what the file names. The only protocol is that of the file itself.
 *
 * Spec: ITU-R BS.1770 (loudness), by ffmpeg's `ebur128`; its `framecrc` prints a line for each packet.
 */
import { ConditioningError } from './conditioning-error.ts'
import { FIRST_PIPE_FD, quietArguments, runMediaTool, type MediaTool } from './media-tool.ts'

/** What is known of a creative's file. */
export type CreativeSurvey = {
  readonly hasVideo: boolean
  readonly hasAudio: boolean
  /** What is cut off at the beginning: a little sound before the first picture, milliseconds. */
  readonly skippedMs: number
  /** Of what is left, to the end of the picture where it has one; milliseconds. */
  readonly durationMs: number
  /** Integrated loudness in LKFS of the sound as stereo; undefined for silence or none. */
  readonly loudnessLkfs: number | undefined
}

/** Longest creative, in milliseconds. */
export const MAX_CREATIVE_MS: number = 5 * 60_000
/** Shortest creative, in milliseconds: less is a still picture or a mistake, and would fill no segment. */
export const MIN_CREATIVE_MS = 400
/** Sound as conditioned creatives have it. */
export const AUDIO_RATE_HZ = 48_000

/** Demuxers that read the file they are given and nothing else. */
const DEMUXERS = [
  'mov',
  'matroska',
  'mpegts',
  'mpeg',
  'flv',
  'avi',
  'ogg',
  'mp3',
  'aac',
  'wav',
  'h264',
].join()
/** Largest picture that is decoded: 8K. Larger ones would take gigabytes of memory. */
const MAX_PIXELS: number = 8192 * 4320
const CPU_SECONDS = 120
const DEADLINE_MS = 180_000
const MAX_REPORT_BYTES = 64 * 1024 * 1024
const MAX_LINE_CHARS = 4096
/** Below this nothing is heard: raising it would make noise of it. */
const SILENCE_LKFS = -60
/** How much longer than the picture the sound may be without being counted: codecs add a little at its end. */
const SOUND_TAIL_MS = 250
/** Sound that may be cut off so that the first picture is at zero; before a later one its picture is shown early. */
const MAX_SKIPPED_MS = 100

/** Options for reading the file at `path`. */
export function creativeInput(path: string): string[] {
  const guards = ['-protocol_whitelist', 'file', '-format_whitelist', DEMUXERS]
  // A second more than allowed, so that one that is too long shows.
  const limits = ['-t', String(MAX_CREATIVE_MS / 1000 + 1), '-max_error_rate', '0.1']
  const decoder = ['-threads', '1', '-max_pixels', String(MAX_PIXELS)]
  return [...guards, ...limits, ...decoder, '-i', `file:${path}`]
}

/** Filters that turn any sound into stereo of 48 kHz that begins at time zero and has no holes. */
export const STEADY_STEREO: string = [
  `aresample=${AUDIO_RATE_HZ}:async=1000:first_pts=0`,
  'aformat=sample_fmts=fltp:channel_layouts=stereo',
].join()

/**
 * Looks at the file at `path`.
 *
 * @throws {ConditioningError} when it holds no media that can be read, or too much of it.
 */
export async function surveyCreative(
  tool: MediaTool,
  path: string,
  signal: AbortSignal,
): Promise<CreativeSurvey> {
  const report = new PacketReport()
  const words = await runMediaTool(tool, {
    args: surveyArguments(path),
    readers: [(chunks) => report.read(chunks)],
    deadlineMs: DEADLINE_MS,
    signal,
    failureCode: 'CREATIVE_UNREADABLE',
  })
  const video = report.span('video')
  const audio = report.span('audio')
  const skippedMs = video && video.startMs <= MAX_SKIPPED_MS ? video.startMs : 0
  const videoEndMs = video?.endMs ?? 0
  const audioEndMs = audio?.endMs ?? 0
  const endMs = !video || audioEndMs > videoEndMs + SOUND_TAIL_MS ? audioEndMs : videoEndMs
  const durationMs = Math.round(endMs - skippedMs)
  if (durationMs < MIN_CREATIVE_MS) {
    throw new ConditioningError('CREATIVE_TOO_SHORT', `shorter than ${MIN_CREATIVE_MS} ms`)
  }
  if (durationMs > MAX_CREATIVE_MS) {
    throw new ConditioningError('CREATIVE_TOO_LONG', `longer than ${MAX_CREATIVE_MS} ms`)
  }
  const hasVideo = video !== undefined
  const hasAudio = audio !== undefined
  return { hasVideo, hasAudio, skippedMs, durationMs, loudnessLkfs: loudnessOf(words) }
}

function surveyArguments(path: string): string[] {
  return [
    ...quietArguments('info', CPU_SECONDS),
    ...creativeInput(path),
    // A capital V leaves cover pictures out.
    ...['-map', '0:V:0?', '-map', '0:a:0?', '-c:v', 'copy'],
    ...['-af', `${STEADY_STEREO},ebur128=framelog=verbose`, '-c:a', 'pcm_s16le'],
    ...['-f', 'framecrc', `pipe:${FIRST_PIPE_FD}`],
  ]
}

/** The last summary: what stands before it may be text of the file. */
function loudnessOf(words: string): number | undefined {
  const summary = words.slice(words.lastIndexOf('Integrated loudness:'))
  const lkfs = Number(/\bI:\s+(-?\d+(?:\.\d+)?) LUFS/.exec(summary)?.[1] ?? Number.NaN)
  return lkfs > SILENCE_LKFS ? lkfs : undefined
}

type ReportedStream = { kind: string; tickMs: number; startTicks: number; endTicks: number }

/** Reads ffmpeg's list of packets and keeps where each stream begins and ends. */
class PacketReport {
  readonly #streams = new Map<number, ReportedStream>()

  async read(chunks: AsyncIterable<Buffer>): Promise<void> {
    let rest = ''
    let bytes = 0
    for await (const chunk of chunks) {
      bytes += chunk.length
      const lines = (rest + chunk.toString('latin1')).split('\n')
      rest = lines.pop() ?? ''
      if (bytes > MAX_REPORT_BYTES || rest.length > MAX_LINE_CHARS) {
        throw new ConditioningError('CREATIVE_UNREADABLE', 'the file has too many packets')
      }
      for (const line of lines) this.#takeLine(line)
    }
  }

  /** Undefined for a kind that has no packet. */
  span(kind: 'video' | 'audio'): { readonly startMs: number; readonly endMs: number } | undefined {
    const stream = [...this.#streams.values()].find((candidate) => candidate.kind === kind)
    if (!stream || stream.endTicks <= stream.startTicks) return undefined
    return { startMs: Math.max(0, stream.startTicks * stream.tickMs), endMs: stream.endTicks * stream.tickMs }
  }

  #takeLine(line: string): void {
    const head = /^#(?:tb|media_type) (\d+): (?:(\d+)\/(\d+)|(\w+))$/.exec(line)
    if (head) {
      const [, index, numerator, denominator, kind] = head
      const stream = this.#stream(Number(index))
      if (kind === undefined) stream.tickMs = (1000 * Number(numerator)) / Number(denominator)
      else stream.kind = kind
      return
    }
    const packet = /^(\d+),\s*-?\d+,\s*(-?\d+),\s*(\d+),/.exec(line)
    if (!packet) return
    const [, index, pts, duration] = packet
    const stream = this.#stream(Number(index))
    stream.startTicks = Math.min(stream.startTicks, Number(pts))
    stream.endTicks = Math.max(stream.endTicks, Number(pts) + Number(duration))
  }

  #stream(index: number): ReportedStream {
    const known = this.#streams.get(index)
    if (known) return known
    const stream = { kind: '', tickMs: 0, startTicks: Infinity, endTicks: 0 }
    this.#streams.set(index, stream)
    return stream
  }
}
