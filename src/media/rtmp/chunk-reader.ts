/**
 * Puts RTMP messages together from the chunks of a byte stream, whatever pieces the bytes arrive in.
 *
 * Each payload byte is copied once, from the piece it arrived in to the message's own buffer; a chunk allocates
 * nothing. Set Chunk Size and Abort act here and are not passed on.
 *
 * Spec: RTMP 1.0 §5.3 (chunking), §5.4.1, §5.4.2.
 */
import { RtmpError } from './rtmp-error.ts'
import { DEFAULT_CHUNK_SIZE_BYTES, EXTENDED_TIMESTAMP, RTMP_MESSAGE } from './rtmp-message.ts'
import type { RtmpMessage } from './rtmp-message.ts'

/** How much a peer may make the reader hold. */
export type ChunkReaderLimits = {
  /** Longest message. */
  readonly maxMessageBytes: number
  /** Sum of the lengths of all messages that have begun and not ended. */
  readonly maxUnfinishedBytes: number
}

const MAX_CHUNK_STREAMS = 64
/** Basic header of 3 bytes, message header of 11, extended timestamp of 4. */
const MAX_HEADER_BYTES = 18
const MESSAGE_HEADER_BYTES = [11, 7, 3, 0] as const

/** What the headers of one chunk stream leave to the next, and its unfinished message. */
type ChunkStream = {
  /** Of the message that is being read, or was read last; milliseconds modulo 2^32. */
  timestamp: number
  /** Timestamp or delta of the last header that had one. */
  timestampField: number
  extended: boolean
  lengthBytes: number
  typeId: number
  messageStreamId: number
  /** Undefined between messages. */
  payload: Buffer | undefined
  filledBytes: number
}

/** Reads one direction of a connection; an error thrown by `push` leaves it unusable. */
export class ChunkReader {
  readonly #onMessage: (message: RtmpMessage) => void
  readonly #streams = new Map<number, ChunkStream>()
  readonly #carry = Buffer.alloc(MAX_HEADER_BYTES)
  #carriedBytes = 0
  #limits: ChunkReaderLimits
  #chunkSizeBytes = DEFAULT_CHUNK_SIZE_BYTES
  #current: ChunkStream | undefined
  #chunkLeftBytes = 0
  #unfinishedBytes = 0
  #stopped = false

  constructor(limits: ChunkReaderLimits, onMessage: (message: RtmpMessage) => void) {
    this.#limits = limits
    this.#onMessage = onMessage
  }

  /** Declared bytes of the messages that have begun and not ended. */
  get unfinishedBytes(): number {
    return this.#unfinishedBytes
  }

  /** Bounds for messages that begin from now on. */
  set limits(limits: ChunkReaderLimits) {
    this.#limits = limits
  }

  /** Makes `push` return after the message that is being handed over. */
  stop(): void {
    this.#stopped = true
  }

  /**
   * Reads `bytes` up to their end or to a `stop`.
   *
   * @returns how many were read; the caller keeps the rest and passes it again.
   * @throws {RtmpError} when the peer breaks the chunk format or a limit.
   */
  push(bytes: Buffer): number {
    this.#stopped = false
    return this.#read(bytes)
  }

