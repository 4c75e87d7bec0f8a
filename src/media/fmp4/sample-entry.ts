/**
 * Sample entries: what a decoder of each track has to know.
 *
 * Spec: ISO/IEC 14496-12 §8.5.2, §12.1.3, §12.2.3; ISO/IEC 14496-15 §5.4.2 (avc1); ISO/IEC 14496-14 §6.7 (mp4a);
 * ISO/IEC 14496-1 §7.2.6 (descriptors).
 */
import type { AacConfig } from '../codec/aac.ts'
import type { AvcConfig } from '../codec/avc.ts'
import { box, fullBox, u16, u32, u8, zeros } from './box.ts'

const DATA_REFERENCE_INDEX = 1
const DOTS_PER_INCH_72 = 0x0048_0000

/** `avc1` with the publisher's own configuration record. */
export function avcSampleEntry(avc: AvcConfig): Buffer {
  return box(
    'avc1',
    zeros(6),
    u16(DATA_REFERENCE_INDEX),
    zeros(16),
    u16(avc.width & 0xffff, avc.height & 0xffff),
    u32(DOTS_PER_INCH_72, DOTS_PER_INCH_72, 0),
    u16(1),
    zeros(32),
    // Depth 24 bits, then the fixed value of an old field.
    u16(0x0018, 0xffff),
    box('avcC', avc.record),
  )
}

/** `mp4a` with the publisher's own AudioSpecificConfig. */
export function aacSampleEntry(aac: AacConfig): Buffer {
  return box(
    'mp4a',
    zeros(6),
    u16(DATA_REFERENCE_INDEX),
    zeros(8),
    u16(aac.channels, 16),
    zeros(4),
    // A rate that does not fit 16.16 is left out; the AudioSpecificConfig rules anyway.
    u32(aac.sampleRate <= 0xffff ? aac.sampleRate * 0x1_0000 : 0),
    fullBox('esds', { version: 0, flags: 0 }, elementaryStreamDescriptor(aac.asc)),
  )
}

const DESCRIPTOR = { elementaryStream: 3, decoderConfig: 4, decoderSpecific: 5, syncLayer: 6 } as const
const OBJECT_TYPE_AAC = 0x40
/** Stream type 5 (audio), not upstream, reserved bit set. */
const AUDIO_STREAM = 0x15

function elementaryStreamDescriptor(asc: Uint8Array): Buffer {
  const decoderConfig = descriptor(
    DESCRIPTOR.decoderConfig,
    u8(OBJECT_TYPE_AAC, AUDIO_STREAM),
    // Buffer size, highest and average bit rate: not known of a live stream.
    zeros(11),
    descriptor(DESCRIPTOR.decoderSpecific, asc),
  )
  // ES_ID 0, no optional fields; sync layer as files have it.
  return descriptor(
    DESCRIPTOR.elementaryStream,
    zeros(3),
    decoderConfig,
    descriptor(DESCRIPTOR.syncLayer, u8(2)),
  )
}

function descriptor(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(contents)
  // Always four length bytes, as most files have: seven bits each, all but the last marked.
  const length = [21, 14, 7].map((shift) => 0x80 | ((body.length >> shift) & 0x7f))
  return Buffer.concat([u8(tag, ...length, body.length & 0x7f), body])
}
