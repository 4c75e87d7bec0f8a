/**
 * What the creatives of a channel look like: as many renditions as its ladder has, named, sized and rated like them.
 *
 * Channels of one kind shall share creatives, and a stream shall keep its profile: rungs that are encoded here have the
 * bitrates of the ladder tables, whatever their content needs at the moment, and the source's own rendition has the
 * highest class of bitrates that its measured average reaches, once for the whole stream.
 *
 * Reference: ivs-behaviour §2 (ladders), §17.2 (ads have 30 frames a second at most).
 */
import { createHash } from 'node:crypto'
import type { ChannelType, TranscodePreset } from '../../domain/channel.ts'
import { AUDIO_ONLY_RUNG, type Rung } from '../../domain/ladder.ts'
import { planLadder } from '../../domain/ladder-policy.ts'
import type { LiveMedia, LiveRendition } from '../../domain/live.ts'
import type { AdProfile, ProfileRendition } from '../creative-library.ts'

/** A channel of which nothing is live, for creatives that are conditioned ahead. */
export type PlannedChannel = {
  readonly type: ChannelType
  readonly preset: TranscodePreset
  /** Size in pixels, frame rate and bits a second of what will be published. */
  readonly width: number
  readonly height: number
  readonly frameRate: number
  readonly bitrateBps: number
}

/**
 * Bits a second of pictures that are measured. Steps of about a half, none of them near a bitrate that publishers
 * usually choose, so that the same publisher falls into the same class each time.
 */
const VIDEO_CLASSES_BPS = [
  90_000, 140_000, 225_000, 350_000, 550_000, 900_000, 1_400_000, 2_200_000, 3_200_000, 4_700_000, 7_000_000,
] as const
/** From here on a source is taken to have sound of the better class. */
const RICH_SOURCE_BPS = 800_000
const RICH_AUDIO_BPS = 128_000
const PLAIN_AUDIO_BPS = 64_000
const MAX_FRAME_RATE = 30
/** Slower content is no reason for slow ads, and the grid of keyframes wants more. */
const MIN_FRAME_RATE = 10
/** Rates a little above the cap belong to it. */
const RATE_TOLERANCE = 1.02
/** Pictures that stand on the grid of keyframes, and what is measured for them: 29.97 is 30, 23.976 is 24. */
const STEADY_RATES = [10, 12, 15, 20, 24, 25, 30] as const
const STEADY_RATE_TOLERANCE = 0.015

type PictureSize = { readonly width: number; readonly height: number }

/** A source as profiles are made of it. */
type Source = PictureSize & { readonly frameRate: number; readonly bitrateBps: number }

/**
 * The profile of a stream; undefined until its best rendition can be played. Stays the same object while the renditions
 * keep their names and sizes.
 */
export function adProfileOf(media: LiveMedia): AdProfile | undefined {
  const description = media.renditions.find(({ hasVideo }) => hasVideo)?.description()
  const { width, height } = description ?? {}
  if (!description || width === undefined || height === undefined) return undefined
  const shape = media.renditions.map(shapeOf).join()
  const known = profiles.get(media)
  if (known?.shape === shape) return known.profile
  const bitrateBps = known?.bitrateBps ?? description.averageBitrateBps
  const frameRate = description.frameRate ?? MAX_FRAME_RATE
  const profile = profileOf(liveRenditions(media, { width, height, frameRate, bitrateBps }))
  profiles.set(media, { shape, bitrateBps, profile })
  return profile
}

/** The profile that a stream of such a channel will have. */
export function plannedAdProfile(channel: PlannedChannel): AdProfile {
  const rungs = planLadder({ ...channel, hasAudio: true })
  return profileOf(rungs.map((rung) => plannedRendition(rung, channel)))
}

type KnownProfile = {
  readonly shape: string
  /** The source's average when it was first asked for. */
  readonly bitrateBps: number
  readonly profile: AdProfile
}

const profiles = new WeakMap<LiveMedia, KnownProfile>()

function shapeOf(rendition: LiveRendition): string {
  const { width = 0, height = 0 } = rendition.hasVideo ? (rendition.description() ?? {}) : {}
  return `${rendition.name} ${width}x${height}`
}

function liveRenditions(media: LiveMedia, source: Source): ProfileRendition[] {
  const { type, preset } = media.channel
  const hasAudio = media.renditions.some(({ name }) => name === AUDIO_ONLY_RUNG)
  const planned = planLadder({ ...source, type, preset, hasAudio }).map((rung) =>
    plannedRendition(rung, source),
  )
  const live = media.renditions.map((rendition): ProfileRendition => {
    const { name, hasVideo } = rendition
    const plan = planned.find((other) => other.name === name)
    const audioBitrateBps = plan?.audioBitrateBps ?? audioClassOf(source)
    if (!hasVideo) return { name, video: undefined, audioBitrateBps }
    const { width = source.width, height = source.height } = rendition.description() ?? {}
    const video = plan?.video ?? pictureLike(source)
    return { name, video: { ...video, ...evenSize({ width, height }) }, audioBitrateBps }
  })
  // A rung that is still to come is planned for, so that the profile does not change when it does.
  const coming = planned.filter(({ name }) => !live.some((rendition) => rendition.name === name))
  return [...live, ...coming]
}

function plannedRendition({ name, video, audio }: Rung, source: Source): ProfileRendition {
  const audioBitrateBps = audio.kind === 'transcode' ? audio.bitrateBps : audioClassOf(source)
  if (!video) return { name, video: undefined, audioBitrateBps }
  if (video.kind === 'passthrough') return { name, video: pictureLike(source), audioBitrateBps }
  const frameRate = creativeRate(source.frameRate)
  return { name, video: { ...evenSize(video), frameRate, bitrateBps: video.bitrateBps }, audioBitrateBps }
}

/** A picture like the source's own, at the highest class of bitrates below it. */
function pictureLike(source: Source): NonNullable<ProfileRendition['video']> {
  const videoBps = source.bitrateBps - audioClassOf(source)
  const bitrateBps = VIDEO_CLASSES_BPS.findLast((classBps) => classBps <= videoBps) ?? VIDEO_CLASSES_BPS[0]
  return { ...evenSize(source), frameRate: creativeRate(source.frameRate), bitrateBps }
}

function audioClassOf({ bitrateBps }: Source): number {
  return bitrateBps >= RICH_SOURCE_BPS ? RICH_AUDIO_BPS : PLAIN_AUDIO_BPS
}

/** One picture for each one, two or more of the content: as many as the cap allows, at a rate that many channels have. */
function creativeRate(frameRate: number): number {
  const kept = frameRate / Math.ceil(frameRate / (MAX_FRAME_RATE * RATE_TOLERANCE))
  const steady = STEADY_RATES.find((rate) => Math.abs(kept / rate - 1) <= STEADY_RATE_TOLERANCE)
  return steady ?? Math.min(MAX_FRAME_RATE, Math.max(MIN_FRAME_RATE, Math.round(kept)))
}

function evenSize({ width, height }: PictureSize): PictureSize {
  return { width: floorEven(width), height: floorEven(height) }
}

function floorEven(pixels: number): number {
  return Math.max(2, 2 * Math.floor(pixels / 2))
}

function profileOf(renditions: readonly ProfileRendition[]): AdProfile {
  const rows = renditions
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map(({ name, video, audioBitrateBps }) => [
      ...[name, audioBitrateBps],
      ...(video ? [video.width, video.height, video.frameRate, video.bitrateBps] : []),
    ])
  const fingerprint = createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 32)
  return { fingerprint, renditions }
}