  #read(bytes: Buffer): number {
    let offset = 0
    while (offset < bytes.length && !this.#stopped) {
      offset = this.#current
        ? this.#readPayload(this.#current, bytes, offset)
        : this.#readHeader(bytes, offset)
    }
    return offset
  }

  #readPayload(stream: ChunkStream, bytes: Buffer, offset: number): number {
    const count = Math.min(this.#chunkLeftBytes, bytes.length - offset)
    if (stream.payload) bytes.copy(stream.payload, stream.filledBytes, offset, offset + count)
    stream.filledBytes += count
    this.#chunkLeftBytes -= count
    if (this.#chunkLeftBytes === 0) this.#endChunk(stream)
    return offset + count
  }

  /** Reads a chunk header at `offset`, or keeps its beginning for the next push. */
  #readHeader(bytes: Buffer, offset: number): number {
    if (this.#carriedBytes === 0) {
      const size = this.#parseHeader(bytes, offset, bytes.length)
      if (size > 0) return offset + size
      this.#carriedBytes = bytes.copy(this.#carry, 0, offset)
      return bytes.length
    }
    const carriedBefore = this.#carriedBytes
    const end = carriedBefore + bytes.copy(this.#carry, carriedBefore, offset)
    const size = this.#parseHeader(this.#carry, 0, end)
    this.#carriedBytes = size > 0 ? 0 : end
    if (size > 0 && size < carriedBefore) {
      this.#readCarriedPayload(Buffer.from(this.#carry.subarray(size, carriedBefore)))
      return offset
    }
    return offset + (size > 0 ? size : end) - carriedBefore
  }

  // Kept bytes that were taken for an extended timestamp turned out to be payload, and perhaps headers after it.
  #readCarriedPayload(bytes: Buffer): void {
    const read = this.#read(bytes)
    if (read < bytes.length) this.#carriedBytes = bytes.copy(this.#carry, 0, read)
  }

  /** Reads the header at `start` and begins its chunk; 0 when `end` comes before the header's. */
  #parseHeader(bytes: Buffer, start: number, end: number): number {
    const first = bytes[start] ?? 0
    const format = first >> 6
    const low = first & 0x3f
    const basicBytes = low === 0 ? 2 : low === 1 ? 3 : 1
    let at = start + basicBytes
    if (at > end) return 0
    let chunkStreamId = low
    if (basicBytes > 1) chunkStreamId = 64 + (bytes[start + 1] ?? 0)
    if (basicBytes === 3) chunkStreamId += (bytes[start + 2] ?? 0) << 8

    const fieldsAt = at
    at += MESSAGE_HEADER_BYTES[format as 0 | 1 | 2 | 3]
    if (at > end) return 0
    const known = this.#streams.get(chunkStreamId)
    if (!known && format > 1) {
      throw new RtmpError('RTMP_CHUNK_INVALID', `chunk of type ${format} on a chunk stream without a message`)
    }
    const shortField = format < 3 ? bytes.readUIntBE(fieldsAt, 3) : 0
    const extended = format < 3 ? shortField === EXTENDED_TIMESTAMP : (known?.extended ?? false)
    let field = format < 3 ? shortField : (known?.timestampField ?? 0)
    if (extended) {
      if (at + 4 > end) return 0
      const sent = bytes.readUInt32BE(at)
      // Not every encoder repeats the extended timestamp on type 3: there these bytes are payload.
      if (format < 3 || isRepeated(sent, field, known)) at += 4
      if (format < 3) field = sent
    }

    const stream = known ?? this.#addStream(chunkStreamId)
    stream.extended = extended
    stream.timestampField = field
    if (format < 2) {
      stream.lengthBytes = bytes.readUIntBE(fieldsAt + 3, 3)
      stream.typeId = bytes[fieldsAt + 6] ?? 0
    }
    if (format === 0) stream.messageStreamId = bytes.readUInt32LE(fieldsAt + 7)
    this.#beginChunk(stream, format)
    return at - start
  }

  #addStream(chunkStreamId: number): ChunkStream {
    if (this.#streams.size >= MAX_CHUNK_STREAMS) {
      throw new RtmpError('RTMP_TOO_MANY_CHUNK_STREAMS', `more than ${MAX_CHUNK_STREAMS} chunk streams`)
    }
    const stream: ChunkStream = {
      timestamp: 0,
      timestampField: 0,
      extended: false,
      lengthBytes: 0,
      typeId: 0,
      messageStreamId: 0,
      payload: undefined,
      filledBytes: 0,
    }
    this.#streams.set(chunkStreamId, stream)
    return stream
  }

  #beginChunk(stream: ChunkStream, format: number): void {
    // A full header in the middle of a message means that the sender gave the message up.
    if (format < 3) this.#dropMessage(stream)
    if (!stream.payload) {
      stream.timestamp =
        format === 0 ? stream.timestampField : (stream.timestamp + stream.timestampField) >>> 0
      stream.payload = this.#allocate(stream)
      stream.filledBytes = 0
    }
    this.#current = stream
    this.#chunkLeftBytes = Math.min(this.#chunkSizeBytes, stream.lengthBytes - stream.filledBytes)
    if (this.#chunkLeftBytes === 0) this.#endChunk(stream)
  }

  #allocate(stream: ChunkStream): Buffer {
    const { lengthBytes, typeId } = stream
    if (lengthBytes > this.#limits.maxMessageBytes) {
      throw new RtmpError(
        'RTMP_MESSAGE_TOO_LARGE',
        `message of ${lengthBytes} bytes; at most ${this.#limits.maxMessageBytes} are taken`,
      )
    }
    if (this.#unfinishedBytes + lengthBytes > this.#limits.maxUnfinishedBytes) {
      throw new RtmpError(
        'RTMP_TOO_MUCH_UNFINISHED',
        `unfinished messages of more than ${this.#limits.maxUnfinishedBytes} bytes`,
      )
    }
    this.#unfinishedBytes += lengthBytes
    // Media outlives the message: a slice of Node's shared pool would keep the whole pool block alive with it.
    const isMedia = typeId === RTMP_MESSAGE.audio || typeId === RTMP_MESSAGE.video
    return isMedia ? Buffer.allocUnsafeSlow(lengthBytes) : Buffer.allocUnsafe(lengthBytes)
  }

  #endChunk(stream: ChunkStream): void {
    this.#current = undefined
    const { payload } = stream
    if (!payload || stream.filledBytes < stream.lengthBytes) return
    stream.payload = undefined
    this.#unfinishedBytes -= stream.lengthBytes
    const { typeId } = stream
    if (typeId === RTMP_MESSAGE.setChunkSize) this.#setChunkSize(payload)
    else if (typeId === RTMP_MESSAGE.abort) this.#abort(payload)
    else {
      const { messageStreamId, timestamp } = stream
      this.#onMessage({ typeId, messageStreamId, timestamp, payload })
    }
  }

  #dropMessage(stream: ChunkStream): void {
    if (!stream.payload) return
    this.#unfinishedBytes -= stream.payload.length
    stream.payload = undefined
  }

  #setChunkSize(payload: Buffer): void {
    const sizeBytes = payload.length >= 4 ? payload.readUInt32BE(0) : 0
    // No cap of its own: a chunk takes no memory beyond its message, and messages are bounded.
    if (sizeBytes < 1 || sizeBytes > 0x7f_ff_ff_ff) {
      throw new RtmpError('RTMP_CHUNK_INVALID', `chunk size ${sizeBytes} is not possible`)
    }
    this.#chunkSizeBytes = sizeBytes
  }

  #abort(payload: Buffer): void {
    const stream = payload.length >= 4 ? this.#streams.get(payload.readUInt32BE(0)) : undefined
    if (stream) this.#dropMessage(stream)
  }
}

function isRepeated(sent: number, field: number, stream: ChunkStream | undefined): boolean {
  // Encoders differ on what they repeat: the field of the header, or the message's own timestamp.
  if (sent === field || !stream) return true
  return sent === (stream.payload ? stream.timestamp : (stream.timestamp + field) >>> 0)
}
