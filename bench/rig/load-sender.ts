/**
 * A program that publishes one clip on many sockets in real time, started by `publisher-load.ts`.
 *
 * The chunk bytes of a round are the same for every publisher and made once: sending is a look into a wheel of
 * milliseconds and a socket write for each message, as encoders write each message by itself.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  recordPublisher,
  type PublisherRecording,
  type TimedBytes,
} from '../../test/harness/rtmp-publisher.ts'
import type { LoadOrder, LoadState } from './load-messages.ts'
import { CLIP_MS, readClip } from './publisher-clip.ts'

const CHUNK_SIZE_BYTES = 4096
/** Longer than the longest distance of two messages of one publisher. */
const WHEEL_SLOTS = 1024
const MAX_LATE_MS = 10_000
/** A server that is this far behind has lost the publisher. */
const MAX_WAITING_BYTES = 8 * 1024 * 1024
const MAX_FAILURES = 5
/** Connections that may wait for the server's agreement at once. */
const MAX_UNANSWERED = 20
const AGREED = 'NetStream.Publish.Start'

type Publisher = {
  readonly socket: Socket
  readonly startMs: number
  next: number
  round: number
}

const startedAtMs: number[] = []
const failures: string[] = []
const unanswered = new Set<Socket>()
const late = new Uint32Array(MAX_LATE_MS + 1)
const wheel: Publisher[][] = Array.from({ length: WHEEL_SLOTS }, () => [])
let round: readonly TimedBytes[] = []
let failed = 0
let sentMessages = 0
let sentBytes = 0
let maxWaitingBytes = 0
let openingMaxMs = 0
let turnedToMs = Math.floor(performance.now())

process.on('message', (message: LoadOrder | 'report') => {
  if (message === 'report') process.send?.(report())
  else void start(message)
})
process.on('disconnect', () => process.exit(0))

async function start(order: LoadOrder): Promise<void> {
  const tags = await readClip(order.clipFile)
  startedAtMs.push(...order.streamNames.map(() => 0))
  setInterval(turn, 1)
  const { app } = order
  const script = { app, streamName: '', chunkSizeBytes: CHUNK_SIZE_BYTES }
  const recording = recordPublisher(script, tags, CLIP_MS)
  round = recording.round
  for (const [slot, streamName] of order.streamNames.entries()) {
    // Only the opening names the stream.
    const { opening } = recordPublisher({ ...script, streamName }, [], CLIP_MS)
    void open(order.port, slot, { opening, headers: recording.headers })
    do await sleep(order.startIntervalMs)
    while (unanswered.size >= MAX_UNANSWERED)
  }
}

/** Connects and asks to publish; media begins when the server has agreed, as encoders do it. */
async function open(
  port: number,
  slot: number,
  recording: Pick<PublisherRecording, 'opening' | 'headers'>,
): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  unanswered.add(socket)
  socket.setNoDelay(true)
  socket.on('error', (error) => failures.length < MAX_FAILURES && failures.push(String(error)))
  socket.once('close', () => {
    failed++
    unanswered.delete(socket)
    if (failures.length < MAX_FAILURES) failures.push(`publisher ${slot} was closed by the server`)
  })
  const openedMs = performance.now()
  socket.write(recording.opening)
  await untilAgreed(socket)
  unanswered.delete(socket)
  const startMs = performance.now()
  openingMaxMs = Math.max(openingMaxMs, Math.round(startMs - openedMs))
  socket.write(recording.headers)
  startedAtMs[slot] = performance.timeOrigin + startMs
  plan({ socket, startMs, next: 0, round: 0 })
}

function untilAgreed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let heard = ''
    socket.on('data', (bytes: Buffer) => {
      if (heard === AGREED) return
      heard += bytes.toString('latin1')
      if (!heard.includes(AGREED)) return
      heard = AGREED
      resolve()
    })
  })
}

function dueMs(publisher: Publisher): number {
  return publisher.startMs + publisher.round * CLIP_MS + round[publisher.next]!.atMs
}

/** Puts the publisher where its next message is due, or where the wheel comes next. */
function plan(publisher: Publisher): void {
  const slotMs = Math.max(turnedToMs, Math.ceil(dueMs(publisher)))
  wheel[slotMs % WHEEL_SLOTS]!.push(publisher)
}

function turn(): void {
  const nowMs = Math.floor(performance.now())
  while (turnedToMs <= nowMs) {
    const due = wheel[turnedToMs % WHEEL_SLOTS]!
    wheel[turnedToMs % WHEEL_SLOTS] = []
    turnedToMs++
    for (const publisher of due) sendDue(publisher, turnedToMs)
  }
}

function sendDue(publisher: Publisher, untilMs: number): void {
  while (dueMs(publisher) < untilMs) {
    if (publisher.socket.destroyed) return
    send(publisher)
  }
  plan(publisher)
}

function send(publisher: Publisher): void {
  const { socket } = publisher
  const lateMs = Math.min(MAX_LATE_MS, Math.max(0, Math.floor(performance.now() - dueMs(publisher))))
  late[lateMs]!++
  const { bytes } = round[publisher.next]!
  socket.write(bytes)
  sentMessages++
  sentBytes += bytes.length
  if (socket.writableLength > maxWaitingBytes) maxWaitingBytes = socket.writableLength
  if (socket.writableLength > MAX_WAITING_BYTES) socket.destroy()
  publisher.next++
  if (publisher.next === round.length) {
    publisher.next = 0
    publisher.round++
  }
}

function report(): LoadState {
  const state: LoadState = {
    startedAtMs,
    failures,
    failed,
    openingMaxMs,
    sentMessages,
    sentBytes,
    lateP99Ms: lateShareMs(0.99),
    lateMaxMs: late.findLastIndex((count) => count > 0),
    maxWaitingBytes,
  }
  late.fill(0)
  maxWaitingBytes = 0
  return state
}

function lateShareMs(share: number): number {
  const total = late.reduce((sum, count) => sum + count, 0)
  let seen = 0
  return late.findIndex((count) => (seen += count) >= total * share)
}
