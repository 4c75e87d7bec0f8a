/**
 * What an RTMP publisher sends, as bytes: nothing here waits or owns a socket.
 *
 * A server that reads in order can be fed all of it at once, which is how load generators use it.
 */
import { amf0Object, encodeAmf0 } from '../../src/media/amf0/amf0-writer.ts'
import type { Amf0Value } from '../../src/media/amf0/amf0-value.ts'
import type { RtmpMessage } from '../../src/media/rtmp/rtmp-message.ts'
import type { FlvTag } from './media/flv-file.ts'
import { ChunkEncoder, setChunkSizeMessage } from './rtmp-chunks.ts'
import { clientHandshake } from './rtmp-handshake.ts'

/** Chunk streams of this publisher; real encoders use others. */
export const CHUNK_STREAM = { control: 2, command: 3, video: 4, data: 5, audio: 6 } as const

/** The message stream that a fresh server gives out first. */
export const FIRST_MESSAGE_STREAM = 1

const MESSAGE_TYPE = { audio: 8, video: 9, data: 18, command: 20 } as const

/** Where and how to publish. */
export type PublishScript = {
  readonly app: string
  /** The stream key, with arguments if any. */
  readonly streamName: string
  readonly chunkSizeBytes: number
}

/** A command message; the transaction id 0 asks for no answer. */
export function commandMessage(
  messageStreamId: number,
  name: string,
  transactionId: number,
  ...values: readonly Amf0Value[]
): RtmpMessage {
  const payload = encodeAmf0(name, transactionId, ...values)
  return { typeId: MESSAGE_TYPE.command, messageStreamId, timestamp: 0, payload }
}

/** `connect` to `app`. */
export function connectMessage(app: string, members: Readonly<Record<string, Amf0Value>> = {}): RtmpMessage {
  const object = { app, type: 'nonprivate', flashVer: 'test', tcUrl: `rtmp://127.0.0.1/${app}`, ...members }
  return commandMessage(0, 'connect', 1, amf0Object(object))
}

/** A data message such as `@setDataFrame`, `onMetaData`, values. */
export function dataMessage(...values: readonly Amf0Value[]): RtmpMessage {
  const payload = encodeAmf0(...values)
  return { typeId: MESSAGE_TYPE.data, messageStreamId: FIRST_MESSAGE_STREAM, timestamp: 0, payload }
}

/** A video or audio message with an FLV tag body. */
export function mediaMessage(kind: 'video' | 'audio', timestamp: number, body: Buffer): RtmpMessage {
  return {
    typeId: MESSAGE_TYPE[kind],
    messageStreamId: FIRST_MESSAGE_STREAM,
    timestamp: timestamp >>> 0,
    payload: body,
  }
}

/** Commands from `connect` to `publish`, in the order of librtmp, on an encoder that keeps its chunk size. */
export function publishCommands(encoder: ChunkEncoder, script: PublishScript): Buffer {
  const { app, streamName, chunkSizeBytes } = script
  const chunkSize = encoder.write(CHUNK_STREAM.control, setChunkSizeMessage(chunkSizeBytes))
  encoder.chunkSizeBytes = chunkSizeBytes
  const commands = [
    connectMessage(app),
    commandMessage(0, 'releaseStream', 2, null, streamName),
    commandMessage(0, 'FCPublish', 3, null, streamName),
    commandMessage(0, 'createStream', 4, null),
    commandMessage(FIRST_MESSAGE_STREAM, 'publish', 5, null, streamName, 'live'),
  ]
  return Buffer.concat([chunkSize, ...commands.map((one) => encoder.write(CHUNK_STREAM.command, one))])
}

/** Commands that end the stream in good order. */
export function unpublishCommands(encoder: ChunkEncoder, streamName: string): Buffer {
  const commands = [
    commandMessage(0, 'FCUnpublish', 6, null, streamName),
    commandMessage(0, 'deleteStream', 7, null, FIRST_MESSAGE_STREAM),
  ]
  return Buffer.concat(commands.map((one) => encoder.write(CHUNK_STREAM.command, one)))
}

/** A piece of a recording and when to send it, counted from the beginning of its round. */
export type TimedBytes = { readonly atMs: number; readonly bytes: Buffer }

/** A publisher that can be played to a server for ever. */
export type PublisherRecording = {
  /** Handshake and commands, to be sent once and without waiting. */
  readonly opening: Buffer
  /** Stream configuration, to be sent once after it. */
  readonly headers: Buffer
  /** One round of media; its times are relative, so that it may follow itself. */
  readonly round: readonly TimedBytes[]
  readonly roundMs: number
}

/**
 * Records a publisher of the pictures and frames in `tags`, which begin with a keyframe.
 *
 * @param roundMs duration of the media: the step from the last tag to the first of the next round.
 */
export function recordPublisher(
  script: PublishScript,
  tags: readonly FlvTag[],
  roundMs: number,
): PublisherRecording {
  const encoder = new ChunkEncoder()
  const handshake = clientHandshake('simple')
  const echo = Buffer.alloc(1536)
  const opening = Buffer.concat([handshake.c0c1, echo, publishCommands(encoder, script)])
  const configs = tags.filter((tag) => isConfig(tag))
  const media = tags.filter((tag) => !isConfig(tag))
  const startMs = media[0]?.timeMs ?? 0
  const headers = configs.map((tag) => writeTag(encoder, tag, 0))
  // Every first message of a round steps on from the last one of the round before: begin there.
  for (const type of [MESSAGE_TYPE.video, MESSAGE_TYPE.audio]) {
    const last = media.findLast((tag) => tag.type === type)
    if (last) writeTag(encoder, last, last.timeMs - startMs - roundMs)
  }
  const round = media.map((tag) => ({
    atMs: tag.timeMs - startMs,
    bytes: writeTag(encoder, tag, tag.timeMs - startMs),
  }))
  return { opening, headers: Buffer.concat(headers), round, roundMs }
}

function isConfig(tag: FlvTag): boolean {
  return tag.body[1] === 0
}

// Type 1 headers carry a step instead of a time, and no other header is left to what was sent before.
function writeTag(encoder: ChunkEncoder, tag: FlvTag, timestamp: number): Buffer {
  const kind = tag.type === MESSAGE_TYPE.video ? 'video' : 'audio'
  return encoder.write(CHUNK_STREAM[kind], mediaMessage(kind, timestamp, tag.body), { maxFormat: 1 })
}
