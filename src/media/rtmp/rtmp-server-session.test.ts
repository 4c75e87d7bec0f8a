import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ChunkEncoder, setChunkSizeMessage } from '../../../test/harness/rtmp-chunks.ts'
import { answerServer, clientHandshake } from '../../../test/harness/rtmp-handshake.ts'
import {
  commandMessage,
  connectMessage,
  dataMessage,
  mediaMessage,
  publishCommands,
  unpublishCommands,
} from '../../../test/harness/rtmp-publisher.ts'
import type { Amf0Object } from '../amf0/amf0-value.ts'
import { amf0Object, encodeAmf0 } from '../amf0/amf0-writer.ts'
import { ChunkReader } from './chunk-reader.ts'
import { readCommand } from './rtmp-command.ts'
import { RtmpError } from './rtmp-error.ts'
import type { RtmpMessage } from './rtmp-message.ts'
import { RtmpServerSession } from './rtmp-server-session.ts'

const SCRIPT = { app: 'app', streamName: 'sk_1?priority=1', chunkSizeBytes: 128 }
const BODY = Buffer.from('2701000000aabb', 'hex')
const REFUSAL = { level: 'error', code: 'NetStream.Publish.BadName', description: 'No.' } as const

describe('a publisher', () => {
  test('gets from the handshake to a running stream', () => {
    const peer = openPeer()
    peer.push(publishCommands(peer.encoder, SCRIPT))
    expect(peer.heard()).toEqual([
      'ack window 2500000',
      'peer bandwidth 2500000',
      'chunk size 4096',
      '_result 1 NetConnection.Connect.Success',
      '_result 2',
      '_result 3',
      'onFCPublish 0',
      '_result 4 1',
      'stream begin 1',
      'onStatus 0 NetStream.Publish.Start on 1',
    ])
    expect(peer.events).toEqual(['connect app', 'publish sk_1 priority=1'])
  })

  test('may send everything at once and lose nothing while the decision is open', () => {
    const peer = openPeer({ decide: 'later' })
    peer.push(publishCommands(peer.encoder, SCRIPT))
    peer.push(peer.encoder.write(4, mediaMessage('video', 0, BODY)))
    peer.push(peer.encoder.write(6, mediaMessage('audio', 5, BODY)))
    expect(peer.events).toEqual(['connect app', 'publish sk_1 priority=1'])
    peer.session.acceptPublish()
    expect(peer.events.slice(2)).toEqual(['video 0 2701000000aabb', 'audio 5 2701000000aabb'])
  })

  test('may not make the server keep more than a bound while the decision is open', () => {
    const peer = openPeer({ decide: 'later' })
    peer.push(publishCommands(peer.encoder, SCRIPT))
    const flood = (): void => {
      for (let i = 0; i < 5; i++) peer.push(Buffer.alloc(60_000))
    }
    expect(flood).toThrow(expect.objectContaining({ code: 'RTMP_TOO_MUCH_UNFINISHED' }))
  })

  test('sends media whose times go on past the 32-bit wrap', () => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(4, mediaMessage('video', 0xff_ff_ff_f0, BODY)))
    peer.push(peer.encoder.write(6, mediaMessage('audio', 0x10, BODY)))
    expect(peer.events).toEqual(['video 4294967280 2701000000aabb', 'audio 4294967312 2701000000aabb'])
  })

  test.each([
    ['@setDataFrame', ['@setDataFrame', 'onMetaData', amf0Object({ framerate: 30 })]],
    ['bare onMetaData', ['onMetaData', amf0Object({ framerate: 30 })]],
  ])('sends metadata: %s', (_name, values) => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(5, dataMessage(...values)))
    expect(peer.events).toEqual(['data onMetaData {"framerate":30}'])
  })

  test('sends other data, objects and texts', () => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(5, dataMessage('onTextData', amf0Object({ text: 'hello' }))))
    peer.push(peer.encoder.write(5, dataMessage('onText', 'hello')))
    expect(peer.events).toEqual(['data onTextData {"text":"hello"}', 'data onText "hello"'])
  })

  test.each([
    ['a data message without a value', dataMessage('onTextData')],
    ['a data message without a name', dataMessage(7, 'text')],
    [
      'metadata cut short',
      { ...dataMessage(), payload: Buffer.from('02000a6f6e4d65746144617461030001', 'hex') },
    ],
    ['an empty data message', dataMessage()],
  ])('is not disturbed by %s', (_name, message) => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(5, message))
    peer.push(peer.encoder.write(4, mediaMessage('video', 0, BODY)))
    expect(peer.events).toEqual(['video 0 2701000000aabb'])
  })

  test('ends its stream once, however many commands say so', () => {
    const peer = publishingPeer()
    peer.push(unpublishCommands(peer.encoder, 'sk_1'))
    peer.push(peer.encoder.write(4, mediaMessage('video', 0, BODY)))
    expect(peer.events).toEqual(['unpublish'])
    expect(peer.heard()).toContain('onStatus 0 NetStream.Unpublish.Success on 1')
  })

  test.each([
    ['closeStream', commandMessage(1, 'closeStream', 0, null)],
    ['deleteStream', commandMessage(0, 'deleteStream', 0, null, 1)],
    ['FCUnpublish', commandMessage(0, 'FCUnpublish', 0, null, 'sk_1')],
  ])('ends its stream with %s', (_name, message) => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(3, message))
    expect(peer.events).toEqual(['unpublish'])
  })

  test('keeps its stream when another message stream is deleted', () => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(3, commandMessage(0, 'deleteStream', 0, null, 9)))
    expect(peer.events).toEqual([])
  })

  test('may publish again on the same connection', () => {
    const peer = publishingPeer()
    peer.push(unpublishCommands(peer.encoder, 'sk_1'))
    peer.push(peer.encoder.write(3, commandMessage(1, 'publish', 0, null, 'sk_2', 'live')))
    peer.push(peer.encoder.write(4, mediaMessage('video', 0, BODY)))
    expect(peer.events).toEqual(['unpublish', 'publish sk_2', 'video 0 2701000000aabb'])
  })

  test('may speak AMF3-framed commands (type 17)', () => {
    const peer = openPeer()
    const plain = connectMessage('app')
    const payload = Buffer.concat([Buffer.from([0]), plain.payload])
    peer.push(peer.encoder.write(3, { ...plain, typeId: 17, payload }))
    expect(peer.heard()).toContain('_result 1 NetConnection.Connect.Success')
  })

  test('finds arguments of the application URL, those of the stream name winning', () => {
    const peer = openPeer()
    const tcUrl = 'rtmp://host/app?priority=9&token=t'
    peer.push(peer.encoder.write(3, connectMessage('app/?token=u', { tcUrl })))
    peer.push(peer.encoder.write(3, commandMessage(1, 'publish', 0, null, 'sk_1?priority=1', 'live')))
    expect(peer.events).toEqual(['connect app', 'publish sk_1 priority=1 token=u'])
  })
})

