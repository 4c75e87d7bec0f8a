/**
 * Captions of CEA-608 as an encoder sends them beside its pictures: in `onCaptionInfo` messages, as FLV tags.
 */
import { amf0Object, encodeAmf0 } from '../../src/media/amf0/amf0-writer.ts'
import type { FlvTag } from './media/flv-file.ts'

const DATA_TAG = 18
const PAIR_INTERVAL_MS = 100
/** Commands of channel 1, twice each as decoders want it: load a pop-on caption into row 15, show it, take it away. */
const LOAD = [0x1420, 0x1420, 0x1470, 0x1470]
const SHOW = [0x142f, 0x142f]
const ERASE = [0x142c, 0x142c]
const SHOWN_PAIRS = 10

/** Tags that load `text`, of the letters and digits of ASCII, from `fromMs` on, show it, and take it away a second later. */
export function captionTags(fromMs: number, text: string): FlvTag[] {
  const letters = Buffer.from(text.length % 2 === 0 ? text : `${text} `, 'latin1')
  const pairs = Array.from({ length: letters.length / 2 }, (_, index) => letters.readUInt16BE(index * 2))
  const pause = Array<number>(SHOWN_PAIRS).fill(0)
  return [...LOAD, ...pairs, ...SHOW, ...pause, ...ERASE].map((pair, index) => {
    const constructs = Buffer.from([0xfc, withParity(pair >> 8), withParity(pair & 255)])
    return captionTag(fromMs + index * PAIR_INTERVAL_MS, constructs)
  })
}

/** One `onCaptionInfo` message with the user data that a picture would carry. */
function captionTag(timeMs: number, constructs: Buffer): FlvTag {
  const header = Buffer.from([
    0xb5,
    0x00,
    0x31,
    0x47,
    0x41,
    0x39,
    0x34,
    0x03,
    0x40 | (constructs.length / 3),
    0xff,
  ])
  const data = Buffer.concat([header, constructs, Buffer.from([0xff])]).toString('base64')
  return { type: DATA_TAG, timeMs, body: encodeAmf0('onCaptionInfo', amf0Object({ type: '708', data })) }
}

/** Seven bits with an eighth that makes the count of ones odd (CEA-608 §B.1). */
function withParity(value: number): number {
  let ones = 0
  for (let bit = 0; bit < 7; bit++) ones += (value >> bit) & 1
  return ones % 2 === 0 ? value | 0x80 : value
}
