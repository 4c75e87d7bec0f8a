/**
 * Reads what a ladder serves as a viewer's player would, and takes it apart with ffprobe and ffmpeg.
 */
import { createHash } from 'node:crypto'
import { probePackets, runFfmpeg, type ProbedPacket } from './media/media-programs.ts'

/** A rendition as the multivariant playlist announces it. */
export type ServedRung = {
  /** Group id. */
  readonly name: string
  readonly url: string
  /** `1280x720`; undefined without a picture. */
  readonly resolution: string | undefined
  readonly frameRate: number | undefined
  readonly bandwidthBps: number
  readonly codecs: string
}

/** A whole segment of one rendition. */
export type ServedSegment = {
  readonly msn: number
  readonly durationS: string
  readonly programDateTime: string
  readonly discontinuity: boolean
  readonly gap: boolean
  /** Durations of the parts as they were listed; empty once the playlist leaves them out. */
  readonly partDurations: readonly string[]
  readonly body: Buffer
}

const STREAM_INF = /^#EXT-X-STREAM-INF:(.*)$/

/** Renditions of a multivariant playlist in its order. */
export async function readRungs(playbackUrl: string): Promise<readonly ServedRung[]> {
  const lines = (await getText(playbackUrl)).split('\n')
  return lines.flatMap((line, index) => {
    const attributes = STREAM_INF.exec(line)?.[1]
    if (attributes === undefined) return []
    const rate = attributeOf(attributes, 'FRAME-RATE')
    return [
      {
        name: attributeOf(attributes, 'VIDEO') ?? '',
        url: new URL(lines[index + 1] ?? '', playbackUrl).href,
        resolution: attributeOf(attributes, 'RESOLUTION'),
        frameRate: rate === undefined ? undefined : Number(rate),
        bandwidthBps: Number(attributeOf(attributes, 'BANDWIDTH')),
        codecs: attributeOf(attributes, 'CODECS') ?? '',
      },
    ]
  })
}

/** The whole segments that a rendition lists now, from a number on, each with its init section before it. */
export async function readSegments(
  rung: Pick<ServedRung, 'url'>,
  fromMsn = 0,
): Promise<readonly ServedSegment[]> {
  const listed = listedSegments(await getText(rung.url), rung.url).filter(({ msn }) => msn >= fromMsn)
  return Promise.all(
    listed.map(async ({ uri, mapUri, ...segment }) => {
      const map = mapUri === undefined ? Buffer.alloc(0) : await getBody(mapUri)
      const body = segment.gap ? Buffer.alloc(0) : Buffer.concat([map, await getBody(uri)])
      return { ...segment, body }
    }),
  )
}

type ListedSegment = Omit<ServedSegment, 'body'> & {
  readonly uri: string
  readonly mapUri: string | undefined
}

function listedSegments(playlist: string, baseUrl: string): readonly ListedSegment[] {
  const segments: ListedSegment[] = []
  let msn = Number(/#EXT-X-MEDIA-SEQUENCE:(\d+)/.exec(playlist)?.[1] ?? 0)
  let mapUri: string | undefined
  let tags = blankTags()
  for (const line of playlist.split('\n')) {
    const map = /^#EXT-X-MAP:URI="([^"]+)"/.exec(line)?.[1]
    if (map !== undefined) mapUri = new URL(map, baseUrl).href
    const part = /^#EXT-X-PART:.*?DURATION=([0-9.]+)/.exec(line)?.[1]
    if (part !== undefined) tags.partDurations.push(part)
    if (line === '#EXT-X-DISCONTINUITY') tags.discontinuity = true
    if (line === '#EXT-X-GAP') tags.gap = true
    if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) tags.programDateTime = line.slice(25)
    if (line.startsWith('#EXTINF:')) tags.durationS = line.slice(8, line.indexOf(','))
    if (line === '' || line.startsWith('#')) continue
    segments.push({ ...tags, msn: msn++, uri: new URL(line, baseUrl).href, mapUri })
    tags = blankTags()
  }
  return segments
}

function blankTags(): {
  durationS: string
  programDateTime: string
  discontinuity: boolean
  gap: boolean
  partDurations: string[]
} {
  return { durationS: '', programDateTime: '', discontinuity: false, gap: false, partDurations: [] }
}

/** Pictures of a segment: presentation times in file order and which are keyframes. */
export async function picturesOf(segment: ServedSegment): Promise<readonly ProbedPacket[]> {
  return (await probePackets(segment.body)).filter((packet) => packet.kind === 'video')
}

/** A short name for a list of times. */
export function timesHash(packets: readonly Pick<ProbedPacket, 'pts'>[]): string {
  const times = packets.map((packet) => packet.pts).sort((a, b) => a - b)
  return createHash('sha256').update(times.join(',')).digest('hex').slice(0, 16)
}

/** How far the beeps of a flash-and-beep scene lag behind its flashes, in seconds, one value for each pair. */
export async function soundLags(media: Buffer): Promise<readonly number[]> {
  const [flashes, beeps] = await Promise.all([
    onsets(media, ['-vf', 'signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=-', '-an'], 128),
    onsets(media, ['-af', SOUND_METER, '-vn'], -20),
  ])
  return flashes.flatMap((flashS) => {
    const nearest = beeps.find((beepS) => Math.abs(beepS - flashS) < 0.4)
    return nearest === undefined ? [] : [nearest - flashS]
  })
}

const SOUND_METER =
  'asetnsamples=n=64,astats=metadata=1:reset=1,ametadata=print:key=lavfi.astats.Overall.Peak_level:file=-'

/** Times at which a printed measure rises above `threshold`. */
async function onsets(
  media: Buffer,
  filter: readonly string[],
  threshold: number,
): Promise<readonly number[]> {
  const text = await runFfmpeg(
    [
      ...['-copyts', '-i', 'pipe:0', ...filter, '-fps_mode', 'passthrough'],
      // Sources whose clip begins anew are not on the grid of their frame rate any more.
      ...['-enc_time_base', '1:90000', '-f', 'null', '-'],
    ],
    media,
  )
  const found: number[] = []
  let timeS = 0
  // A scene that begins bright has no rise to measure.
  let wasAbove = true
  for (const line of text.toString().split('\n')) {
    const time = /pts_time:([0-9.-]+)/.exec(line)?.[1]
    if (time !== undefined) timeS = Number(time)
    const value = /^lavfi\.[^=]+=(.+)$/.exec(line)?.[1]
    if (value === undefined) continue
    const isAbove = Number(value) > threshold
    if (isAbove && !wasAbove) found.push(timeS)
    wasAbove = isAbove
  }
  return found
}

function attributeOf(attributes: string, name: string): string | undefined {
  const match = new RegExp(`(?:^|,)${name}=(?:"([^"]*)"|([^,]*))`).exec(attributes)
  return match?.[1] ?? match?.[2]
}

async function getText(url: string): Promise<string> {
  return (await getBody(url)).toString()
}

async function getBody(url: string): Promise<Buffer> {
  const response = await fetch(url)
  if (response.status !== 200) throw new Error(`${new URL(url).pathname} answered ${response.status}`)
  return Buffer.from(await response.arrayBuffer())
}
