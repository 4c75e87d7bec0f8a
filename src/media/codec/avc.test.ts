import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { joinLengthPrefixed } from './avc-nal.ts'
import {
  avcConfigFromParameterSets,
  nalLengthSizeOf,
  parseAvcConfig,
  sameAvcConfig,
  withInBandParameterSets,
} from './avc.ts'
import { CodecError } from './codec-error.ts'

// Parameter sets made by x264 from a test picture of the stated size.
const HIGH_1080P60 = {
  sps: hex('6764002aacd940780227e5c044000003000400000301e03c60c658'),
  pps: hex('68ebe3cb22c0'),
}
const BASELINE_360P30 = {
  sps: hex('6742c01ed900a02ff970110000030001000003003c0f162e48'),
  pps: hex('68cb83cb20'),
}

const REAL_PARAMETER_SETS = [
  ['baseline', BASELINE_360P30, 640, 360, 30, 'avc1.42C01E'],
  ['high with cropping', HIGH_1080P60, 1920, 1080, 60, 'avc1.64002A'],
  [
    'main at 30000/1001',
    pair('674d401feca02802dd808800001f480007530078c18cb0', '68ebe3cb20'),
    1280,
    720,
    30_000 / 1001,
    'avc1.4D401F',
  ],
  [
    'interlaced',
    pair('6764001eacd940b424d8088000000300800000190f8a14cb', '68fba3cb22c0'),
    720,
    576,
    25,
    'avc1.64001E',
  ],
  [
    'high 4:2:2 10 bit, odd size',
    pair('677a000db6cd941519e222f011000003000100000300320f142996', '68ebe3cb22c0'),
    322,
    182,
    25,
    'avc1.7A000D',
  ],
  [
    'high 4:4:4, odd size',
    pair('67f4000d919b282a33c7c5e022000003000200000300641e28532c', '68ebe3c44844'),
    322,
    182,
    25,
    'avc1.F4000D',
  ],
  [
    'monochrome, odd size',
    pair('6764000df365054678f8bc05b2000003000200000300641e28532c', '68ebe3cb22c0'),
    322,
    182,
    25,
    'avc1.64000D',
  ],
  [
    'sample aspect ratio and colour description',
    pair('6764000cacd941419f9fff000700056a020202800000030080000019078a14cb', '68ebe3cb22c0'),
    320,
    180,
    25,
    'avc1.64000C',
  ],
] as const

