/**
 * Stream sessions as answers show them (reference ivs-api §8, StreamSession, StreamSessionSummary and what is in them).
 */
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import type {
  IngestAudio,
  IngestConfiguration,
  IngestVideo,
  StreamEvent,
  StreamSession,
  StreamSessionSummary,
} from '../../domain/stream-session.ts'
import { toChannelShape } from './channel-shape.ts'
import type { ChannelShape } from './channel-shape.ts'
import { toRecordingConfigurationShape } from './recording-configuration-shape.ts'
import type { RecordingConfigurationShape } from './recording-configuration-shape.ts'
import { toTimestamp } from './timestamp.ts'

/** When a session was; the end is not there while it is live. */
export type SessionTimesShape = { readonly startTime: string; readonly endTime?: string }

/** A session in a list. */
export type StreamSessionSummaryShape = SessionTimesShape & {
  readonly streamId: string
  readonly hasErrorEvent: boolean
}

/** An event of a session. */
export type StreamEventShape = {
  readonly name: string
  readonly type: string
  readonly eventTime: string
  readonly code?: string
}

/** A video track. */
export type VideoConfigurationShape = {
  readonly codec: string
  readonly profile: string
  readonly level: string
  readonly videoWidth: number
  readonly videoHeight: number
  readonly encoder: string
  readonly track: string
  readonly targetBitrate?: number
  readonly targetFramerate?: number
  /** Only in the older form, like the one below. */
  readonly avcProfile?: string
  readonly avcLevel?: string
}

/** An audio track. */
export type AudioConfigurationShape = {
  readonly codec: string
  readonly channels: number
  readonly sampleRate: number
  readonly track: string
  readonly targetBitrate?: number
}

/** What was published: in the older form the first tracks, in the newer all of them. */
export type IngestShapes = {
  readonly ingestConfiguration?: {
    readonly video?: VideoConfigurationShape
    readonly audio?: AudioConfigurationShape
  }
  readonly ingestConfigurations?: {
    readonly videoConfigurations: readonly VideoConfigurationShape[]
    readonly audioConfigurations: readonly AudioConfigurationShape[]
  }
}

/** A session by itself. */
export type StreamSessionShape = SessionTimesShape &
  IngestShapes & {
    readonly streamId: string
    readonly channel: ChannelShape
    readonly recordingConfiguration?: RecordingConfigurationShape
    /** Newest first. */
    readonly truncatedEvents: readonly StreamEventShape[]
  }

/** Shows a session with its events, which are handed in newest first. */
export function toStreamSessionShape(
  identity: ServiceIdentity,
  session: StreamSession,
  events: readonly StreamEvent[],
): StreamSessionShape {
  const { recordingConfiguration } = session
  return {
    streamId: session.streamId,
    ...toTimes(session),
    channel: toChannelShape(identity, session.channel),
    ...(session.ingest && toIngestShapes(session.ingest)),
    ...(recordingConfiguration && {
      recordingConfiguration: toRecordingConfigurationShape(recordingConfiguration),
    }),
    truncatedEvents: events.map(toStreamEventShape),
  }
}

/** Shows a session in a list. */
export function toStreamSessionSummary(session: StreamSessionSummary): StreamSessionSummaryShape {
  return { streamId: session.streamId, ...toTimes(session), hasErrorEvent: session.hasErrorEvent }
}

/** Shows an event. */
export function toStreamEventShape({ name, type, timeMs, code }: StreamEvent): StreamEventShape {
  return { name, type, eventTime: toTimestamp(timeMs), ...(code !== undefined && { code }) }
}

// Until its first segment is playable a session has no other beginning than its creation.
function toTimes(session: StreamSessionSummary): SessionTimesShape {
  const { startTimeMs, createdAtMs, endTimeMs } = session
  return {
    startTime: toTimestamp(startTimeMs ?? createdAtMs),
    ...(endTimeMs !== undefined && { endTime: toTimestamp(endTimeMs) }),
  }
}

/** Shows what is published in both forms. */
export function toIngestShapes({ videos, audios }: IngestConfiguration): IngestShapes {
  const videoConfigurations = videos.map(toVideoConfiguration)
  const audioConfigurations = audios.map(toAudioConfiguration)
  const [video] = videoConfigurations
  const [audio] = audioConfigurations
  return {
    ingestConfiguration: {
      ...(video && { video: { ...video, avcProfile: video.profile, avcLevel: video.level } }),
      ...(audio && { audio }),
    },
    ingestConfigurations: { videoConfigurations, audioConfigurations },
  }
}

function toVideoConfiguration(video: IngestVideo, index: number): VideoConfigurationShape {
  return {
    codec: video.codec,
    profile: video.profile,
    level: video.level,
    videoWidth: video.width,
    videoHeight: video.height,
    encoder: video.encoder,
    track: `Track${index}`,
    ...toTarget('targetBitrate', video.bitrateBps),
    ...toTarget('targetFramerate', video.frameRate),
  }
}

function toAudioConfiguration(audio: IngestAudio, index: number): AudioConfigurationShape {
  return {
    codec: audio.codec,
    channels: audio.channels,
    sampleRate: audio.sampleRate,
    track: `Track${index}`,
    ...toTarget('targetBitrate', audio.bitrateBps),
  }
}

// The contract has whole numbers: 29.97 frames a second are shown as 30.
function toTarget<Name extends string>(
  name: Name,
  value: number | undefined,
): { readonly [Key in Name]?: number } {
  return value === undefined ? {} : ({ [name]: Math.round(value) } as { readonly [Key in Name]: number })
}
