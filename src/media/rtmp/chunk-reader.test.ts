import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkEncoder, setChunkSizeMessage } from '../../../test/harness/rtmp-chunks.ts'
import { ChunkReader } from './chunk-reader.ts'
import { ChunkWriter } from './chunk-writer.ts'
import { RtmpError } from './rtmp-error.ts'
import type { RtmpMessage } from './rtmp-message.ts'

const LIMITS = { maxMessageBytes: 4096, maxUnfinishedBytes: 8192 }
const VIDEO = 9

describe('messages', () => {
  test.each([1, 7, 128, 65_536])('come out whole with chunks of %i bytes', (sizeBytes) => {
    const encoder = new ChunkEncoder()
    const opening = encoder.write(2, setChunkSizeMessage(sizeBytes))
    encoder.chunkSizeBytes = sizeBytes
    const messages = [video(0, 1000), video(40, 1000), video(80, 1)]
    expect(readAll([opening, ...messages.map((one) => encoder.write(4, one))])).toEqual(messages)
  })

  test('of one chunk stream may change their chunk size in the middle (§5.4.1)', () => {
    const encoder = new ChunkEncoder()
    const [first, ...rest] = encoder.chunks(4, video(0, 300))
    const change = encoder.write(2, setChunkSizeMessage(64))
    const shorter = new ChunkEncoder()
    shorter.chunkSizeBytes = 64
    const tail = shorter.chunks(4, video(0, 300)).slice(2)
    expect(rest).toHaveLength(2)
    expect(readAll([first!, change, ...tail])).toEqual([video(0, 300)])
  })

  test('are dropped by an Abort of their chunk stream (§5.4.2)', () => {
    const encoder = new ChunkEncoder()
    const [first] = encoder.chunks(4, video(0, 300))
    const abort = encoder.write(2, {
      typeId: 2,
      messageStreamId: 0,
      timestamp: 0,
      payload: Buffer.from([0, 0, 0, 4]),
    })
    const next = encoder.write(4, video(40, 300), { maxFormat: 0 })
    expect(readAll([first!, abort, next])).toEqual([video(40, 300)])
  })

  test('are given up when a full header comes before their end', () => {
    const encoder = new ChunkEncoder()
    const [first] = encoder.chunks(4, video(0, 300))
    const next = encoder.write(4, video(40, 200), { maxFormat: 0 })
    expect(readAll([first!, next])).toEqual([video(40, 200)])
  })

  test('may begin with a type 1 header, which some encoders send first', () => {
    const bytes = Buffer.from('44' + '000005' + '000001' + '09' + '61', 'hex')
    expect(readAll([bytes])).toEqual([
      { typeId: VIDEO, messageStreamId: 0, timestamp: 5, payload: Buffer.from('a') },
    ])
  })

  test('may be empty', () => {
    const encoder = new ChunkEncoder()
    expect(readAll([encoder.write(4, video(0, 0)), encoder.write(4, video(40, 0))])).toEqual([
      video(0, 0),
      video(40, 0),
    ])
  })

  test('stop being read when the reader is stopped, and go on with the rest', () => {
    const encoder = new ChunkEncoder()
    const bytes = Buffer.concat([video(0, 10), video(1, 10)].map((one) => encoder.write(4, one)))
    const seen: number[] = []
    const reader: ChunkReader = new ChunkReader(LIMITS, (message) => {
      seen.push(message.timestamp)
      reader.stop()
    })
    const read = reader.push(bytes)
    expect(seen).toEqual([0])
    expect(reader.push(bytes.subarray(read))).toBe(bytes.length - read)
    expect(seen).toEqual([0, 1])
  })

  test('lose nothing when the reader stops among bytes that it had kept back', () => {
    const encoder = new ChunkEncoder()
    const form = { maxFormat: 0 as const, omitRepeatedTimestamp: true }
    const messages = [video(0x1_00_00_00, 129), video(0x1_00_00_28, 129), video(0, 8)]
    const bytes = Buffer.concat(messages.map((one) => encoder.write(4, one, form)))
    const firstEnd = encoder.write(4, messages[0]!, form).length
    const seen: RtmpMessage[] = []
    const reader: ChunkReader = new ChunkReader(LIMITS, (message) => {
      seen.push(message)
      reader.stop()
    })
    // The first piece ends so that the last payload byte and the next header look like a timestamp cut short.
    for (const piece of pieces(bytes, [firstEnd + 2])) {
      for (let at = 0; at < piece.length;) at += reader.push(piece.subarray(at))
    }
    expect(seen).toEqual(messages)
  })

  test('own their bytes: the read buffer may be used again', () => {
    const bytes = new ChunkEncoder().write(4, video(0, 100))
    const messages: RtmpMessage[] = []
    new ChunkReader(LIMITS, (message) => messages.push(message)).push(bytes)
    bytes.fill(0)
    expect(messages).toEqual([video(0, 100)])
    // No larger block is kept alive by a small frame.
    expect(messages[0]?.payload.buffer.byteLength).toBe(100)
  })
})

