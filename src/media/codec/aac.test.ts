import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseAacConfig, sameAacConfig } from './aac.ts'
import { CodecError } from './codec-error.ts'

type Expected = Partial<ReturnType<typeof parseAacConfig>>

// Bit fields by name: object type, rate index, channels, then GASpecificConfig.
const CONFIGS: [string, string, Expected][] = [
  [
    'LC 44.1 kHz stereo',
    '00010 0100 0010 000',
    {
      sampleRate: 44_100,
      samplingFrequencyIndex: 4,
      channels: 2,
      samplesPerFrame: 1024,
      codecString: 'mp4a.40.2',
    },
  ],
  ['LC 48 kHz mono', '00010 0011 0001 000', { sampleRate: 48_000, samplingFrequencyIndex: 3, channels: 1 }],
  ['LC with 960 samples', '00010 0011 0010 100', { samplesPerFrame: 960 }],
  ['7.1 channels', '00010 0011 0111 000', { channels: 8 }],
  [
    'an explicit frequency that is in the table',
    `00010 1111 ${bin(48_000, 24)} 0010 000`,
    { sampleRate: 48_000, samplingFrequencyIndex: 3 },
  ],
  [
    'an explicit frequency between table entries (Table 4.82)',
    `00010 1111 ${bin(45_000, 24)} 0010 000`,
    { sampleRate: 45_000, samplingFrequencyIndex: 4 },
  ],
  [
    'SBR signalled in front',
    '00101 0110 0010 0011 00010 000',
    { objectType: 2, sampleRate: 24_000, samplingFrequencyIndex: 6, codecString: 'mp4a.40.5' },
  ],
  [
    'SBR and PS signalled in front',
    '11101 0110 0001 0011 00010 000',
    { objectType: 2, channels: 1, codecString: 'mp4a.40.29' },
  ],
  [
    'SBR signalled behind',
    `00010 0110 0010 000 ${bin(0x2b7, 11)} 00101 1 0011`,
    { objectType: 2, sampleRate: 24_000, codecString: 'mp4a.40.5' },
  ],
  [
    'SBR and PS signalled behind',
    `00010 0110 0001 000 ${bin(0x2b7, 11)} 00101 1 0011 ${bin(0x548, 11)} 1`,
    { codecString: 'mp4a.40.29' },
  ],
  [
    'a sync word that says there is no SBR',
    `00010 0100 0010 000 ${bin(0x2b7, 11)} 00101 0`,
    { codecString: 'mp4a.40.2' },
  ],
  ['zero padding', `00010 0100 0010 000 ${'0'.repeat(40)}`, { channels: 2, codecString: 'mp4a.40.2' }],
  [
    'a program config: one front pair, one back single, one LFE',
    `00010 0011 0000 000 0000 01 0011 0001 0000 0001 01 000 0000 000 1 0000 0 0000 0000`,
    { channels: 4 },
  ],
  ['a core coder delay', `00010 0011 0010 01 ${bin(99, 14)} 0`, { channels: 2 }],
]

test.each(CONFIGS)('reads %s', (_name, fields, expected) => {
  expect(parseAacConfig(bytesOf(fields))).toMatchObject(expected)
})

test.each([
  ['nothing', '', 'CODEC_CONFIG_TRUNCATED'],
  ['one byte', '00010 010', 'CODEC_CONFIG_TRUNCATED'],
  ['a reserved rate index', '00010 1101 0010 000', 'CODEC_CONFIG_INVALID'],
  ['an explicit frequency of zero', `00010 1111 ${bin(0, 24)} 0010 000`, 'CODEC_CONFIG_INVALID'],
  ['a reserved channel configuration', '00010 0011 1000 000', 'CODEC_CONFIG_INVALID'],
  ['AAC-ELD', '11111 000111 0011 0010 00000', 'CODEC_CONFIG_UNSUPPORTED'],
])('refuses %s', (_name, fields, code) => {
  expect(() => parseAacConfig(bytesOf(fields))).toThrow(expect.objectContaining({ name: 'CodecError', code }))
})

test('keeps its own copy of the bytes and compares by them', () => {
  const asc = bytesOf('00010 0100 0010 000')
  const config = parseAacConfig(asc)
  expect(sameAacConfig(config, parseAacConfig(bytesOf('00010 0100 0010 000')))).toBe(true)
  expect(sameAacConfig(config, parseAacConfig(bytesOf('00010 0100 0001 000')))).toBe(false)
  asc.fill(0)
  expect(Buffer.from(config.asc).toString('hex')).toBe('1210')
})

test('throws nothing but CodecError and keeps every promise of AacConfig', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (asc) => {
      try {
        const config = parseAacConfig(asc)
        expect(config.channels).toBeGreaterThanOrEqual(1)
        expect(config.channels).toBeLessThanOrEqual(8)
        expect(config.samplingFrequencyIndex).toBeLessThanOrEqual(12)
      } catch (error) {
        expect(error).toBeInstanceOf(CodecError)
      }
    }),
    { numRuns: 2000 },
  )
})

function bin(value: number, bits: number): string {
  return value.toString(2).padStart(bits, '0')
}

function bytesOf(fields: string): Buffer {
  const bytes = fields.replaceAll(' ', '').match(/.{1,8}/g) ?? []
  return Buffer.from(bytes.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)))
}
