import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readFlvAudio, readFlvVideo } from './flv-tag.ts'

describe('video tag body', () => {
  test.each([
    ['a sequence header', '17 00 000000 0164', { kind: 'sequence-header', record: bytes('0164') }],
    [
      'a keyframe',
      '17 01 000000 aabb',
      { kind: 'picture', keyframe: true, compositionOffsetMs: 0, payload: bytes('aabb') },
    ],
    [
      'an inter picture',
      '27 01 000021 aa',
      { kind: 'picture', keyframe: false, compositionOffsetMs: 33, payload: bytes('aa') },
    ],
    [
      'a negative composition offset',
      '27 01 ffffdf aa',
      { kind: 'picture', keyframe: false, compositionOffsetMs: -33, payload: bytes('aa') },
    ],
    [
      'the largest composition offset',
      '27 01 7fffff aa',
      { kind: 'picture', keyframe: false, compositionOffsetMs: 8_388_607, payload: bytes('aa') },
    ],
    [
      'the smallest composition offset',
      '27 01 800000 aa',
      { kind: 'picture', keyframe: false, compositionOffsetMs: -8_388_608, payload: bytes('aa') },
    ],
    ['an end of sequence', '17 02 000000', { kind: 'end-of-sequence' }],
    ['an end of sequence of two bytes', '17 02', { kind: 'end-of-sequence' }],
    ['a player command', '57 00', { kind: 'ignored' }],
    ['nothing', '', { kind: 'ignored' }],
    ['a picture without payload', '27 01 000000', { kind: 'ignored' }],
    ['an unknown packet type', '27 07 000000 aa', { kind: 'ignored' }],
    ['Sorenson H.263', '22 0000', { kind: 'unsupported', codec: 'Sorenson H.263' }],
    ['HEVC by codec id', '1c 00 000000', { kind: 'unsupported', codec: 'HEVC' }],
    ['a codec nobody knows', '1f 00', { kind: 'unsupported', codec: 'video codec 15' }],
    ['Enhanced RTMP hvc1', '90 68766331 00', { kind: 'unsupported', codec: 'hvc1 (Enhanced RTMP)' }],
    ['Enhanced RTMP cut short', '90 68', { kind: 'unsupported', codec: 'Enhanced RTMP' }],
  ])('reads %s', (_name, body, expected) => {
    expect(readFlvVideo(bytes(body))).toEqual(expected)
  })
})

describe('audio tag body', () => {
  test.each([
    ['a sequence header', 'af 00 1210', { kind: 'sequence-header', asc: bytes('1210') }],
    ['a frame', 'af 01 2100', { kind: 'frame', payload: bytes('2100') }],
    ['nothing', '', { kind: 'ignored' }],
    ['a frame without payload', 'af 01', { kind: 'ignored' }],
    ['an unknown packet type', 'af 02 00', { kind: 'ignored' }],
    ['MP3', '2f ff', { kind: 'unsupported', codec: 'MP3' }],
    ['a format nobody knows', 'c0', { kind: 'unsupported', codec: 'audio format 12' }],
    ['Enhanced RTMP Opus', '90 4f707573', { kind: 'unsupported', codec: 'Opus (Enhanced RTMP)' }],
  ])('reads %s', (_name, body, expected) => {
    expect(readFlvAudio(bytes(body))).toEqual(expected)
  })
})

test('never throws and never makes up payload bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 16 }), (body) => {
      for (const tag of [readFlvVideo(body), readFlvAudio(body)]) {
        if ('payload' in tag) expect(tag.payload.buffer).toBe(body.buffer)
        if (tag.kind === 'unsupported') expect(tag.codec).toMatch(/^[ -~]+$/)
      }
    }),
    { numRuns: 2000 },
  )
})

function bytes(hex: string): Buffer {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex')
}
