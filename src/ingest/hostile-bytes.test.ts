import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import {
  AAC_FRAME,
  AAC_HEADER,
  avcHeader,
  interPicture,
  keyframe,
  SETS_1080P,
} from '../../test/harness/flv-bodies.ts'
import { recordPublisher } from '../../test/harness/rtmp-publisher.ts'
import { answerServer, clientHandshake } from '../../test/harness/rtmp-handshake.ts'
import { RtmpError } from '../media/rtmp/rtmp-error.ts'
import { RtmpServerSession } from '../media/rtmp/rtmp-server-session.ts'
import { FlvDemuxer } from './flv-demuxer.ts'
import { IngestError } from './ingest-error.ts'
import { readScript } from './script-message.ts'

const FOLDER = new URL('../../test/fixtures/media/rtmp/', import.meta.url)
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.hex'))

test.each(FILES)('%s ends as its file says, whole and byte by byte', (name) => {
  const text = readFileSync(new URL(name, FOLDER), 'utf8')
  const outcome = /^# outcome: (\w+)$/m.exec(text)?.[1]
  const bytes = Buffer.from(text.replaceAll(/^#.*$/gm, '').replaceAll(/\s/g, ''), 'hex')
  expect(play([bytes])).toBe(outcome)
  expect(play(Array.from(bytes, (byte) => Buffer.from([byte])))).toBe(outcome)
})

test('a publisher whose bytes are damaged anywhere ends with an error of ingest or goes on', () => {
  const bodies = [avcHeader(SETS_1080P), keyframe(), interPicture(), interPicture()]
  const tags = [
    ...bodies.map((body, index) => ({ type: 9, timeMs: index * 40, body })),
    ...[AAC_HEADER, AAC_FRAME, AAC_FRAME].map((body, index) => ({ type: 8, timeMs: index * 23, body })),
  ]
  const script = { app: 'app', streamName: 'sk_1?priority=1', chunkSizeBytes: 64 }
  const { opening, headers, round } = recordPublisher(script, tags, 160)
  const handshakeBytes = 2 * 1536 + 1
  const bytes = Buffer.concat([
    opening.subarray(handshakeBytes),
    headers,
    ...round.map((piece) => piece.bytes),
  ])
  expect(play([bytes])).toBe('none')
  const damage = fc.tuple(
    fc.nat(bytes.length - 1),
    fc.oneof(fc.constantFrom(0, 0x44, 0xc4, 0xff), fc.nat(255)),
  )
  fc.assert(
    fc.property(fc.array(damage, { minLength: 1, maxLength: 6 }), fc.nat(bytes.length), (damages, cut) => {
      const damaged = Buffer.from(bytes)
      for (const [at, value] of damages) damaged[at] = value
      expect(play([damaged.subarray(0, cut), damaged.subarray(cut)])).toMatch(/^[A-Z0-9_]+$|^none$/)
    }),
    { numRuns: 1500 },
  )
})

/** Code of the error that the pieces end with, or `none`; anything but the two errors of ingest comes through. */
function play(pieces: readonly Buffer[]): string {
  let handshake: Buffer | undefined
  const demuxer = new FlvDemuxer({ onTrack: () => undefined, onUnit: () => undefined }, 10_000)
  const session: RtmpServerSession = new RtmpServerSession({
    onOutput: (bytes) => void (handshake ??= bytes),
    onConnect: () => undefined,
    onPublish: () => session.acceptPublish(),
    onData: (message) => {
      const script = readScript(message)
      if (script?.kind === 'captions') demuxer.captions(script.constructs)
    },
    onVideo: (timestampMs, body) => demuxer.video(timestampMs, body),
    onAudio: (timestampMs, body) => demuxer.audio(timestampMs, body),
    onUnpublish: () => undefined,
  })
  const client = clientHandshake('simple')
  session.push(client.c0c1)
  session.push(answerServer(client, handshake!))
  try {
    for (const piece of pieces) session.push(piece)
    return 'none'
  } catch (error) {
    if (error instanceof RtmpError || error instanceof IngestError) return error.code
    throw error
  }
}
