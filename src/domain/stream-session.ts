/**
 * What is remembered of a broadcast, and the port by which the live session tells it
 * (reference ivs-behaviour §5, §12; ivs-api §8, StreamSession).
 */
import type { Channel } from './channel.ts'
import type { RecordingConfiguration } from './recording-configuration.ts'

/** How long a session is remembered after its end, also when its channel is deleted. */
export const STREAM_SESSION_LIFETIME_MS: number = 60 * 24 * 60 * 60 * 1000

/** Most events of one session that are kept: the newest. */
export const MAX_STREAM_EVENTS = 500

/** A video track as it was published. */
export type IngestVideo = {
  /** RFC 6381, e.g. `avc1.64001F`. */
  readonly codec: string
  /** As the codec's specification spells it, e.g. `High`. */
  readonly profile: string
  /** E.g. `3.1`. */
  readonly level: string
  readonly width: number
  readonly height: number
  /** Frames a second, announced or measured; undefined when neither is there. */
  readonly frameRate: number | undefined
  /** Announced or measured. */
  readonly bitrateBps: number | undefined
  /** How the encoder calls itself; empty when it does not. */
  readonly encoder: string
}

/** An audio track as it was published. */
export type IngestAudio = {
  /** RFC 6381, e.g. `mp4a.40.2`. */
  readonly codec: string
  readonly channels: number
  /** In hertz. */
  readonly sampleRate: number
  /** Announced or measured. */
  readonly bitrateBps: number | undefined
}

/** Every track of a publisher. */
export type IngestConfiguration = {
  readonly videos: readonly IngestVideo[]
  readonly audios: readonly IngestAudio[]
}

/** Something that happened in a session, in the words that the service uses for it. */
export type StreamEvent = {
  /** Counts from 1 within its session; never used twice. */
  readonly number: number
  /** E.g. `Stream Start`. */
  readonly name: string
  /** E.g. `IVS Stream State Change`. */
  readonly type: string
  readonly timeMs: number
  /** Only some failures have one. */
  readonly code?: string
  /** Further members of the event's detail, by their names on the wire (reference ivs-behaviour §11). */
  readonly detail?: Readonly<Record<string, string | number | readonly string[]>>
}

/** One broadcast from start to end, as it is remembered. */
export type StreamSession = {
  readonly streamId: string
  /** The channel as it was when the broadcast began. */
  readonly channel: Channel
  /** How it was to be recorded when it began; undefined when it was not. */
  readonly recordingConfiguration: RecordingConfiguration | undefined
  /** Undefined until it is known what is published. */
  readonly ingest: IngestConfiguration | undefined
  /** When the publisher was let in; milliseconds since the Unix epoch, like the two below. */
  readonly createdAtMs: number
  /** When the first segment became playable; undefined when none did yet. */
  readonly startTimeMs: number | undefined
  /** Undefined while it is live. */
  readonly endTimeMs: number | undefined
  /** Whether a limit was breached or something failed. */
  readonly hasErrorEvent: boolean
}

/** A session in a list. */
export type StreamSessionSummary = Pick<
  StreamSession,
  'streamId' | 'createdAtMs' | 'startTimeMs' | 'endTimeMs' | 'hasErrorEvent'
>

/** A session that no end is written of. */
export type OpenStreamSession = Pick<StreamSession, 'streamId' | 'startTimeMs'> & {
  /** Last time the server was seen at work on it. */
  readonly lastSeenMs: number
  /** Number of its newest event. */
  readonly lastEventNumber: number
}

/** A step in the life of a session: what its record says from now on, and the events that tell of it, oldest first. */
export type SessionEntry = {
  readonly streamId: string
  readonly events: readonly StreamEvent[]
} & (
  | { readonly kind: 'opened'; readonly channel: Channel; readonly createdAtMs: number }
  | ({ readonly kind: 'changed' } & Partial<Pick<StreamSession, 'startTimeMs' | 'endTimeMs' | 'ingest'>>)
)

/** Takes down what happens to stream sessions. Called on the packet path, so it returns at once and never throws. */
export type SessionJournal = {
  /** False while so much is unwritten that no further session may begin. */
  readonly hasRoom: () => boolean
  /** Keeps `entry` until it is written, after all that were noted before. */
  readonly note: (entry: SessionEntry) => void
}

/** Whether an event makes its session one that met an error (reference ivs-behaviour §12). */
export function isErrorEvent(event: StreamEvent): boolean {
  return event.type === 'IVS Limit Breach' || event.code !== undefined || event.name.endsWith('Failure')
}
