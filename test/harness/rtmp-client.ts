/**
 * A scripted RTMP publisher over a real socket: does what a test says, in good order or not.
 *
 * Answers are kept in the order they came; `waitFor` looks through them and then waits. Every wait ends after
 * `WAIT_LIMIT_MS` with the answers so far in its message.
 */
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { amf0Object } from '../../src/media/amf0/amf0-writer.ts'
import type { Amf0Value } from '../../src/media/amf0/amf0-value.ts'
import { ChunkReader } from '../../src/media/rtmp/chunk-reader.ts'
import { readCommand } from '../../src/media/rtmp/rtmp-command.ts'
import type { RtmpCommand } from '../../src/media/rtmp/rtmp-command.ts'
import type { RtmpMessage } from '../../src/media/rtmp/rtmp-message.ts'
import { ChunkEncoder, setChunkSizeMessage } from './rtmp-chunks.ts'
import type { ChunkForm } from './rtmp-chunks.ts'
import { answerServer, clientHandshake, SERVER_HANDSHAKE_BYTES } from './rtmp-handshake.ts'
import type { HandshakeKind } from './rtmp-handshake.ts'
import {
  CHUNK_STREAM,
  commandMessage,
  connectMessage,
  dataMessage,
  FIRST_MESSAGE_STREAM,
  mediaMessage,
} from './rtmp-publisher.ts'

/** Where the server is and how to open the connection. */
export type RtmpClientOptions = {
  readonly port: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default false; the certificate is not checked. */
  readonly tls?: boolean
  /** Default simple. */
  readonly handshake?: HandshakeKind
}

/** A status of the server in short form. */
export type SeenStatus = { readonly level: string; readonly code: string; readonly description: string }

const WAIT_LIMIT_MS = 5000
const COMMAND_TYPE = 20
const LIMITS = { maxMessageBytes: 65_536, maxUnfinishedBytes: 131_072 }

