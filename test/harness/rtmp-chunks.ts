/**
 * Writes RTMP chunks in every form the specification allows, and in a few that encoders get wrong.
 *
 * Spec: RTMP 1.0 §5.3.1.
 */
import type { RtmpMessage } from '../../src/media/rtmp/rtmp-message.ts'

/** How a message is put into chunks. */
export type ChunkForm = {
  /** Highest header type to use where the fields allow it; 0 writes everything out. Default 3. */
  readonly maxFormat?: 0 | 1 | 2 | 3
  /** Some encoders leave the extended timestamp out of the chunks after the first. */
  readonly omitRepeatedTimestamp?: boolean
}

type Last = {
  readonly messageStreamId: number
  readonly lengthBytes: number
  readonly typeId: number
  readonly timestamp: number
  /** Timestamp or delta as last written. */
  readonly field: number
}

const EXTENDED = 0xff_ff_ff
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const

/** One direction of a connection, as a peer writes it. */
export class ChunkEncoder {
  /** Payload bytes of a chunk; sending Set Chunk Size is the caller's part. */
  chunkSizeBytes: number = 128
  readonly #last = new Map<number, Last>()

  /** All chunks of `message` back to back. */
  write(chunkStreamId: number, message: RtmpMessage, form: ChunkForm = {}): Buffer {
    return Buffer.concat(this.chunks(chunkStreamId, message, form))
  }

  /** The chunks of `message` one by one, to be interleaved with those of other chunk streams. */
  chunks(chunkStreamId: number, message: RtmpMessage, form: ChunkForm = {}): Buffer[] {
    const format = this.#format(chunkStreamId, message, form.maxFormat ?? 3)
    const field = this.#field(chunkStreamId, message, format)
    const { payload, typeId, messageStreamId, timestamp } = message
    this.#last.set(chunkStreamId, {
      messageStreamId,
      lengthBytes: payload.length,
      typeId,
      timestamp,
      field,
    })
    const extended = field >= EXTENDED ? uint32(field) : Buffer.alloc(0)
    const repeated = form.omitRepeatedTimestamp ? Buffer.alloc(0) : extended
    const chunks: Buffer[] = []
    let from = 0
    do {
      const body = payload.subarray(from, from + this.chunkSizeBytes)
      const header =
        from === 0
          ? [basicHeader(format, chunkStreamId), messageHeader(format, message, field), extended]
          : [basicHeader(3, chunkStreamId), repeated]
      chunks.push(Buffer.concat([...header, body]))
      from += this.chunkSizeBytes
    } while (from < payload.length)
    return chunks
  }

  #format(chunkStreamId: number, message: RtmpMessage, maxFormat: number): 0 | 1 | 2 | 3 {
    const last = this.#last.get(chunkStreamId)
    if (!last || maxFormat === 0 || last.messageStreamId !== message.messageStreamId) return 0
    const sameShape = last.lengthBytes === message.payload.length && last.typeId === message.typeId
    if (!sameShape || maxFormat === 1) return 1
    return maxFormat === 3 && delta(last, message) === last.field ? 3 : 2
  }

  #field(chunkStreamId: number, message: RtmpMessage, format: number): number {
    const last = this.#last.get(chunkStreamId)
    return last && format > 0 ? delta(last, message) : message.timestamp
  }
}

/** Set Chunk Size as a message, for chunk stream 2. */
export function setChunkSizeMessage(sizeBytes: number): RtmpMessage {
  return { typeId: 1, messageStreamId: 0, timestamp: 0, payload: uint32(sizeBytes) }
}

function delta(last: Last, message: RtmpMessage): number {
  return (message.timestamp - last.timestamp) >>> 0
}

function basicHeader(format: number, chunkStreamId: number): Buffer {
  const high = format << 6
  if (chunkStreamId < 64) return Buffer.from([high | chunkStreamId])
  const rest = chunkStreamId - 64
  return rest < 256 ? Buffer.from([high, rest]) : Buffer.from([high | 1, rest & 255, rest >> 8])
}

function messageHeader(format: 0 | 1 | 2 | 3, message: RtmpMessage, field: number): Buffer {
  const header = Buffer.alloc(11)
  header.writeUIntBE(Math.min(field, EXTENDED), 0, 3)
  header.writeUIntBE(message.payload.length, 3, 3)
  header.writeUInt8(message.typeId, 6)
  header.writeUInt32LE(message.messageStreamId, 7)
  return header.subarray(0, MESSAGE_HEADER_BYTES[format])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
