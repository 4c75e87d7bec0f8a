/**
 * Cuts RTMP messages into chunks.
 *
 * Every message begins with a full header: what a server says is a few hundred bytes, so there is nothing to gain from
 * the shorter forms.
 *
 * Spec: RTMP 1.0 §5.3.1.
 */
import { DEFAULT_CHUNK_SIZE_BYTES, EXTENDED_TIMESTAMP } from './rtmp-message.ts'
import type { RtmpMessage } from './rtmp-message.ts'

const FULL_HEADER_BYTES = 12
const EXTENDED_BYTES = 4

/** Writes one direction of a connection. */
export class ChunkWriter {
  /** Payload bytes of a chunk; the peer must have been told before it is changed. */
  chunkSizeBytes: number = DEFAULT_CHUNK_SIZE_BYTES

  /** The chunks of `message`, back to back, on chunk stream 2 to 63. */
  write(chunkStreamId: number, message: RtmpMessage): Buffer {
    const { payload } = message
    const extendedBytes = message.timestamp >= EXTENDED_TIMESTAMP ? EXTENDED_BYTES : 0
    const continuations = Math.max(0, Math.ceil(payload.length / this.chunkSizeBytes) - 1)
    const bytes = Buffer.allocUnsafe(
      FULL_HEADER_BYTES + extendedBytes + payload.length + continuations * (1 + extendedBytes),
    )
    let at = bytes.writeUInt8(chunkStreamId)
    at = bytes.writeUIntBE(Math.min(message.timestamp, EXTENDED_TIMESTAMP), at, 3)
    at = bytes.writeUIntBE(payload.length, at, 3)
    at = bytes.writeUInt8(message.typeId, at)
    at = bytes.writeUInt32LE(message.messageStreamId, at)
    if (extendedBytes > 0) at = bytes.writeUInt32BE(message.timestamp, at)
    for (let from = 0; from < payload.length; from += this.chunkSizeBytes) {
      if (from > 0) {
        at = bytes.writeUInt8(0xc0 | chunkStreamId, at)
        if (extendedBytes > 0) at = bytes.writeUInt32BE(message.timestamp, at)
      }
      at += payload.copy(bytes, at, from, from + this.chunkSizeBytes)
    }
    return bytes
  }
}
