/**
 * The server's side of one RTMP connection that publishes, from bytes to messages.
 *
 * Bytes go in with `push`; what to send and what was understood come out through `RtmpSessionEvents`, called from inside
 * `push` and the other methods. No socket and no clock: deadlines and back-pressure belong to the caller.
 *
 * Between `onPublish` and `acceptPublish` nothing more is read, so that no media can arrive before its place is known.
 * Playing is refused: players use HLS.
 *
 * Spec: RTMP 1.0 §5 to §7.
 */
import { amf0Object } from '../amf0/amf0-writer.ts'
import type { Amf0Object } from '../amf0/amf0-value.ts'
import { ChunkReader } from './chunk-reader.ts'
import type { ChunkReaderLimits } from './chunk-reader.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { readCommand, readDataMessage, textArgument } from './rtmp-command.ts'
import type { RtmpCommand, RtmpDataMessage } from './rtmp-command.ts'
import { RtmpError } from './rtmp-error.ts'
import { RTMP_MESSAGE, USER_CONTROL } from './rtmp-message.ts'
import type { RtmpMessage } from './rtmp-message.ts'
import * as replies from './rtmp-replies.ts'
import type { RtmpReply, RtmpStatus } from './rtmp-replies.ts'
import { ServerHandshake } from './server-handshake.ts'
import { splitQuery } from './stream-name.ts'
import type { QueryArguments } from './stream-name.ts'
import { TimestampUnwrapper } from './timestamp-unwrapper.ts'

/** What a client said when it connected. */
export type RtmpConnectRequest = {
  /** Application name without arguments and trailing slashes. */
  readonly app: string
  readonly tcUrl: string
  /** What the client says it is; empty when it does not. */
  readonly flashVer: string
}

/** What a client wants to publish. */
export type RtmpPublishRequest = {
  /** Name without arguments: the stream key. Secret. */
  readonly streamName: string
  /** Arguments of the stream name, and of the application URL where the name does not repeat them. */
  readonly args: QueryArguments
}

/** What the session understood. None of these may throw, and none may push more bytes before it returns. */
export type RtmpSessionEvents = {
  /** Bytes for the peer, in order. */
  readonly onOutput: (bytes: Buffer) => void
  /** A client names its application; a status back refuses it, after which the session is closed. */
  readonly onConnect: (request: RtmpConnectRequest) => RtmpStatus | undefined
  /** A client wants to publish: the caller answers with `acceptPublish` or `close`, at once or later. */
  readonly onPublish: (request: RtmpPublishRequest) => void
  /** What is said beside the media: `onMetaData` and others. */
  readonly onData: (message: RtmpDataMessage) => void
  /** FLV video tag body at a time that goes on past the 32-bit wrap. The body belongs to the receiver. */
  readonly onVideo: (timestampMs: number, body: Buffer) => void
  /** FLV audio tag body, likewise. */
  readonly onAudio: (timestampMs: number, body: Buffer) => void
  /** The publisher ended its stream in good order; it may publish again. */
  readonly onUnpublish: () => void
}

type State = 'handshake' | 'new' | 'connected' | 'deciding' | 'publishing' | 'closed'

/** Before a publisher is known it gets little memory; a keyframe of 4 MiB is far above any allowed bitrate. */
const LIMITS_UNKNOWN_PEER: ChunkReaderLimits = { maxMessageBytes: 65_536, maxUnfinishedBytes: 131_072 }
const LIMITS_PUBLISHER: ChunkReaderLimits = { maxMessageBytes: 4_194_304, maxUnfinishedBytes: 8_388_608 }
const MAX_HELD_BYTES = 262_144
const MAX_MESSAGE_STREAMS = 16
const OWN_CHUNK_SIZE_BYTES = 4096
const OWN_WINDOW_BYTES = 2_500_000

/** One connection's protocol state. An `RtmpError` out of `push` leaves only `close` usable. */
export class RtmpServerSession {
  readonly #events: RtmpSessionEvents
  readonly #handshake = new ServerHandshake()
  readonly #reader: ChunkReader
  readonly #writer = new ChunkWriter()
  #time = new TimestampUnwrapper()
  #state: State = 'handshake'
  #held: Buffer | undefined
  #output: Buffer[] = []
  #receivedBytes = 0
  #acknowledgedBytes = 0
  #windowBytes = OWN_WINDOW_BYTES
  #messageStreams = 0
  #publishStreamId = 0
  #connectArgs: QueryArguments = new Map()

  constructor(events: RtmpSessionEvents) {
    this.#events = events
    this.#reader = new ChunkReader(LIMITS_UNKNOWN_PEER, (message) => this.#onMessage(message))
  }

  /** Whether the handshake is over. */
  get handshakeDone(): boolean {
    return this.#handshake.done
  }