describe('a peer', () => {
  test('is refused at connect with _error, and not listened to any more', () => {
    const refusal = { ...REFUSAL, code: 'NetConnection.Connect.InvalidApp' }
    const peer = openPeer({ refuseConnect: refusal })
    peer.push(publishCommands(peer.encoder, SCRIPT))
    expect(peer.heard()).toEqual(['_error 1 NetConnection.Connect.InvalidApp'])
    expect(peer.events).toEqual(['connect app'])
  })

  test('is refused at publish on its own message stream', () => {
    const peer = openPeer({ decide: 'refuse' })
    peer.push(publishCommands(peer.encoder, SCRIPT))
    peer.push(peer.encoder.write(4, mediaMessage('video', 0, BODY)))
    expect(peer.heard().at(-1)).toBe('onStatus 0 NetStream.Publish.BadName on 1')
    expect(peer.events).toEqual(['connect app', 'publish sk_1 priority=1'])
  })

  test('is told when the server ends the stream', () => {
    const peer = publishingPeer()
    peer.session.close({ level: 'status', code: 'NetStream.Unpublish.Success', description: 'Stopped.' })
    expect(peer.heard().at(-1)).toBe('onStatus 0 NetStream.Unpublish.Success on 1')
  })

  test('gets an acknowledgement for each window of its own size (§5.4.4)', () => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(2, control(5, 1000)))
    peer.heard()
    for (let i = 0; i < 4; i++) peer.push(peer.encoder.write(4, mediaMessage('video', i, Buffer.alloc(700))))
    expect(peer.heard().filter((line) => line.startsWith('ack '))).toHaveLength(2)
  })

  test('gets its ping back (§7.1.7)', () => {
    const peer = publishingPeer()
    const payload = Buffer.from('000600001234', 'hex')
    peer.push(peer.encoder.write(2, { typeId: 4, messageStreamId: 0, timestamp: 0, payload }))
    expect(peer.heard()).toEqual(['user control 000700001234'])
  })

  test.each([
    ['play', commandMessage(1, 'play', 0, null, 'sk_1'), 'onStatus 0 NetStream.Play.Failed on 1'],
    ['_checkbw', commandMessage(0, '_checkbw', 9, null), '_result 9'],
    [
      'a command nobody knows',
      commandMessage(0, 'setPeerName', 9, null),
      '_error 9 NetConnection.Call.Failed',
    ],
  ])('gets an answer to %s', (_name, message, answer) => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(3, message))
    expect(peer.heard()).toEqual([answer])
  })

  test('gets no answer to a command that asks for none', () => {
    const peer = publishingPeer()
    peer.push(peer.encoder.write(3, commandMessage(0, 'setPeerName', 0, null)))
    expect(peer.heard()).toEqual([])
  })

  test.each([
    ['publishes before connect', [commandMessage(1, 'publish', 0, null, 'sk_1')]],
    ['connects twice', [connectMessage('app'), connectMessage('app')]],
    [
      'creates streams without end',
      [
        connectMessage('app'),
        ...Array.from({ length: 17 }, () => commandMessage(0, 'createStream', 2, null)),
      ],
    ],
    ['sends a command without a name', [{ ...connectMessage('app'), payload: encodeAmf0(5) }]],
  ])('is refused when it %s', (_name, messages) => {
    const peer = openPeer()
    const send = (): void => messages.forEach((one) => peer.push(peer.encoder.write(3, one)))
    expect(send).toThrow(expect.objectContaining({ name: 'RtmpError', code: 'RTMP_COMMAND_INVALID' }))
  })

  test('is refused when it publishes twice', () => {
    const peer = publishingPeer()
    const again = peer.encoder.write(3, commandMessage(1, 'publish', 0, null, 'sk_1', 'live'))
    expect(() => peer.push(again)).toThrow(expect.objectContaining({ code: 'RTMP_COMMAND_INVALID' }))
  })

  test('gets little memory before it publishes and enough for keyframes after', () => {
    const big = mediaMessage('video', 0, Buffer.alloc(1_000_000))
    const stranger = openPeer()
    const first = stranger.encoder.chunks(4, big)[0]!
    expect(() => stranger.push(first)).toThrow(expect.objectContaining({ code: 'RTMP_MESSAGE_TOO_LARGE' }))
    const publisher = publishingPeer()
    expect(() => publisher.push(publisher.encoder.write(4, big))).not.toThrow()
  })
})