describe('AVC configuration', () => {
  test.each(REAL_PARAMETER_SETS)(
    'reads size, frame rate and codec string: %s',
    (_name, sets, width, height, rate, codec) => {
      const config = parseAvcConfig(recordOf(sets))
      expect(config).toMatchObject({ width, height, codecString: codec })
      expect(config.frameRate).toBeCloseTo(rate, 6)
      expect(config.sps.map(text)).toEqual([text(sets.sps)])
      expect(config.pps.map(text)).toEqual([text(sets.pps)])
    },
  )

  test('skips scaling lists of a high profile (ITU-T H.264 §7.3.2.1.1.1)', () => {
    // profile 100, level 31, chroma 1, 8 bit, lists present: list 0 sent in full, list 6 ends early, others absent
    const lists = `1${'1'.repeat(16)}` + '0'.repeat(5) + `1${golombSigned(-8)}` + '0'
    const sps = spsFromBits(`${golomb(1)}${golomb(0)}${golomb(0)}0` + `1${lists}` + size352x288())
    const config = avcConfigFromParameterSets([sps], [HIGH_1080P60.pps])
    expect(config).toMatchObject({ width: 352, height: 288, frameRate: undefined })
  })

  test('reads picture order count type 1 (ITU-T H.264 §7.3.2.1.1)', () => {
    const orderCount = `${golomb(1)}0${golombSigned(-3)}${golombSigned(2)}${golomb(2)}${golombSigned(5)}${golombSigned(-5)}`
    const sps = spsFromBits(`${golomb(1)}${golomb(0)}${golomb(0)}00` + size352x288(orderCount))
    expect(avcConfigFromParameterSets([sps], [HIGH_1080P60.pps])).toMatchObject({ width: 352, height: 288 })
  })

  test('gives no frame rate when the VUI is cut short', () => {
    const sps = HIGH_1080P60.sps.subarray(0, HIGH_1080P60.sps.length - 12)
    const config = avcConfigFromParameterSets([sps], [HIGH_1080P60.pps])
    expect(config).toMatchObject({ width: 1920, height: 1080, frameRate: undefined })
  })

  test('writes the high-profile fields even when the publisher left them out', () => {
    const withoutExtension = recordOf(HIGH_1080P60)
    const config = parseAvcConfig(withoutExtension)
    expect(Buffer.from(config.record)).toEqual(Buffer.concat([withoutExtension, hex('fdf8f800')]))
    expect(parseAvcConfig(config.record)).toEqual(config)
  })

  test('writes no extension for a baseline profile', () => {
    expect(Buffer.from(parseAvcConfig(recordOf(BASELINE_360P30)).record)).toEqual(recordOf(BASELINE_360P30))
  })

  test('normalises a record with 2-byte NAL lengths to 4 and reports the 2', () => {
    const record = recordOf(HIGH_1080P60)
    record[4] = 0xfd
    expect(nalLengthSizeOf(record)).toBe(2)
    expect(parseAvcConfig(record)).toEqual(parseAvcConfig(recordOf(HIGH_1080P60)))
  })

  test('cleans start codes and zero padding out of parameter sets', () => {
    const dirty = {
      sps: Buffer.concat([hex('00000001'), HIGH_1080P60.sps, hex('0000')]),
      pps: Buffer.concat([hex('000001'), HIGH_1080P60.pps, hex('000000')]),
    }
    expect(parseAvcConfig(recordOf(dirty))).toEqual(parseAvcConfig(recordOf(HIGH_1080P60)))
  })

  test('finds the PPS that an encoder put behind the SPS in one entry', () => {
    const sps = Buffer.concat([HIGH_1080P60.sps, hex('00000001'), HIGH_1080P60.pps])
    const record = Buffer.concat([hex('0164002affe1'), withLength(sps), hex('00')])
    expect(parseAvcConfig(record)).toEqual(parseAvcConfig(recordOf(HIGH_1080P60)))
  })

  test('reads Annex B parameter sets in place of a record', () => {
    const annexB = Buffer.concat([hex('00000001'), HIGH_1080P60.sps, hex('00000001'), HIGH_1080P60.pps])
    expect(parseAvcConfig(annexB)).toEqual(parseAvcConfig(recordOf(HIGH_1080P60)))
    expect(nalLengthSizeOf(annexB)).toBe(4)
  })

  test('keeps its own copy of the bytes', () => {
    const record = recordOf(HIGH_1080P60)
    const config = parseAvcConfig(record)
    record.fill(0)
    expect(config.sps.map(text)).toEqual([text(HIGH_1080P60.sps)])
  })

  test.each([
    ['an empty record', hex(''), 'CODEC_CONFIG_TRUNCATED'],
    ['a record of another version', hex('0264002affe100016700'), 'CODEC_CONFIG_UNSUPPORTED'],
    ['a record that ends inside the SPS', recordOf(HIGH_1080P60).subarray(0, 20), 'CODEC_CONFIG_TRUNCATED'],
    [
      'a record without PPS',
      Buffer.concat([hex('0164002affe1'), withLength(HIGH_1080P60.sps), hex('00')]),
      'CODEC_CONFIG_INVALID',
    ],
    [
      'an SPS that ends before its size',
      recordOf({ sps: hex('6764002aac'), pps: HIGH_1080P60.pps }),
      'CODEC_CONFIG_TRUNCATED',
    ],
  ])('refuses %s', (_name, record, code) => {
    expect(() => parseAvcConfig(record)).toThrow(expect.objectContaining({ name: 'CodecError', code }))
  })

  test('throws nothing but CodecError whatever the bytes', () => {
    const noise = fc.uint8Array({ maxLength: 80 })
    const damaged = fc
      .tuple(fc.nat(40), fc.nat(255))
      .map(([at, value]) => recordOf(HIGH_1080P60).fill(value, at, at + 1))
    fc.assert(
      fc.property(
        fc.oneof(
          noise,
          damaged,
          noise.map((sps) => recordOf({ sps: Buffer.from([0x67, ...sps]), pps: HIGH_1080P60.pps })),
        ),
        (record) => {
          try {
            const config = parseAvcConfig(record)
            expect(parseAvcConfig(config.record)).toEqual(config)
          } catch (error) {
            expect(error).toBeInstanceOf(CodecError)
          }
        },
      ),
      { numRuns: 2000 },
    )
  })
})

