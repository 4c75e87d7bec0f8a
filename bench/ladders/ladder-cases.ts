/**
 * The sources and channels whose ladders differ, and which of them are followed for long.
 */
import type { ChannelType, TranscodePreset } from '../../src/domain/channel.ts'
import { planLadder } from '../../src/domain/ladder-policy.ts'
import type { FfmpegPublisherOptions } from '../../test/harness/ffmpeg-publisher.ts'

/** What is published, and to which channel. */
export type LadderCase = {
  readonly name: string
  readonly source: Source
  readonly channel: LadderChannel
}

/** A channel as its type and preset decide its ladder. */
export type LadderChannel = {
  readonly type: ChannelType
  readonly preset?: Exclude<TranscodePreset, ''>
}

type Source = Omit<FfmpegPublisherOptions, 'url' | 'size' | 'frameRate'> & {
  readonly size: string
  readonly frameRate: number
}

const HIGHER = 'HIGHER_BANDWIDTH_DELIVERY'
const CONSTRAINED = 'CONSTRAINED_BANDWIDTH_DELIVERY'

const STANDARD: LadderChannel = { type: 'STANDARD' }
const CHANNELS: readonly LadderChannel[] = [
  STANDARD,
  { type: 'ADVANCED_HD', preset: HIGHER },
  { type: 'ADVANCED_HD', preset: CONSTRAINED },
  { type: 'ADVANCED_SD', preset: HIGHER },
  { type: 'ADVANCED_SD', preset: CONSTRAINED },
]

const SOURCES: Readonly<Record<string, Source>> = {
  '1080p60': { size: '1920x1080', frameRate: 60 },
  '1080p30, B-frames': { size: '1920x1080', frameRate: 30, bFrames: 2 },
  '720p60': { size: '1280x720', frameRate: 60 },
  '720p30, 44.1 kHz mono': { size: '1280x720', frameRate: 30, sampleRate: 44_100, audioChannels: 1 },
  '720p25': { size: '1280x720', frameRate: 25 },
  '720p29.97, B-frames': { size: '1280x720', frameRate: 29.97, bFrames: 2 },
  '540p30': { size: '960x540', frameRate: 30 },
  '480p30': { size: '852x480', frameRate: 30 },
  '360p30': { size: '640x360', frameRate: 30 },
  'portrait 720x1280': { size: '720x1280', frameRate: 30 },
}

/** Every source to every channel. */
export const ALL_CASES: readonly LadderCase[] = Object.entries(SOURCES).flatMap(([name, source]) =>
  CHANNELS.map((channel) => ({ name, source, channel })),
)

/** At 30 pictures a second each flash begins with its beep, to the millisecond. A clip that begins anew would not keep to that. */
const FLASHES: Source = {
  mode: 'encode',
  ...{ scene: 'flash-and-beep', size: '1280x720', frameRate: 30, bFrames: 2 },
  ...{ sampleRate: 44_100, audioChannels: 1 },
}

/** The hardest of them, for long. */
export const LONG_CASES: readonly LadderCase[] = [
  { name: '1080p60', source: { size: '1920x1080', frameRate: 60 }, channel: STANDARD },
  { name: 'flashes and beeps, B-frames, 44.1 kHz mono', source: FLASHES, channel: STANDARD },
  {
    name: '720p29.97, B-frames',
    source: { size: '1280x720', frameRate: 29.97, bFrames: 2 },
    channel: STANDARD,
  },
  {
    name: '1080p60, keyframes every 3 s',
    source: { size: '1920x1080', frameRate: 60, keyframeSeconds: 3 },
    channel: { type: 'ADVANCED_HD', preset: HIGHER },
  },
  {
    name: '720p25, keyframes every 5 s',
    source: { size: '1280x720', frameRate: 25, keyframeSeconds: 5 },
    channel: { type: 'ADVANCED_SD', preset: CONSTRAINED },
  },
]

/** Renditions that the case has to give viewers, as `name widthxheight`, in order. */
export function plannedRungs({ source, channel }: LadderCase): string[] {
  const [width = 0, height = 0] = source.size.split('x').map(Number)
  const { type, preset = '' } = channel
  const { frameRate } = source
  return planLadder({ type, preset, width, height, frameRate, hasAudio: true })
    .filter(({ name }) => name !== 'audio_only' || type !== 'STANDARD')
    .map(({ name, video }) => {
      if (!video) return name
      return video.kind === 'passthrough'
        ? `${name} ${source.size}`
        : `${name} ${video.width}x${video.height}`
    })
}