describe('timestamps', () => {
  test.each([0xff_ff_fe, 0xff_ff_ff, 0x1_00_00_00, 0xff_ff_ff_ff])(
    'of %i are read (§5.3.1.3)',
    (timestamp) => {
      const encoder = new ChunkEncoder()
      const messages = [video(timestamp, 300), video((timestamp + 40) >>> 0, 300)]
      expect(readAll(messages.map((one) => encoder.write(4, one)))).toEqual(messages)
    },
  )

  test('beyond 24 bits may be left out of later chunks, as old encoders do', () => {
    const encoder = new ChunkEncoder()
    const messages = [video(0x1_00_00_00, 300), video(0x1_00_00_28, 300)]
    const bytes = messages.map((one) => encoder.write(4, one, { maxFormat: 0, omitRepeatedTimestamp: true }))
    expect(readAll(bytes)).toEqual(messages)
  })

  test.each([
    ['the delta of the header', '01000000'],
    ['the time of the message', '01000005'],
  ])('may be repeated on type 3 as %s', (_name, repeated) => {
    const first = Buffer.from('04 000005 000001 09 01000000 61'.replaceAll(' ', ''), 'hex')
    const header = Buffer.from('44 ffffff 000082 09 01000000'.replaceAll(' ', ''), 'hex')
    const payload = video(0x1_00_00_05, 130).payload
    const rest = [Buffer.from(`c4${repeated}`, 'hex'), payload.subarray(128)]
    const [, message] = readAll([first, header, payload.subarray(0, 128), ...rest])
    expect(message).toEqual(video(0x1_00_00_05, 130))
  })

  test('go on with the delta of the header before: type 3 after type 0 repeats its timestamp (§5.3.1.2.4)', () => {
    const encoder = new ChunkEncoder()
    const messages = [video(40, 10), video(80, 10), video(120, 10)]
    const bytes = messages.map((one) => encoder.write(4, one))
    expect(bytes.map((one) => one.readUInt8(0) >> 6)).toEqual([0, 3, 3])
    expect(readAll(bytes)).toEqual(messages)
  })
})

describe('a peer that breaks the format', () => {
  test.each([
    ['a type 2 header on a new chunk stream', '84000000', 'RTMP_CHUNK_INVALID'],
    ['a type 3 header on a new chunk stream', 'c4', 'RTMP_CHUNK_INVALID'],
    ['chunk size 0', '02 000000 000004 01 00000000 00000000', 'RTMP_CHUNK_INVALID'],
    ['a chunk size with its top bit set', '02 000000 000004 01 00000000 80000000', 'RTMP_CHUNK_INVALID'],
    ['a message longer than the limit', '04 000000 001001 09 01000000', 'RTMP_MESSAGE_TOO_LARGE'],
  ])('is refused for %s', (_name, hex, code) => {
    const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex')
    expect(() => readAll([bytes])).toThrow(expect.objectContaining({ name: 'RtmpError', code }))
  })

  test('is refused for beginning messages without end', () => {
    const begin = (chunkStreamId: number): Buffer =>
      new ChunkEncoder().chunks(chunkStreamId, video(0, 4096))[0]!
    expect(() => readAll([begin(4), begin(5)])).not.toThrow()
    expect(() => readAll([begin(4), begin(5), begin(6)])).toThrow(
      expect.objectContaining({ code: 'RTMP_TOO_MUCH_UNFINISHED' }),
    )
  })

  test('is forgiven for messages that it gave up itself', () => {
    const encoder = new ChunkEncoder()
    const beginnings = Array.from(
      { length: 9 },
      () => encoder.chunks(4, video(0, 4096), { maxFormat: 0 })[0]!,
    )
    expect(() => readAll(beginnings)).not.toThrow()
  })

  test('is refused for using more chunk streams than anyone needs', () => {
    const encoder = new ChunkEncoder()
    const bytes = Array.from({ length: 65 }, (_, index) => encoder.write(index + 2, video(0, 1)))
    expect(() => readAll(bytes)).toThrow(expect.objectContaining({ code: 'RTMP_TOO_MANY_CHUNK_STREAMS' }))
  })
})

