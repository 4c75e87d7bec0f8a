/**
 * Tracks and units for tests that need bytes of the right shape but no pictures.
 */
import { parseAacConfig } from '../../../src/media/codec/aac.ts'
import { parseAvcConfig } from '../../../src/media/codec/avc.ts'
import type { AudioTrack, VideoTrack } from '../../../src/media/access-unit.ts'
import type { MuxedTracks, TimedUnit } from '../../../src/media/timed-unit.ts'

const RECORD_320_180 =
  '0164000dffe1001a6764000dacd941419f9f0110000003001000000303c0f142996001000468efbcb0fdf8f800'
const RECORD_64_64 = '0164000dffe100186764000dacd94426c044000003000400000300f03c50a65801000468efbcb0fdf8f800'

/** High profile, 320 × 180, 30 frames a second. */
export const SAMPLE_VIDEO: VideoTrack = {
  kind: 'video',
  avc: parseAvcConfig(Buffer.from(RECORD_320_180, 'hex')),
}

/** The same at 64 × 64. */
export const SMALL_VIDEO: VideoTrack = {
  kind: 'video',
  avc: parseAvcConfig(Buffer.from(RECORD_64_64, 'hex')),
}

/** AAC-LC, 48 kHz, stereo. */
export const SAMPLE_AUDIO: AudioTrack = audioTrack('1190')

/** Picture and sound. */
export const BOTH: MuxedTracks = { video: SAMPLE_VIDEO, audio: SAMPLE_AUDIO }

/** AAC-LC, 44.1 kHz, mono. */
export const MONO_AUDIO: AudioTrack = audioTrack('1208')

/** AAC-LC, 96 kHz, stereo: a grid finer than 90 kHz. */
export const FINE_AUDIO: AudioTrack = audioTrack('1010')

/** AAC-LC, 48 kHz, 7.1 channels. */
export const SURROUND_AUDIO: AudioTrack = audioTrack('11b8')

/** NAL units, each after its length in four bytes. */
export function lengthPrefixed(...nals: readonly Uint8Array[]): Buffer {
  return Buffer.concat(
    nals.flatMap((nal) => {
      const length = Buffer.alloc(4)
      length.writeUInt32BE(nal.length)
      return [length, nal]
    }),
  )
}

/** A picture of one slice of `sizeBytes` ≥ 1, or of the given NAL units; duration one frame of 30 fps unless told. */
export function picture(
  fields: Partial<Omit<TimedUnit, 'kind' | 'data'>> & { dtsTicks: number },
  nals: number | readonly Uint8Array[] = 20,
): TimedUnit {
  const keyframe = fields.keyframe ?? false
  const slice = (sizeBytes: number): Buffer =>
    Buffer.alloc(sizeBytes, 0x55).fill(keyframe ? 0x65 : 0x41, 0, 1)
  return {
    ptsTicks: fields.dtsTicks,
    durationTicks: 3000,
    ...fields,
    kind: 'video',
    keyframe,
    data: lengthPrefixed(...(typeof nals === 'number' ? [slice(nals)] : nals)),
  }
}

/** `count` audio frames without gaps from the sample number `firstSample` on, each with bytes of its own. */
export function audioFrames(
  track: AudioTrack,
  count: number,
  options: { readonly firstSample?: number; readonly sizeBytes?: number } = {},
): TimedUnit[] {
  const { sampleRate, samplesPerFrame } = track.aac
  const ticksAt = (index: number): number =>
    Math.round((((options.firstSample ?? 0) + index * samplesPerFrame) * 90_000) / sampleRate)
  return Array.from({ length: count }, (_, index) => ({
    kind: 'audio',
    dtsTicks: ticksAt(index),
    ptsTicks: ticksAt(index),
    durationTicks: ticksAt(index + 1) - ticksAt(index),
    keyframe: true,
    data: Buffer.alloc(options.sizeBytes ?? 10, index + 1),
  }))
}

function audioTrack(asc: string): AudioTrack {
  return { kind: 'audio', aac: parseAacConfig(Buffer.from(asc, 'hex')) }
}