  /**
   * Reads what the peer sent.
   *
   * @throws {RtmpError} when the peer breaks the protocol or a bound.
   */
  push(bytes: Buffer): void {
    if (this.#state === 'closed') return
    this.#receivedBytes += bytes.length
    try {
      this.#read(bytes)
      this.#acknowledge()
    } finally {
      this.#flush()
    }
  }

  /** Lets the stream of the last `onPublish` begin and reads what was held back meanwhile. */
  acceptPublish(): void {
    if (this.#state !== 'deciding') return
    this.#state = 'publishing'
    this.#time = new TimestampUnwrapper()
    this.#reader.limits = LIMITS_PUBLISHER
    this.#send(replies.streamBegin(this.#publishStreamId))
    this.#sendStatus('status', 'NetStream.Publish.Start', 'Publishing.')
    const held = this.#held
    this.#held = undefined
    try {
      if (held) this.#read(held)
    } finally {
      this.#flush()
    }
  }

  /** Says why on the published or wished-for stream, then ignores everything; the caller ends the connection. */
  close(status: RtmpStatus): void {
    if (this.#state === 'closed') return
    const mayTalk = this.#state !== 'handshake'
    this.#state = 'closed'
    this.#held = undefined
    this.#reader.stop()
    if (mayTalk) this.#send(replies.onStatus(this.#publishStreamId, status))
    this.#flush()
  }

  #read(bytes: Buffer): void {
    let offset = 0
    if (this.#state === 'handshake') {
      offset = this.#handshake.push(bytes, (reply) => this.#output.push(reply))
      if (this.#handshake.done) this.#state = 'new'
    }
    // The reader stops after each publish command, which may have been answered already.
    while (offset < bytes.length && this.#isReading()) {
      offset += this.#reader.push(offset === 0 ? bytes : bytes.subarray(offset))
    }
    if (offset < bytes.length && this.#state === 'deciding') this.#hold(bytes.subarray(offset))
  }

  #isReading(): boolean {
    return this.#state !== 'deciding' && this.#state !== 'closed'
  }

  #hold(bytes: Buffer): void {
    const held = this.#held ? Buffer.concat([this.#held, bytes]) : bytes
    if (held.length > MAX_HELD_BYTES) {
      throw new RtmpError(
        'RTMP_TOO_MUCH_UNFINISHED',
        `more than ${MAX_HELD_BYTES} bytes before publishing began`,
      )
    }
    this.#held = held
  }

  #onMessage(message: RtmpMessage): void {
    switch (message.typeId) {
      case RTMP_MESSAGE.video:
        if (this.#state === 'publishing') {
          this.#events.onVideo(this.#time.unwrap(message.timestamp), message.payload)
        }
        return
      case RTMP_MESSAGE.audio:
        if (this.#state === 'publishing') {
          this.#events.onAudio(this.#time.unwrap(message.timestamp), message.payload)
        }
        return
      case RTMP_MESSAGE.amf0Command:
      case RTMP_MESSAGE.amf3Command:
        this.#onCommand(readCommand(message))
        return
      case RTMP_MESSAGE.amf0Data:
      case RTMP_MESSAGE.amf3Data:
        this.#onDataMessage(message)
        return
      case RTMP_MESSAGE.windowAcknowledgementSize:
        this.#setWindow(message.payload)
        return
      case RTMP_MESSAGE.userControl:
        this.#onUserControl(message.payload)
        return
      default:
      // Acknowledgements, bandwidth wishes, shared objects: nothing that a publisher needs an answer to.
    }
  }

  #onDataMessage(message: RtmpMessage): void {
    if (this.#state !== 'publishing') return
    const data = readDataMessage(message)
    if (data) this.#events.onData(data)
  }

  #setWindow(payload: Buffer): void {
    const sizeBytes = payload.length >= 4 ? payload.readUInt32BE(0) : 0
    if (sizeBytes > 0) this.#windowBytes = sizeBytes
  }

