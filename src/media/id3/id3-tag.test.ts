import fc from 'fast-check'
import { expect, test } from 'vitest'
import { id3Tag } from './id3-tag.ts'

test('a tag of one private frame, to the byte (ID3v2.4.0 structure §3.1, frames §4.27)', () => {
  const tag = id3Tag({ owner: 'a.b', payload: Buffer.from('hi') })
  expect(tag.toString('latin1')).toBe('ID3\x04\0\0\0\0\0\x10PRIV\0\0\0\x06\0\0a.b\0hi')
})

test('a tag of one text that its owner describes, in UTF-8 (frames §4.2.6)', () => {
  const tag = id3Tag({ owner: 'a', payload: Buffer.from('é', 'utf8'), frame: 'text' })
  expect(tag.toString('latin1')).toBe('ID3\x04\0\0\0\0\0\x0fTXXX\0\0\0\x05\0\0\x03a\0\xc3\xa9')
})

test('sizes are sync-safe: no byte of them has its highest bit set (ID3v2.4.0 structure §6.2)', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 40_000 }), (payloadBytes) => {
      const tag = id3Tag({ owner: 'x', payload: Buffer.alloc(payloadBytes, 0xff) })
      const sizeAt = (at: number): number =>
        tag.subarray(at, at + 4).reduce((size, byte) => {
          expect(byte).toBeLessThan(0x80)
          return size * 128 + byte
        }, 0)
      expect(sizeAt(6)).toBe(tag.length - 10)
      expect(sizeAt(14)).toBe(payloadBytes + 2)
    }),
  )
})
