/**
 * Ports to what is live now: the API asks them what runs and stops it, delivery reads the media.
 */
import type { AdBreakOutcome } from './ad-break.ts'
import type { Channel, ContainerFormat, LatencyMode } from './channel.ts'

/** Health of a running stream (reference ivs-api §8, Stream). */
export type StreamHealth = 'HEALTHY' | 'STARVING' | 'UNKNOWN'

/** A channel's live state now. */
export type LiveStream = {
  readonly channelArn: string
  readonly accountId: string
  /** `st-` and 23 letters or digits. */
  readonly streamId: string
  /** When the first segment became playable; milliseconds since the Unix epoch. */
  readonly startTimeMs: number
  readonly health: StreamHealth
  readonly viewerCount: number
}

/** What is live. Streams appear here once their first segment is playable (reference ivs-behaviour §5). */
export type LiveDirectory = {
  readonly get: (channelArn: string) => LiveStream | undefined
  readonly list: (accountId: string) => readonly LiveStream[]
  /** Whether a publisher holds the channel, playable yet or not: such a channel may not be changed or deleted. */
  readonly isHeld: (channelArn: string) => boolean
}

/** Acts on what is live. */
export type LiveControl = {
  /** Ends the broadcast and disconnects its publisher; false when none runs. */
  readonly stop: (channelArn: string) => boolean
  /** Takes timed metadata for the stream of a channel; false when none is live. */
  readonly putMetadata: (channelArn: string, text: string) => boolean
  /** Begins an ad break on the stream of a channel, unless one runs. */
  readonly insertAdBreak: (channelArn: string, durationSeconds: number) => AdBreakOutcome
}

/** A slice of a segment that can be fetched before the segment is whole. */
export type LivePart = {
  readonly durationTicks: number
  /** Whether decoding can start at its first picture. */
  readonly independent: boolean
  readonly body: Buffer
}

/** The init section that fMP4 segments need before them. */
export type InitSection = { readonly id: number; readonly body: Buffer }

/** A segment, whole or still growing. Its parts are its bytes: nothing is held twice. */
export type LiveSegment = {
  /** Media Sequence Number. */
  readonly msn: number
  /** Wall clock of its first picture, milliseconds since the Unix epoch. */
  readonly programDateTimeMs: number
  /** Its beginning in media time, and the play time of all segments before it: the same in every rendition; 90 kHz ticks. */
  readonly startTicks: number
  readonly elapsedTicks: number
  /** Asset id of the ad that stands here; undefined for content. */
  readonly assetId?: string
  /** Whether time or parameters broke between the segment before and this one. */
  readonly discontinuity: boolean
  /** Whether the rendition has no media for this time: it is listed without parts, and nobody can fetch it. */
  readonly gap: boolean
  /** Undefined for MPEG-TS. */
  readonly init: InitSection | undefined
  /** Grows while the segment is open. */
  readonly parts: readonly LivePart[]
  /** Sum over `parts`. */
  readonly durationTicks: number
  readonly sizeBytes: number
  readonly complete: boolean
}

/** What a player must know of a rendition before it fetches media. */
export type RenditionDescription = {
  /** RFC 6381 strings of every track, video first. */
  readonly codecs: readonly string[]
  /** Pixels; undefined without a picture. */
  readonly width: number | undefined
  readonly height: number | undefined
  /** Frames a second; undefined when it is not known. */
  readonly frameRate: number | undefined
  /** Bits a second: highest of one segment or what the rendition is made to need, and over the window. */
  readonly peakBitrateBps: number
  readonly averageBitrateBps: number
}

/** Every viewer, those who ask for it, or none any more: it shows another rendition for those who watch it already. */
export type RenditionListing = 'always' | 'on-request' | 'never'

/** One encoded output of a stream and its live window. Readers look, they never change it. */
export type LiveRendition = {
  /** Group id in the multivariant playlist: `chunked` for the source. */
  readonly name: string
  /** What players show, e.g. `720p60`. */
  readonly displayName: () => string
  /** False for `audio_only`. */
  readonly hasVideo: boolean
  /** Which viewers are told of it (reference ivs-behaviour §6.1). */
  readonly listing: RenditionListing
  /** Call when a viewer is told of it or asks for it: one that is listed on request is packaged from then on. */
  readonly want: () => void
  readonly container: ContainerFormat
  /** Undefined until the first segment is whole; for one on request, until its tracks are known. */
  readonly description: () => RenditionDescription | undefined
  /** Segments of the window in order, the open one last; empty until the first one is whole. */
  readonly segments: () => readonly LiveSegment[]
  /** A segment by its number, also one that just left the window and the open one. */
  readonly find: (msn: number) => LiveSegment | undefined
  /** EXT-X-DISCONTINUITY-SEQUENCE of the first segment of the window. */
  readonly discontinuitySequence: () => number
  /** Grows by one whenever anything here changed. */
  readonly version: () => number
  /** EXT-X-TARGETDURATION in whole seconds, settled with the first segment. */
  readonly targetDurationSeconds: () => number
  /** PART-TARGET in milliseconds, settled with the first segment. */
  readonly partTargetMs: () => number
  readonly ended: () => boolean
  /** Sum of the durations of all segments that ever ended, and of those that left the window; 90 kHz ticks. */
  readonly totalTicks: () => number
  readonly elapsedTicks: () => number
  /** Calls `listener` after each change; the result ends that. */
  readonly onChange: (listener: () => void) => () => void
}

/** The media of one stream session, also for a while after its end. */
export type LiveMedia = {
  readonly streamId: string
  readonly channel: Channel
  readonly latencyMode: LatencyMode
  /** When the first segment became playable; milliseconds since the Unix epoch. */
  readonly startTimeMs: number
  /** Whether any of it is encoded here. */
  readonly transcoded: boolean
  /** Best first. Grows when one that was late has its first segment. */
  readonly renditions: readonly LiveRendition[]
}

/** Finds media for delivery. */
export type LiveMediaDirectory = {
  /** The running, playable stream of a channel. */
  readonly byChannel: (channelArn: string) => LiveMedia | undefined
  /** A running stream, or one whose tail has not aged out. */
  readonly byStream: (streamId: string) => LiveMedia | undefined
}
