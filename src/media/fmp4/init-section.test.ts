import { describe, expect, test } from 'vitest'
import { findBox, walkBoxes } from '../../../test/harness/media/box-walker.ts'
import {
  FINE_AUDIO,
  MONO_AUDIO,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
  SMALL_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import { buildInitSection } from './init-section.ts'

/** Bytes of a visual or audio sample entry before the boxes inside. */
const ENTRY_BYTES = { avc1: 78, mp4a: 28 } as const

describe('init section', () => {
  test('is ftyp and moov with one trak and one trex for each track', () => {
    const boxes = walkBoxes(buildInitSection({ video: SAMPLE_VIDEO, audio: SAMPLE_AUDIO }))
    expect(boxes.map((box) => box.type)).toEqual(['ftyp', 'moov'])
    expect(boxes[0]?.body.toString('latin1')).toBe('iso6\0\0\0\0iso6mp41')
    expect(boxes[1]?.children.map((box) => box.type)).toEqual(['mvhd', 'trak', 'trak', 'mvex'])
    const ids = findBox(boxes, 'moov', 'mvex').children.map((trex) => trex.body.readUInt32BE(4))
    expect(ids).toEqual([1, 2])
    // The next free track id is the last field.
    expect(findBox(boxes, 'moov', 'mvhd').body.readUInt32BE(96)).toBe(3)
  })

  test('holds only the track there is, under the same id', () => {
    const audioOnly = walkBoxes(buildInitSection({ video: undefined, audio: SAMPLE_AUDIO }))
    const videoOnly = walkBoxes(buildInitSection({ video: SAMPLE_VIDEO, audio: undefined }))
    expect(findBox(audioOnly, 'moov', 'trak', 'tkhd').body.readUInt32BE(12)).toBe(2)
    expect(findBox(videoOnly, 'moov', 'trak', 'tkhd').body.readUInt32BE(12)).toBe(1)
  })

  test('describes video in 90 kHz by the configuration record, with its picture size', () => {
    const boxes = walkBoxes(buildInitSection({ video: SAMPLE_VIDEO, audio: undefined }))
    expect(findBox(boxes, 'moov', 'trak', 'mdia', 'mdhd').body.readUInt32BE(12)).toBe(90_000)
    expect(findBox(boxes, 'moov', 'trak', 'mdia', 'hdlr').body.toString('latin1', 8, 12)).toBe('vide')
    const tkhd = findBox(boxes, 'moov', 'trak', 'tkhd').body
    expect([tkhd.readUInt32BE(76), tkhd.readUInt32BE(80)]).toEqual([320 * 65_536, 180 * 65_536])
    const entry = sampleEntry(boxes, 'avc1')
    expect([entry.readUInt16BE(24), entry.readUInt16BE(26)]).toEqual([320, 180])
    expect(findBox(walkBoxes(entry, ENTRY_BYTES.avc1), 'avcC').body).toEqual(
      Buffer.from(SAMPLE_VIDEO.avc.record),
    )
  })

  test('describes audio in its sampling rate by the AudioSpecificConfig', () => {
    const boxes = walkBoxes(buildInitSection({ video: undefined, audio: MONO_AUDIO }))
    expect(findBox(boxes, 'moov', 'trak', 'mdia', 'mdhd').body.readUInt32BE(12)).toBe(44_100)
    expect(findBox(boxes, 'moov', 'trak', 'tkhd').body.readUInt16BE(36)).toBe(0x0100)
    const entry = sampleEntry(boxes, 'mp4a')
    expect([entry.readUInt16BE(16), entry.readUInt16BE(18)]).toEqual([1, 16])
    expect(entry.readUInt32BE(24)).toBe(44_100 * 65_536)
    const esds = findBox(walkBoxes(entry, ENTRY_BYTES.mp4a), 'esds').body.subarray(4)
    expect(esds.toString('hex')).toBe(
      [
        '0380808022',
        '000000',
        '0480808014',
        '4015',
        '00'.repeat(11),
        '0580808002',
        '1208',
        '0680808001',
        '02',
      ].join(''),
    )
  })

  test('leaves out a sampling rate that does not fit 16.16', () => {
    const boxes = walkBoxes(buildInitSection({ video: undefined, audio: FINE_AUDIO }))
    expect(sampleEntry(boxes, 'mp4a').readUInt32BE(24)).toBe(0)
    expect(findBox(boxes, 'moov', 'trak', 'mdia', 'mdhd').body.readUInt32BE(12)).toBe(96_000)
  })

  test('has empty sample tables, no edit list and no duration: media time is presentation time', () => {
    const init = buildInitSection({ video: SMALL_VIDEO, audio: SAMPLE_AUDIO })
    const boxes = walkBoxes(init)
    const traks = findBox(boxes, 'moov').children.filter((box) => box.type === 'trak')
    for (const trak of traks) {
      expect(trak.children.map((box) => box.type)).toEqual(['tkhd', 'mdia'])
      const tables = findBox(trak.children, 'mdia', 'minf', 'stbl').children
      expect(tables.map((box) => box.type)).toEqual(['stsd', 'stts', 'stsc', 'stsz', 'stco'])
      for (const table of tables.slice(1)) expect(table.body.every((byte) => byte === 0)).toBe(true)
    }
    expect(findBox(boxes, 'moov', 'mvhd').body.readUInt32BE(16)).toBe(0)
  })

  test('matches the golden dump', async () => {
    const init = buildInitSection({ video: SMALL_VIDEO, audio: SAMPLE_AUDIO })
    await expect(hexLines(init)).toMatchFileSnapshot('golden/tiny-init.mp4.hex')
  })
})

function sampleEntry(boxes: ReturnType<typeof walkBoxes>, type: 'avc1' | 'mp4a'): Buffer {
  const stsd = findBox(boxes, 'moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd').body
  expect(stsd.readUInt32BE(4)).toBe(1)
  return findBox(walkBoxes(stsd, 8), type).body
}

function hexLines(bytes: Buffer): string {
  return `${(bytes.toString('hex').match(/.{1,64}/g) ?? []).join('\n')}\n`
}
