/**
 * The messages a server sends, each with the chunk stream it goes out on.
 *
 * Spec: RTMP 1.0 §5.4 (protocol control), §7.1.7 (user control), §7.2 (commands).
 */
import { amf0Object, encodeAmf0 } from '../amf0/amf0-writer.ts'
import type { Amf0Value } from '../amf0/amf0-value.ts'
import { RTMP_MESSAGE, USER_CONTROL } from './rtmp-message.ts'
import type { RtmpMessage } from './rtmp-message.ts'

/** A message and its chunk stream. */
export type RtmpReply = { readonly chunkStreamId: number; readonly message: RtmpMessage }

/** What a status says to people and programs. */
export type RtmpStatus = {
  readonly level: 'status' | 'error'
  /** E.g. `NetStream.Publish.BadName`. */
  readonly code: string
  readonly description: string
}

const CONTROL_CHUNK_STREAM = 2
const COMMAND_CHUNK_STREAM = 3
const STATUS_CHUNK_STREAM = 5
const LIMIT_TYPE_DYNAMIC = 2

/** Set Chunk Size: every chunk after it may carry `sizeBytes`. */
export function setChunkSize(sizeBytes: number): RtmpReply {
  return control(RTMP_MESSAGE.setChunkSize, uint32(sizeBytes))
}

/** Acknowledgement of `receivedBytes`, modulo 2^32. */
export function acknowledgement(receivedBytes: number): RtmpReply {
  return control(RTMP_MESSAGE.acknowledgement, uint32(receivedBytes >>> 0))
}

/** Window Acknowledgement Size: we acknowledge, and want acknowledgements, at this distance. */
export function windowAcknowledgementSize(sizeBytes: number): RtmpReply {
  return control(RTMP_MESSAGE.windowAcknowledgementSize, uint32(sizeBytes))
}

/** Set Peer Bandwidth with the dynamic limit type. */
export function setPeerBandwidth(sizeBytes: number): RtmpReply {
  return control(
    RTMP_MESSAGE.setPeerBandwidth,
    Buffer.concat([uint32(sizeBytes), Buffer.from([LIMIT_TYPE_DYNAMIC])]),
  )
}

/** Stream Begin on a message stream. */
export function streamBegin(messageStreamId: number): RtmpReply {
  return userControl(USER_CONTROL.streamBegin, uint32(messageStreamId))
}

/** The answer to a ping request, echoing its timestamp. */
export function pingResponse(timestamp: Buffer): RtmpReply {
  return userControl(USER_CONTROL.pingResponse, timestamp)
}

/** A command with its values after the name. */
export function command(messageStreamId: number, name: string, ...values: readonly Amf0Value[]): RtmpReply {
  const chunkStreamId = messageStreamId === 0 ? COMMAND_CHUNK_STREAM : STATUS_CHUNK_STREAM
  const payload = encodeAmf0(name, ...values)
  return {
    chunkStreamId,
    message: { typeId: RTMP_MESSAGE.amf0Command, messageStreamId, timestamp: 0, payload },
  }
}

/** onStatus on a message stream. */
export function onStatus(messageStreamId: number, status: RtmpStatus): RtmpReply {
  return command(messageStreamId, 'onStatus', 0, null, amf0Object(status))
}

function control(typeId: number, payload: Buffer): RtmpReply {
  return {
    chunkStreamId: CONTROL_CHUNK_STREAM,
    message: { typeId, messageStreamId: 0, timestamp: 0, payload },
  }
}

function userControl(event: number, payload: Buffer): RtmpReply {
  return control(RTMP_MESSAGE.userControl, Buffer.concat([Buffer.from([0, event]), payload]))
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