describe('parameter sets inside the pictures', () => {
  const config = parseAvcConfig(recordOf(HIGH_1080P60))

  test('change nothing when they repeat the known ones', () => {
    const unit = joinLengthPrefixed([HIGH_1080P60.sps, HIGH_1080P60.pps, hex('65ff')])
    expect(withInBandParameterSets(config, unit)).toBe(config)
  })

  test('replace the sets of the same id', () => {
    const unit = joinLengthPrefixed([BASELINE_360P30.sps, BASELINE_360P30.pps, hex('65ff')])
    const next = withInBandParameterSets(config, unit)
    expect(next).toEqual(parseAvcConfig(recordOf(BASELINE_360P30)))
    expect(next && sameAvcConfig(next, config)).toBe(false)
  })

  test('give the first configuration when none was announced', () => {
    const unit = joinLengthPrefixed([HIGH_1080P60.sps, HIGH_1080P60.pps, hex('65ff')])
    expect(withInBandParameterSets(undefined, unit)).toEqual(config)
  })

  test('give none when a picture comes without any', () => {
    expect(withInBandParameterSets(undefined, joinLengthPrefixed([hex('65ff')]))).toBeUndefined()
  })

  test('are left out when they cannot be read', () => {
    expect(withInBandParameterSets(config, joinLengthPrefixed([hex('6764')]))).toBe(config)
  })
})

function hex(text: string): Buffer {
  return Buffer.from(text, 'hex')
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}

function pair(sps: string, pps: string): { sps: Buffer; pps: Buffer } {
  return { sps: hex(sps), pps: hex(pps) }
}

function recordOf(sets: { sps: Uint8Array; pps: Uint8Array }): Buffer {
  const head = Buffer.from([1, sets.sps[1] ?? 0, sets.sps[2] ?? 0, sets.sps[3] ?? 0, 0xff, 0xe1])
  return Buffer.concat([head, withLength(sets.sps), hex('01'), withLength(sets.pps)])
}

function withLength(nal: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([nal.length >> 8, nal.length & 255]), nal])
}

function golomb(value: number): string {
  const binary = (value + 1).toString(2)
  return '0'.repeat(binary.length - 1) + binary
}

function golombSigned(value: number): string {
  return golomb(value > 0 ? 2 * value - 1 : -2 * value)
}

/** From log2_max_frame_num_minus4 on: a progressive picture of 352x288 without cropping and VUI. */
function size352x288(orderCount = `${golomb(0)}${golomb(0)}`): string {
  return `${golomb(0)}${orderCount}${golomb(1)}0${golomb(21)}${golomb(17)}1100`
}

function spsFromBits(afterId: string): Buffer {
  const text = `${golomb(0)}${afterId}1`
  const bytes = text.match(/.{1,8}/g)?.map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2)) ?? []
  return Buffer.from([0x67, 100, 0, 31, ...bytes])
}