test('any pieces of the bytes give the same events and answers', () => {
  const encoder = new ChunkEncoder()
  const bytes = Buffer.concat([
    publishCommands(encoder, SCRIPT),
    encoder.write(5, dataMessage('@setDataFrame', 'onMetaData', amf0Object({ framerate: 30 }))),
    encoder.write(2, setChunkSizeMessage(50)),
  ])
  encoder.chunkSizeBytes = 50
  const media = [0, 33, 67].map((timestamp) =>
    encoder.write(4, mediaMessage('video', timestamp, Buffer.alloc(120))),
  )
  const whole = Buffer.concat([bytes, ...media, unpublishCommands(encoder, 'sk_1')])
  const reference = openPeer()
  reference.push(whole)
  const expected = { events: reference.events, heard: reference.heard() }
  expect(expected.events).toHaveLength(7)
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 40 }), (cuts) => {
      const peer = openPeer()
      let from = 0
      for (const cut of [...cuts, whole.length]) {
        peer.push(whole.subarray(from, from + cut))
        from += cut
      }
      expect({ events: peer.events, heard: peer.heard() }).toEqual(expected)
    }),
    { numRuns: 200 },
  )
})

test('garbage after the handshake gives RtmpError or nothing', () => {
  const command = fc.uint8Array({ maxLength: 40 }).map((tail) => {
    const payload = Buffer.concat([encodeAmf0('connect', 1), tail])
    return new ChunkEncoder().write(3, { typeId: 20, messageStreamId: 0, timestamp: 0, payload })
  })
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(fc.array(fc.oneof(command, noise), { maxLength: 4 }), (parts) => {
      const peer = openPeer()
      try {
        for (const part of parts) peer.push(part)
      } catch (error) {
        expect(error).toBeInstanceOf(RtmpError)
      }
    }),
    { numRuns: 1000 },
  )
})

