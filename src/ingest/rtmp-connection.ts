/**
 * One RTMP or RTMPS connection, from its first byte to its closing log line.
 *
 * Owns the socket, the deadlines and the back-pressure; the protocol is `media/rtmp`, the media `flv-demuxer.ts`.
 * The connection ends in one of three ways: the peer leaves, `#end` turns it away with a status and lingers until the
 * peer has read that, or it is destroyed because it does not read.
 */
import type { Socket } from 'node:net'
import type { Clock, Timer } from '../base/clock.ts'
import { randomAlphanumeric } from '../base/ids.ts'
import type { Logger } from '../base/logger.ts'
import type { Channel } from '../domain/channel.ts'
import { MAX_TAKEOVER_PRIORITY } from '../domain/publishing.ts'
import { dropReporter } from '../domain/drops.ts'
import type { DropCounts } from '../domain/drops.ts'
import type { EndReason, PublishedStream, PublishPort } from '../domain/publishing.ts'
import type { StreamKeyStore } from '../domain/stores.ts'
import { RtmpError } from '../media/rtmp/rtmp-error.ts'
import type { RtmpDataMessage } from '../media/rtmp/rtmp-command.ts'
import type { RtmpStatus } from '../media/rtmp/rtmp-replies.ts'
import { RtmpServerSession } from '../media/rtmp/rtmp-server-session.ts'
import type { RtmpConnectRequest, RtmpPublishRequest } from '../media/rtmp/rtmp-server-session.ts'
import type { QueryArguments } from '../media/rtmp/stream-name.ts'
import { FlvDemuxer } from './flv-demuxer.ts'
import { IngestError } from './ingest-error.ts'
import { isLoopback } from './loopback.ts'
import * as statuses from './rtmp-status.ts'
import { readScript } from './script-message.ts'

/** Bounds on one connection, in milliseconds. */
export type RtmpConnectionConfig = {
  /** From accepting the socket to the end of the handshake. */
  readonly handshakeTimeoutMs: number
  /** From the handshake to the publish command, and from an unpublish to the next. */
  readonly publishTimeoutMs: number
  /** Longest time without a byte; longer than the session's own silence limit, which names a better reason. */
  readonly idleTimeoutMs: number
  /** Longest audio without a picture. */
  readonly audioOnlyTimeoutMs: number
  /** Whether peers on this machine may use plain RTMP on channels that ask for TLS. */
  readonly allowInsecureLoopbackIngest: boolean
}

/** What a connection needs around it. */
export type RtmpConnectionOptions = {
  readonly config: RtmpConnectionConfig
  readonly clock: Clock
  readonly logger: Logger
  readonly streamKeys: Pick<StreamKeyStore, 'findChannelByValue'>
  readonly publishPort: PublishPort
  readonly drops: DropCounts
  /** Whether the bytes came through TLS. */
  readonly secure: boolean
  /** Without port. */
  readonly remoteAddress: string
  /** A stream began (true) or ended while the connection goes on (false). */
  readonly onPublishing: (publishing: boolean) => void
  /** Called once, when the socket is gone. */
  readonly onClosed: () => void
}

const APP_NAME = 'app'
const CONNECTION_ID_CHARS = 12
const MAX_STREAM_NAME_CHARS = 256
/** Replies that may wait for a peer that does not read. */
const MAX_UNREAD_REPLY_BYTES = 65_536
/** Time a peer has to read why it is turned away. */
const LINGER_MS = 2000

/** A publish connection. `start` it once. */
export class RtmpConnection {
  readonly connectionId: string = randomAlphanumeric(CONNECTION_ID_CHARS)
  readonly #socket: Socket
  readonly #options: RtmpConnectionOptions
  readonly #session: RtmpServerSession
  readonly #startedMs: number
  #log: Logger
  #deadline: Timer
  #idleTimer: Timer
  #lingerTimer: Timer | undefined
  #handshakeTimed = true
  #receivedBytes = 0
  #idleMarkBytes = 0
  #stream: PublishedStream | undefined
  #demuxer: FlvDemuxer | undefined
  #publishArgs: QueryArguments = new Map()
  readonly #reportDroppedUnits: (sum: number) => void
  readonly #reportDroppedCaptions: (sum: number) => void
  #closeReason = 'peer left before publishing'
  #isPaused = false
  #ending = false

