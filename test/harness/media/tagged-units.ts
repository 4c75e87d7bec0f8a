/**
 * Units that carry their own times as their media, so that a test can read back from a fragmented MP4 part which units
 * are in it.
 */
import type { AccessUnit } from '../../../src/media/access-unit.ts'

/** What a unit says of itself. */
export type UnitTag = Pick<AccessUnit, 'kind' | 'dtsTicks' | 'keyframe'>

const TAG_BYTES = 16
const NAL_BYTES = TAG_BYTES - 4
const BOX_HEADER_BYTES = 8
const DTS_AT = 6

/** A unit of that kind and time. */
export function taggedUnit(fields: Omit<AccessUnit, 'data'>): AccessUnit {
  const data = Buffer.alloc(TAG_BYTES)
  data.writeUInt32BE(NAL_BYTES, 0)
  data[4] = fields.keyframe ? 0x65 : 0x41
  data[5] = fields.kind === 'video' ? 1 : 0
  data.writeUIntBE(fields.dtsTicks, DTS_AT, 6)
  return { ...fields, data }
}

/** The units in a part, pictures before sound; none in what is no part. */
export function tagsIn(part: Buffer): UnitTag[] {
  const tags: UnitTag[] = []
  const media = mediaOf(part)
  for (let at = 0; at < media.length; at += TAG_BYTES) {
    tags.push({
      kind: media[at + 5] === 1 ? 'video' : 'audio',
      dtsTicks: media.readUIntBE(at + DTS_AT, 6),
      keyframe: media[at + 4] === 0x65,
    })
  }
  return tags
}

function mediaOf(part: Buffer): Buffer {
  for (let at = 0; at + BOX_HEADER_BYTES <= part.length; at += part.readUInt32BE(at)) {
    const end = at + part.readUInt32BE(at)
    if (part.toString('latin1', at + 4, at + BOX_HEADER_BYTES) === 'mdat') {
      return part.subarray(at + BOX_HEADER_BYTES, end)
    }
  }
  return Buffer.alloc(0)
}