/** One connection of a publisher. `await using` destroys its socket. */
export class RtmpClient implements AsyncDisposable {
  readonly socket: Socket
  readonly encoder: ChunkEncoder = new ChunkEncoder()
  /** Everything the server sent after the handshake. */
  readonly received: RtmpMessage[] = []
  /** Resolves when the socket is closed, in whatever way. */
  readonly closed: Promise<void>
  readonly #reader = new ChunkReader(LIMITS, (message) => this.#onMessage(message))
  readonly #waiting = new Set<() => void>()
  #handshakeBytes = Buffer.alloc(0)
  #isClosed = false
  #transactionId = 1

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('error', () => undefined)
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true
        this.#wake()
        resolve()
      })
    })
    socket.on('data', (bytes: Buffer) => this.#onBytes(bytes))
  }

  /** Opens a socket and sends nothing. */
  static async dial(options: RtmpClientOptions): Promise<RtmpClient> {
    const { port, host = '127.0.0.1', tls = false } = options
    const socket = tls ? connectTls({ port, host, rejectUnauthorized: false }) : connectTcp({ port, host })
    await once(socket, tls ? 'secureConnect' : 'connect')
    socket.setNoDelay(true)
    return new RtmpClient(socket)
  }

  /** Opens a connection and does the handshake, checking the server's part. */
  static async open(options: RtmpClientOptions): Promise<RtmpClient> {
    const client = await RtmpClient.dial(options)
    await client.shakeHands(options.handshake ?? 'simple')
    return client
  }

  /** Opens a connection and goes all the way to a running stream. */
  static async publish(
    options: RtmpClientOptions,
    streamName: string,
    chunkSizeBytes = 4096,
  ): Promise<RtmpClient> {
    const client = await RtmpClient.open(options)
    client.setChunkSize(chunkSizeBytes)
    await client.connect('app')
    await client.call('createStream', null)
    await client.startPublishing(streamName)
    return client
  }

  /** Sends C0 and C1, checks S0, S1 and S2, sends C2. */
  async shakeHands(kind: HandshakeKind): Promise<void> {
    const handshake = clientHandshake(kind)
    this.socket.write(handshake.c0c1)
    await this.#until(() => this.#handshakeBytes.length === SERVER_HANDSHAKE_BYTES, 'the server handshake')
    this.socket.write(answerServer(handshake, this.#handshakeBytes))
  }

  /** Sets the chunk size of what is sent from now on. */
  setChunkSize(sizeBytes: number): void {
    this.send(CHUNK_STREAM.control, setChunkSizeMessage(sizeBytes))
    this.encoder.chunkSizeBytes = sizeBytes
  }

  /** Connects to an application; fails when the server refuses. */
  async connect(app: string, members?: Readonly<Record<string, Amf0Value>>): Promise<void> {
    this.send(CHUNK_STREAM.command, connectMessage(app, members))
    const status = statusOf(await this.waitForAnswer(1))
    if (status.code !== 'NetConnection.Connect.Success') throw new Error(`refused: ${status.code}`)
  }

  /** Sends a command on message stream 0 and waits for its `_result` or `_error`. */
  async call(name: string, ...values: readonly Amf0Value[]): Promise<RtmpCommand> {
    const transactionId = ++this.#transactionId
    this.send(CHUNK_STREAM.command, commandMessage(0, name, transactionId, ...values))
    return this.waitForAnswer(transactionId)
  }

  /** Asks to publish and waits for the start; fails on any other status. */
  async startPublishing(streamName: string): Promise<void> {
    const status = await this.tryPublishing(streamName)
    if (status.code !== 'NetStream.Publish.Start') throw new Error(`refused: ${status.code}`)
  }

  /** Asks to publish and gives the status that comes back. */
  async tryPublishing(streamName: string): Promise<SeenStatus> {
    const message = commandMessage(FIRST_MESSAGE_STREAM, 'publish', 0, null, streamName, 'live')
    this.send(CHUNK_STREAM.command, message)
    return this.waitForStatus()
  }

  /** Sends `onMetaData` the way encoders do. */
  sendMetadata(members: Readonly<Record<string, Amf0Value>>): void {
    this.send(CHUNK_STREAM.data, dataMessage('@setDataFrame', 'onMetaData', amf0Object(members)))
  }

  /** Sends a data message with these AMF0 values. */
  sendData(timestampMs: number, payload: Buffer): void {
    this.send(CHUNK_STREAM.data, { ...dataMessage(), timestamp: timestampMs >>> 0, payload })
  }

  /** Sends an FLV tag body; the time is cut to 32 bits. */
  sendMedia(kind: 'video' | 'audio', timestampMs: number, body: Buffer, form?: ChunkForm): void {
    this.send(CHUNK_STREAM[kind], mediaMessage(kind, timestampMs, body), form)
  }

  /** Ends the stream in good order. */
  unpublish(streamName: string): void {
    this.send(CHUNK_STREAM.command, commandMessage(0, 'FCUnpublish', 0, null, streamName))
    this.send(CHUNK_STREAM.command, commandMessage(0, 'deleteStream', 0, null, FIRST_MESSAGE_STREAM))
  }

  /** Sends any message on any chunk stream. */
  send(chunkStreamId: number, message: RtmpMessage, form?: ChunkForm): void {
    this.socket.write(this.encoder.write(chunkStreamId, message, form))
  }

  /** Commands that the server sent so far. */
  get commands(): RtmpCommand[] {
    return this.received.filter((message) => message.typeId === COMMAND_TYPE).map(readCommand)
  }

  /** Waits for the answer to a transaction. */
  async waitForAnswer(transactionId: number): Promise<RtmpCommand> {
    const isAnswer = (one: RtmpCommand): boolean =>
      (one.name === '_result' || one.name === '_error') && one.transactionId === transactionId
    await this.#until(() => this.commands.some(isAnswer), `the answer to transaction ${transactionId}`)
    return this.commands.find(isAnswer)!
  }

  /** Waits for the first `onStatus`, or the first that `isWanted`. */
  async waitForStatus(isWanted: (status: SeenStatus) => boolean = () => true): Promise<SeenStatus> {
    const find = (): SeenStatus | undefined =>
      this.commands
        .filter((one) => one.name === 'onStatus')
        .map(statusOf)
        .find(isWanted)
    await this.#until(() => find() !== undefined, 'a status')
    return find()!
  }

  /** Waits for a message that `isWanted`. */
  async waitFor(isWanted: (message: RtmpMessage) => boolean, what: string): Promise<RtmpMessage> {
    await this.#until(() => this.received.some(isWanted), what)
    return this.received.find(isWanted)!
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.socket.destroy()
    await this.closed
  }

  #onBytes(bytes: Buffer): void {
    const missing = SERVER_HANDSHAKE_BYTES - this.#handshakeBytes.length
    if (missing > 0) this.#handshakeBytes = Buffer.concat([this.#handshakeBytes, bytes.subarray(0, missing)])
    if (bytes.length > missing) this.#reader.push(bytes.subarray(Math.max(0, missing)))
    this.#wake()
  }

  #onMessage(message: RtmpMessage): void {
    this.received.push(message)
  }

  #wake(): void {
    for (const check of [...this.#waiting]) check()
  }

  #until(isTrue: () => boolean, what: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const finish = (error?: Error): void => {
        clearTimeout(timer)
        this.#waiting.delete(check)
        if (error) reject(error)
        else resolve()
      }
      const seen = (): string => this.commands.map((one) => `${one.name} ${describe(one)}`).join('; ')
      const check = (): void => {
        if (isTrue()) finish()
        else if (this.#isClosed) finish(new Error(`closed while waiting for ${what}; seen: ${seen()}`))
      }
      const timer = setTimeout(
        () => finish(new Error(`waited too long for ${what}; seen: ${seen()}`)),
        WAIT_LIMIT_MS,
      )
      this.#waiting.add(check)
      check()
    })
  }
}

/** The status object of an `onStatus`, `_result` or `_error`; empty texts where there is none. */
export function statusOf(command: RtmpCommand): SeenStatus {
  const object = command.args[0]
  const text = (name: string): string => {
    const value = object instanceof Map ? (object as ReadonlyMap<string, Amf0Value>).get(name) : undefined
    return typeof value === 'string' ? value : ''
  }
  return { level: text('level'), code: text('code'), description: text('description') }
}

function describe(command: RtmpCommand): string {
  return statusOf(command).code || String(command.transactionId)
}