  #onUserControl(payload: Buffer): void {
    const isPing = payload.length >= 6 && payload.readUInt16BE(0) === USER_CONTROL.pingRequest
    if (isPing) this.#send(replies.pingResponse(payload.subarray(2, 6)))
  }

  #onCommand(command: RtmpCommand): void {
    switch (command.name) {
      case 'connect':
        this.#onConnect(command)
        return
      case 'createStream':
        this.#onCreateStream(command)
        return
      case 'FCPublish':
        this.#result(command, undefined)
        this.#send(
          replies.command(
            0,
            'onFCPublish',
            0,
            null,
            amf0Object({ code: 'NetStream.Publish.Start', description: '' }),
          ),
        )
        return
      case 'publish':
        this.#onPublish(command)
        return
      case 'FCUnpublish':
      case 'deleteStream':
      case 'closeStream':
        this.#onUnpublish(command)
        return
      case 'releaseStream':
      case '_checkbw':
        this.#result(command, undefined)
        return
      case 'play':
      case 'play2':
        this.#send(
          replies.onStatus(command.messageStreamId, {
            level: 'error',
            code: 'NetStream.Play.Failed',
            description: 'This server plays over HLS only.',
          }),
        )
        return
      default:
        this.#onUnknownCommand(command)
    }
  }

  #onConnect(command: RtmpCommand): void {
    if (this.#state !== 'new') throw new RtmpError('RTMP_COMMAND_INVALID', 'connect was sent twice')
    const app = splitQuery(textProperty(command.properties, 'app'))
    const tcUrl = textProperty(command.properties, 'tcUrl')
    this.#connectArgs = new Map([...splitQuery(tcUrl).args, ...app.args])
    const refusal = this.#events.onConnect({
      app: app.name.replace(/\/+$/, ''),
      tcUrl,
      flashVer: textProperty(command.properties, 'flashVer'),
    })
    if (refusal) {
      this.#send(replies.command(0, '_error', command.transactionId, null, amf0Object(refusal)))
      this.#state = 'closed'
      this.#reader.stop()
      return
    }
    this.#state = 'connected'
    this.#greet(command)
  }

  #greet(command: RtmpCommand): void {
    this.#send(replies.windowAcknowledgementSize(OWN_WINDOW_BYTES))
    this.#send(replies.setPeerBandwidth(OWN_WINDOW_BYTES))
    this.#send(replies.setChunkSize(OWN_CHUNK_SIZE_BYTES))
    this.#writer.chunkSizeBytes = OWN_CHUNK_SIZE_BYTES
    const server = amf0Object({ fmsVer: 'FMS/3,5,7,7009', capabilities: 31, mode: 1 })
    const success = amf0Object({
      level: 'status',
      code: 'NetConnection.Connect.Success',
      description: 'Connection succeeded.',
      objectEncoding: 0,
    })
    this.#send(replies.command(0, '_result', command.transactionId, server, success))
  }

  #onCreateStream(command: RtmpCommand): void {
    this.#requireConnected(command)
    if (this.#messageStreams >= MAX_MESSAGE_STREAMS) {
      throw new RtmpError('RTMP_COMMAND_INVALID', `more than ${MAX_MESSAGE_STREAMS} message streams`)
    }
    this.#messageStreams++
    this.#result(command, this.#messageStreams)
  }

  #onPublish(command: RtmpCommand): void {
    this.#requireConnected(command)
    if (this.#state !== 'connected') {
      throw new RtmpError('RTMP_COMMAND_INVALID', 'publish was sent while publishing')
    }
    const { name, args } = splitQuery(textArgument(command, 0) ?? '')
    this.#publishStreamId = command.messageStreamId
    this.#state = 'deciding'
    this.#reader.stop()
    this.#events.onPublish({ streamName: name, args: new Map([...this.#connectArgs, ...args]) })
  }

  #onUnpublish(command: RtmpCommand): void {
    this.#result(command, undefined)
    if (this.#state !== 'publishing') return
    const streamId = command.name === 'deleteStream' ? command.args[0] : this.#publishStreamId
    if (streamId !== this.#publishStreamId) return
    this.#state = 'connected'
    this.#reader.limits = LIMITS_UNKNOWN_PEER
    if (command.name === 'FCUnpublish') {
      const result = { code: 'NetStream.Unpublish.Success', description: '' }
      this.#send(replies.command(0, 'onFCUnpublish', 0, null, amf0Object(result)))
    }
    this.#sendStatus('status', 'NetStream.Unpublish.Success', 'Unpublished.')
    this.#events.onUnpublish()
  }

  #onUnknownCommand(command: RtmpCommand): void {
    // Answers to our own commands, and calls that want none, end here.
    if (command.transactionId === 0 || command.name === '_result' || command.name === '_error') return
    const error = { level: 'error', code: 'NetConnection.Call.Failed', description: 'Unknown command.' }
    this.#send(replies.command(0, '_error', command.transactionId, null, amf0Object(error)))
  }

  #requireConnected(command: RtmpCommand): void {
    if (this.#state === 'new') {
      throw new RtmpError('RTMP_COMMAND_INVALID', `${command.name} was sent before connect`)
    }
  }

  #result(command: RtmpCommand, value: number | undefined): void {
    if (command.transactionId === 0) return
    this.#send(replies.command(0, '_result', command.transactionId, null, value))
  }

  #sendStatus(level: RtmpStatus['level'], code: string, description: string): void {
    this.#send(replies.onStatus(this.#publishStreamId, { level, code, description }))
  }

  #acknowledge(): void {
    if (this.#receivedBytes - this.#acknowledgedBytes < this.#windowBytes || this.#state === 'handshake')
      return
    this.#acknowledgedBytes = this.#receivedBytes
    this.#send(replies.acknowledgement(this.#receivedBytes))
  }

  #send(reply: RtmpReply): void {
    this.#output.push(this.#writer.write(reply.chunkStreamId, reply.message))
  }

  #flush(): void {
    const [first] = this.#output
    if (!first) return
    const bytes = this.#output.length === 1 ? first : Buffer.concat(this.#output)
    this.#output = []
    this.#events.onOutput(bytes)
  }
}

function textProperty(properties: Amf0Object, name: string): string {
  const value = properties.get(name)
  return typeof value === 'string' ? value : ''
}