type Peer = {
  readonly session: RtmpServerSession
  readonly encoder: ChunkEncoder
  /** What the session understood, oldest first. */
  readonly events: string[]
  readonly push: (bytes: Buffer) => void
  /** What the session said since the last call, one line a message. */
  readonly heard: () => string[]
}

type PeerOptions = {
  decide?: 'at once' | 'later' | 'refuse'
  refuseConnect?: typeof REFUSAL | { level: 'error'; code: string; description: string }
}

/** A session whose handshake is over. */
function openPeer(options: PeerOptions = {}): Peer {
  const events: string[] = []
  const messages: RtmpMessage[] = []
  const reader = new ChunkReader({ maxMessageBytes: 65_536, maxUnfinishedBytes: 65_536 }, (one) =>
    messages.push(one),
  )
  let handshake: Buffer | undefined
  const session: RtmpServerSession = new RtmpServerSession({
    onOutput: (bytes) => {
      if (!handshake) handshake = bytes
      else readOutput(reader, messages, bytes)
    },
    onConnect: ({ app }) => {
      events.push(`connect ${app}`)
      return options.refuseConnect
    },
    onPublish: ({ streamName, args }) => {
      events.push(['publish', streamName, ...[...args].map(([key, value]) => `${key}=${value}`)].join(' '))
      if (options.decide === 'refuse') session.close(REFUSAL)
      else if (options.decide !== 'later') session.acceptPublish()
    },
    onData: ({ name, value }) => {
      const shown = value instanceof Map ? Object.fromEntries(value as Amf0Object) : value
      events.push(`data ${name} ${JSON.stringify(shown)}`)
    },
    onVideo: (timestampMs, body) => void events.push(`video ${timestampMs} ${body.toString('hex')}`),
    onAudio: (timestampMs, body) => void events.push(`audio ${timestampMs} ${body.toString('hex')}`),
    onUnpublish: () => void events.push('unpublish'),
  })
  const client = clientHandshake('simple')
  session.push(client.c0c1)
  session.push(answerServer(client, handshake!))
  return {
    session,
    encoder: new ChunkEncoder(),
    events,
    push: (bytes) => session.push(bytes),
    heard: () => messages.splice(0).map(describeMessage),
  }
}

/** A session with a running stream and nothing heard or happened yet. */
function publishingPeer(): Peer {
  const peer = openPeer()
  peer.push(publishCommands(peer.encoder, SCRIPT))
  peer.events.length = 0
  peer.heard()
  return peer
}

// The chunk reader keeps Set Chunk Size to itself; here it is part of what is checked.
function readOutput(reader: ChunkReader, messages: RtmpMessage[], bytes: Buffer): void {
  const at = bytes.indexOf(Buffer.from('02000000000004010000000000', 'hex'))
  const cut = at === -1 ? bytes.length : at
  reader.push(bytes.subarray(0, cut))
  if (at !== -1) messages.push({ ...control(1, bytes.readUInt32BE(at + 12)) })
  reader.push(bytes.subarray(cut))
}

function control(typeId: number, value: number): RtmpMessage {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(value)
  return { typeId, messageStreamId: 0, timestamp: 0, payload }
}

function describeMessage(message: RtmpMessage): string {
  const { typeId, payload } = message
  if (typeId === 1) return `chunk size ${payload.readUInt32BE(0)}`
  if (typeId === 3) return `ack ${payload.readUInt32BE(0)}`
  if (typeId === 5) return `ack window ${payload.readUInt32BE(0)}`
  if (typeId === 6) return `peer bandwidth ${payload.readUInt32BE(0)}`
  if (typeId === 4) {
    const isBegin = payload.readUInt16BE(0) === 0
    return isBegin ? `stream begin ${payload.readUInt32BE(2)}` : `user control ${payload.toString('hex')}`
  }
  const { name, transactionId, args, messageStreamId } = readCommand(message)
  const [first] = args
  const words = [name, transactionId]
  if (typeof first === 'number') words.push(first)
  if (first instanceof Map && name !== 'onFCPublish' && name !== 'onFCUnpublish')
    words.push(String(first.get('code')))
  if (name === 'onStatus') words.push(`on ${messageStreamId}`)
  return words.join(' ')
}
