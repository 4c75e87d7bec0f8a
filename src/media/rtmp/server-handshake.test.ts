import fc from 'fast-check'
import { expect, test } from 'vitest'
import { answerServer, clientHandshake } from '../../../test/harness/rtmp-handshake.ts'
import { ServerHandshake } from './server-handshake.ts'

const KINDS = ['simple', 'complex-0', 'complex-1'] as const

test.each(KINDS)('answers a %s handshake in its own form', (kind) => {
  const client = clientHandshake(kind)
  const { handshake, replies } = push([client.c0c1])
  expect(replies).toHaveLength(1)
  const c2 = answerServer(client, replies[0]!)
  expect(handshake.done).toBe(false)
  expect(handshake.push(c2, () => undefined)).toBe(1536)
  expect(handshake.done).toBe(true)
})

test('takes a broken digest for a simple handshake', () => {
  const { c0c1 } = clientHandshake('complex-1')
  c0c1.writeUInt8(c0c1.readUInt8(1500) ^ 1, 1500)
  const { replies } = push([c0c1])
  expect(replies[0]?.subarray(1 + 1536)).toEqual(c0c1.subarray(1))
})

test('reads the handshake in any pieces and leaves the bytes behind it', () => {
  const client = clientHandshake('simple')
  const bytes = Buffer.concat([client.c0c1, Buffer.alloc(1536), Buffer.from('after')])
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1600 }), { maxLength: 8 }), (cuts) => {
      const handshake = new ServerHandshake()
      let replies = 0
      let read = 0
      for (const cut of [...cuts, bytes.length]) {
        read += handshake.push(bytes.subarray(read, read + cut), () => replies++)
      }
      expect({ read, replies, done: handshake.done }).toEqual({ read: 1537 + 1536, replies: 1, done: true })
    }),
  )
})

test.each([0x00, 0x06, 0x16, 0x47])('refuses a peer whose first byte is %i at once', (first) => {
  expect(() => push([Buffer.from([first])])).toThrow(
    expect.objectContaining({ name: 'RtmpError', code: 'RTMP_HANDSHAKE_INVALID' }),
  )
})

function push(parts: readonly Buffer[]): { handshake: ServerHandshake; replies: Buffer[] } {
  const handshake = new ServerHandshake()
  const replies: Buffer[] = []
  for (const part of parts) handshake.push(part, (bytes) => replies.push(bytes))
  return { handshake, replies }
}