describe('whatever the pieces', () => {
  const message = fc.record({
    typeId: fc.constantFrom(8, 9, 18, 20),
    messageStreamId: fc.constantFrom(0, 1),
    timestamp: fc.oneof(
      fc.nat(100),
      fc.constantFrom(0xff_ff_fe, 0xff_ff_ff, 0x1_00_00_00, 0xff_ff_ff_ff),
      fc.integer({ min: 0, max: 0xff_ff_ff_ff }),
    ),
    payload: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  })
  const chunkStream = fc.constantFrom(3, 4, 63, 64, 319, 320, 65_599)
  const streamOfMessages = fc.array(
    fc.tuple(message, fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const)),
    { maxLength: 5 },
  )
  const scenario = fc.record({
    chunkSizeBytes: fc.oneof(fc.constantFrom(1, 2, 3), fc.integer({ min: 4, max: 400 })),
    streams: fc.uniqueArray(fc.tuple(chunkStream, streamOfMessages), {
      maxLength: 3,
      selector: ([id]) => id,
    }),
    picks: fc.array(fc.nat(2), { maxLength: 60 }),
    cuts: fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 30 }),
    omitRepeatedTimestamp: fc.boolean(),
  })

  test('the same messages come out, interleaved or not', () => {
    fc.assert(
      fc.property(scenario, ({ chunkSizeBytes, streams, picks, cuts, omitRepeatedTimestamp }) => {
        const encoder = new ChunkEncoder()
        const parts = [encoder.write(2, setChunkSizeMessage(chunkSizeBytes))]
        encoder.chunkSizeBytes = chunkSizeBytes
        const expected: RtmpMessage[] = []
        const queues = streams.map(([id, messages]) =>
          messages.flatMap(([one, maxFormat]) => {
            const form = omitRepeatedTimestamp
              ? { maxFormat: 0 as const, omitRepeatedTimestamp }
              : { maxFormat }
            const chunks = encoder.chunks(id, one, form)
            return chunks.map((bytes, index) => ({
              bytes,
              ends: index === chunks.length - 1 ? one : undefined,
            }))
          }),
        )
        while (queues.some((queue) => queue.length > 0)) {
          const open = queues.filter((queue) => queue.length > 0)
          const chunk = open[(picks.shift() ?? 0) % open.length]?.shift()
          if (chunk) parts.push(chunk.bytes)
          if (chunk?.ends) expected.push(chunk.ends)
        }
        // Without repeated timestamps the reader needs a few more bytes to see that the last ones are payload.
        parts.push(encoder.write(5, video(0, 8)))
        expect(readAll(pieces(Buffer.concat(parts), cuts))).toEqual([...expected, video(0, 8)])
      }),
      { numRuns: 400 },
    )
  })

  test('garbage gives messages or RtmpError and stays inside the limits', () => {
    const likely = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 0x44, 0x84, 0xc4, 0xff), fc.nat(255))
    fc.assert(
      fc.property(
        fc.array(likely, { maxLength: 400 }),
        fc.array(fc.integer({ min: 1, max: 60 })),
        (bytes, cuts) => {
          const reader = new ChunkReader(LIMITS, (message) => {
            expect(message.payload.length).toBeLessThanOrEqual(LIMITS.maxMessageBytes)
          })
          try {
            for (const piece of pieces(Buffer.from(bytes), cuts)) {
              expect(reader.push(piece)).toBe(piece.length)
              expect(reader.unfinishedBytes).toBeLessThanOrEqual(LIMITS.maxUnfinishedBytes)
            }
          } catch (error) {
            expect(error).toBeInstanceOf(RtmpError)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('what the writer wrote is read back', () => {
    const sizes = fc.integer({ min: 1, max: 400 })
    fc.assert(
      fc.property(fc.array(fc.tuple(message, sizes), { maxLength: 5 }), (steps) => {
        const writer = new ChunkWriter()
        const bytes = steps.flatMap(([one, chunkSizeBytes]) => {
          const change = writer.write(2, setChunkSizeMessage(chunkSizeBytes))
          writer.chunkSizeBytes = chunkSizeBytes
          return [change, writer.write(3, one)]
        })
        expect(readAll(bytes)).toEqual(steps.map(([one]) => one))
      }),
    )
  })
})

function video(timestamp: number, sizeBytes: number): RtmpMessage {
  const payload = Buffer.from(Array.from({ length: sizeBytes }, (_, index) => (index * 7) & 0xff))
  return { typeId: VIDEO, messageStreamId: 1, timestamp, payload }
}

function readAll(parts: readonly Buffer[]): RtmpMessage[] {
  const messages: RtmpMessage[] = []
  const reader = new ChunkReader(LIMITS, (message) => messages.push(message))
  for (const part of parts) reader.push(part)
  return messages
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const result: Buffer[] = []
  let from = 0
  for (const cut of cuts) {
    result.push(bytes.subarray(from, from + cut))
    from += cut
  }
  result.push(bytes.subarray(from))
  return result.filter((piece) => piece.length > 0)
}
