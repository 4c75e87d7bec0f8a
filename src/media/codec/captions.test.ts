import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { IDR_NAL, SETS_360P, SLICE_NAL } from '../../../test/harness/flv-bodies.ts'
import { joinLengthPrefixed, nalType, nalUnits } from './avc-nal.ts'
import { addCaptions, readCaptionPayload, readCaptions, replaceCaptions } from './captions.ts'
import { readSeiMessages, seiNal } from './sei.ts'

/** One pair of CEA-608 field 1, valid. */
const PAIR = Buffer.from([0xfc, 0x94, 0x2c])
const PICTURE = joinLengthPrefixed([SLICE_NAL])
const X264_SETTINGS = seiNal([{ type: 5, payload: Buffer.alloc(300, 7) }])

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString('hex')
const types = (unit: Uint8Array): number[] => [...nalUnits(unit)].map(nalType)
const constructs = fc
  .array(fc.tuple(fc.constantFrom(0xfc, 0xfd, 0xfe, 0xff), fc.nat(255), fc.nat(255)), { maxLength: 100 })
  .map((list) => Buffer.from(list.flat()))

describe('captions in a picture', () => {
  test('are a message of their own before the slices, to the byte (ATSC A/72 §6.4.2, A/53 §6.2.3)', () => {
    const keyframe = joinLengthPrefixed([SETS_360P.sps, SETS_360P.pps, IDR_NAL])
    const unit = addCaptions(keyframe, PAIR)
    expect(types(unit)).toEqual([7, 8, 6, 5])
    const sei = [...nalUnits(unit)][2]
    // Payload type 4, 14 bytes; country, provider, "GA94", type 3; one construct; end marker; trailing bit.
    expect(hex(sei)).toBe(`06040eb50031474139340341fffc942cff80`)
  })

  test('are read back whole and in order, whatever they are', () => {
    fc.assert(
      fc.property(constructs, (added) => {
        expect(hex(readCaptions(addCaptions(PICTURE, added)))).toBe(hex(added) || undefined)
        expect(hex(readCaptions(replaceCaptions(PICTURE, added)))).toBe(hex(added) || undefined)
      }),
    )
  })

  test('never make a start code (ITU-T H.264 §7.4.1)', () => {
    const unit = addCaptions(PICTURE, Buffer.from([0xfc, 0, 0, 0xfc, 0, 0, 0xff, 0, 0]))
    expect(hex([...nalUnits(unit)][0])).not.toMatch(/^(..)*0000(00|01|02)/)
    expect(hex(readCaptions(unit))).toBe('fc0000fc0000ff0000')
  })

  test('stand after those that are there, or in their place', () => {
    const first = addCaptions(PICTURE, PAIR)
    const second = Buffer.from([0xfc, 0x20, 0x20])
    expect(hex(readCaptions(addCaptions(first, second)))).toBe('fc942cfc2020')
    expect(hex(readCaptions(replaceCaptions(first, second)))).toBe('fc2020')
    expect(hex(replaceCaptions(first, Buffer.alloc(0)))).toBe(hex(PICTURE))
  })

  test('leave out constructs that are marked as not valid', () => {
    const unit = addCaptions(PICTURE, Buffer.from([0xf8, 0, 0, ...PAIR, 0xfa, 0, 0]))
    expect(hex(readCaptions(unit))).toBe(hex(PAIR))
    expect(readCaptions(addCaptions(PICTURE, Buffer.from([0xf8, 0, 0])))).toBeUndefined()
  })

  test('are replaced without touching other messages, in one NAL unit with them or not', () => {
    const [caption] = [...nalUnits(addCaptions(PICTURE, PAIR))]
    const other = { type: 6, payload: Buffer.from([1, 2, 3]) }
    const shared = seiNal([...readSeiMessages(caption!), other])
    const unit = joinLengthPrefixed([X264_SETTINGS, shared, SLICE_NAL])
    const without = [...nalUnits(replaceCaptions(unit, Buffer.alloc(0)))]
    expect(without.map(hex)).toEqual([X264_SETTINGS, seiNal([other]), SLICE_NAL].map(hex))
  })

  test('cost nothing where there are none', () => {
    expect(addCaptions(PICTURE, Buffer.alloc(0))).toBe(PICTURE)
    const unit = joinLengthPrefixed([X264_SETTINGS, SLICE_NAL])
    expect(replaceCaptions(unit, Buffer.alloc(0))).toBe(unit)
    expect(readCaptions(unit)).toBeUndefined()
  })
})

describe('captions outside a picture', () => {
  const bare = Buffer.from([0x41, 0xff, ...PAIR, 0xff])

  test.each([
    { from: 'the country code', header: 'b500314741393403' },
    { from: 'the identifier', header: '4741393403' },
    { from: 'the type', header: '03' },
    { from: 'the constructs', header: '' },
  ])('may begin with $from', ({ header }) => {
    expect(hex(readCaptionPayload(Buffer.concat([Buffer.from(header, 'hex'), bare])))).toBe(hex(PAIR))
  })
})

test('no bytes make reading or replacing fail', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, isSei) => {
      const unit = isSei ? joinLengthPrefixed([Buffer.from([6, ...bytes]), SLICE_NAL]) : bytes
      const found = readCaptions(unit)
      expect((found?.length ?? 0) % 3).toBe(0)
      expect(readCaptionPayload(bytes).length % 3).toBe(0)
      replaceCaptions(unit, PAIR)
    }),
    { numRuns: 1000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      const body = Buffer.concat([Buffer.from('040eb500314741393403', 'hex'), tail])
      readCaptions(joinLengthPrefixed([Buffer.concat([Buffer.from([6]), body]), SLICE_NAL]))
    }),
  )
})