  constructor(socket: Socket, options: RtmpConnectionOptions) {
    this.#socket = socket
    this.#options = options
    const { clock, config, logger, remoteAddress, secure } = options
    this.#startedMs = clock.monotonicMs()
    this.#reportDroppedUnits = dropReporter(options.drops, 'ingest-unit')
    this.#reportDroppedCaptions = dropReporter(options.drops, 'ingest-caption')
    this.#log = logger.with({ connectionId: this.connectionId, remoteAddress, secure })
    this.#deadline = clock.after(config.handshakeTimeoutMs, () => this.#timeOut('handshake took too long'))
    this.#idleTimer = clock.after(config.idleTimeoutMs, () => this.#checkIdle())
    this.#session = new RtmpServerSession({
      onOutput: (bytes) => this.#write(bytes),
      onConnect: (request) => this.#onConnect(request),
      onPublish: (request) => void this.#decide(request),
      onData: (message) => this.#onData(message),
      onVideo: (timestampMs, body) => this.#onVideo(timestampMs, body),
      onAudio: (timestampMs, body) => this.#onAudio(timestampMs, body),
      onUnpublish: () => this.#onUnpublish(),
    })
  }

  /** Reads `firstBytes`, then the socket. */
  start(firstBytes: Buffer): void {
    this.#socket.setNoDelay(true)
    this.#socket.on('data', (bytes: Buffer) => this.#onBytes(bytes))
    this.#socket.on('error', (error) => this.#log.debug('rtmp socket failed', { error }))
    this.#socket.once('close', () => this.#onClose())
    if (firstBytes.length > 0) this.#onBytes(firstBytes)
    if (!this.#isPaused) this.#socket.resume()
  }

  /** Tells the publisher `reason` and ends the connection. Idempotent. */
  disconnect(reason: string, endReason: EndReason = 'stopped'): void {
    this.#end(statuses.disconnected(reason), reason, endReason)
  }

  #onBytes(bytes: Buffer): void {
    // After the end bytes are read only so that the peer gets the status instead of a reset.
    if (this.#ending) return
    this.#receivedBytes += bytes.length
    this.#stream?.touch()
    this.#guard(() => this.#session.push(bytes))
    if (this.#handshakeTimed && this.#session.handshakeDone) {
      this.#handshakeTimed = false
      this.#awaitPublish()
    }
  }

  /** Runs `work` on the peer's bytes; what it throws ends this connection and no other. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      if (error instanceof RtmpError) {
        this.#log.info('rtmp protocol error', { code: error.code, problem: error.message })
        this.#end(statuses.connectionFailed('The protocol was broken.'), error.code, 'refused-media')
      } else if (error instanceof IngestError) {
        this.#log.info('media refused', { code: error.code, problem: error.message })
        this.#end(statuses.mediaRejected(error.message), error.code, 'refused-media')
      } else {
        this.#log.error('rtmp connection failed', { error })
        this.#end(statuses.connectionFailed('The server failed.'), 'internal error', 'refused-media')
      }
    }
  }

  #onConnect(request: RtmpConnectRequest): RtmpStatus | undefined {
    if (request.app === APP_NAME) {
      this.#log.debug('rtmp client connected', { flashVer: request.flashVer.slice(0, 64) })
      return undefined
    }
    // The session has written the refusal; ending waits until it is out.
    queueMicrotask(() => this.#end(undefined, 'unknown application', 'refused-media'))
    return statuses.UNKNOWN_APP
  }

  async #decide(request: RtmpPublishRequest): Promise<void> {
    this.#pause(true)
    this.#publishArgs = request.args
    try {
      const channel = await this.#findChannel(request.streamName)
      if (this.#ending) return
      if (!channel) this.#end(statuses.UNKNOWN_KEY, 'unknown stream key', 'refused-media')
      else this.#publish(channel)
    } catch (error) {
      this.#log.error('stream key could not be checked', { error })
      this.#end(statuses.SERVER_FAILED, 'stream key check failed', 'refused-media')
    } finally {
      this.#pause(false)
    }
  }

  async #findChannel(streamName: string): Promise<Channel | undefined> {
    if (streamName === '' || streamName.length > MAX_STREAM_NAME_CHARS) return undefined
    return this.#options.streamKeys.findChannelByValue(streamName)
  }

  #publish(channel: Channel): void {
    this.#log = this.#log.with({ channelArn: channel.arn })
    if (!this.#mayUseTransport(channel)) {
      this.#end(statuses.TLS_REQUIRED, 'channel requires TLS', 'refused-media')
      return
    }
    const { connectionId } = this
    const { remoteAddress } = this.#options
    const outcome = this.#options.publishPort.open(channel, {
      connectionId,
      remoteAddress,
      takeoverPriority: readPriority(this.#publishArgs.get('priority')),
      // A session also calls this for the end that it was told of by us, after `#stream` was let go.
      disconnect: (reason) => {
        if (this.#stream) this.disconnect(reason)
      },
    })
    if (outcome.kind === 'refused') {
      this.#end(statuses.NOT_OPENED[outcome.reason], outcome.reason, 'refused-media')
      return
    }
    this.#stream = outcome.stream
    this.#demuxer = new FlvDemuxer(outcome.stream, this.#options.config.audioOnlyTimeoutMs)
    this.#deadline.cancel()
    this.#closeReason = 'connection lost'
    this.#options.onPublishing(true)
    this.#guard(() => this.#session.acceptPublish())
  }

  #mayUseTransport(channel: Channel): boolean {
    if (this.#options.secure || channel.insecureIngest) return true
    return this.#options.config.allowInsecureLoopbackIngest && isLoopback(this.#options.remoteAddress)
  }

  #onVideo(timestampMs: number, body: Buffer): void {
    if (this.#ending) return
    this.#guard(() => this.#demuxer?.video(timestampMs, body))
  }

  #onAudio(timestampMs: number, body: Buffer): void {
    if (this.#ending) return
    this.#guard(() => this.#demuxer?.audio(timestampMs, body))
  }

  #onData(message: RtmpDataMessage): void {
    if (this.#ending) return
    const script = readScript(message)
    if (script?.kind === 'announcement') this.#stream?.announce(script.announcement)
    else if (script?.kind === 'text') this.#stream?.onText(script.text)
    else if (script?.kind === 'captions') this.#demuxer?.captions(script.constructs)
  }

  #onUnpublish(): void {
    this.#closeReason = 'unpublished'
    this.#reportDrops()
    this.#endStream('unpublished')
    this.#options.onPublishing(false)
    this.#awaitPublish()
  }

  #awaitPublish(): void {
    const { clock, config } = this.#options
    this.#deadline.cancel()
    this.#deadline = clock.after(config.publishTimeoutMs, () => this.#timeOut('no publish command in time'))
  }

  #timeOut(reason: string): void {
    this.#end(statuses.connectionFailed('Waited too long.'), reason, 'connection-lost')
  }

  // Looks at a counter now and then instead of setting a timer for every read.
  #checkIdle(): void {
    this.#reportDrops()
    if (this.#receivedBytes === this.#idleMarkBytes) {
      this.#timeOut('no data for too long')
      return
    }
    this.#idleMarkBytes = this.#receivedBytes
    this.#idleTimer = this.#options.clock.after(this.#options.config.idleTimeoutMs, () => this.#checkIdle())
  }

  #reportDrops(): void {
    this.#reportDroppedUnits(this.#demuxer?.droppedUnits ?? 0)
    this.#reportDroppedCaptions(this.#demuxer?.droppedCaptions ?? 0)
  }

  #endStream(reason: EndReason): void {
    const stream = this.#stream
    this.#stream = undefined
    stream?.end(reason)
  }

  #end(status: RtmpStatus | undefined, closeReason: string, endReason: EndReason): void {
    if (this.#ending) return
    this.#ending = true
    this.#closeReason = closeReason
    this.#deadline.cancel()
    this.#idleTimer.cancel()
    if (status) this.#session.close(status)
    this.#endStream(endReason)
    this.#socket.end()
    this.#pause(false)
    this.#lingerTimer = this.#options.clock.after(LINGER_MS, () => this.#socket.destroy())
  }

  #write(bytes: Buffer): void {
    if (this.#socket.destroyed || this.#socket.writableEnded) return
    this.#socket.write(bytes)
    if (this.#socket.writableLength <= MAX_UNREAD_REPLY_BYTES) return
    this.#closeReason = 'replies were not read'
    this.#socket.destroy()
  }

  #pause(paused: boolean): void {
    this.#isPaused = paused
    if (paused) this.#socket.pause()
    else this.#socket.resume()
  }

  #onClose(): void {
    this.#ending = true
    this.#deadline.cancel()
    this.#idleTimer.cancel()
    this.#lingerTimer?.cancel()
    this.#endStream('connection-lost')
    this.#reportDrops()
    this.#log.info('rtmp connection closed', {
      reason: this.#closeReason,
      receivedBytes: this.#receivedBytes,
      durationMs: Math.round(this.#options.clock.monotonicMs() - this.#startedMs),
      droppedUnits: this.#demuxer?.droppedUnits ?? 0,
      droppedCaptions: this.#demuxer?.droppedCaptions ?? 0,
    })
    this.#options.onClosed()
  }
}

function readPriority(text: string | undefined): number | 'invalid' | undefined {
  if (text === undefined) return undefined
  const priority = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0
  return priority >= 1 && priority <= MAX_TAKEOVER_PRIORITY ? priority : 'invalid'
}
