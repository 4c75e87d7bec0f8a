/**
 * Reads an FLV file that an encoder wrote into the units a muxer is fed.
 *
 * Small and trusting: it is for files made by the tests themselves.
 */
import assert from 'node:assert/strict'
import { parseAacConfig } from '../../../src/media/codec/aac.ts'
import type { AacConfig } from '../../../src/media/codec/aac.ts'
import { parseAvcConfig } from '../../../src/media/codec/avc.ts'
import type { AvcConfig } from '../../../src/media/codec/avc.ts'
import type { MuxedTracks, TimedUnit } from '../../../src/media/timed-unit.ts'

/** A file's tracks and units, in file order, at 90 kHz. */
export type FlvMedia = { readonly tracks: MuxedTracks; readonly units: readonly TimedUnit[] }

const TICKS_PER_MS = 90
const TAG = { audio: 8, video: 9 } as const

/** Units of an H.264 and AAC file; audio times are counted in samples from the first frame's time. */
export function readFlvFile(bytes: Buffer): FlvMedia {
  let avc: AvcConfig | undefined
  let aac: AacConfig | undefined
  let audioFrames = 0
  let firstAudioTicks: number | undefined
  const units: { -readonly [Key in keyof TimedUnit]: TimedUnit[Key] }[] = []
  for (const { type, timeMs, body } of flvTags(bytes)) {
    const isConfig = body[1] === 0
    if (type === TAG.video) {
      if (isConfig) avc = parseAvcConfig(body.subarray(5))
      if (body[1] !== 1) continue
      const dtsTicks = timeMs * TICKS_PER_MS
      const ptsTicks = dtsTicks + body.readIntBE(2, 3) * TICKS_PER_MS
      const keyframe = body.readUInt8(0) >> 4 === 1
      units.push({ kind: 'video', dtsTicks, ptsTicks, keyframe, durationTicks: 0, data: body.subarray(5) })
    } else if (isConfig) aac = parseAacConfig(body.subarray(2))
    else {
      assert(aac, 'AAC config before the first frame')
      firstAudioTicks ??= timeMs * TICKS_PER_MS
      const samples = audioFrames++ * aac.samplesPerFrame
      const ticks = firstAudioTicks + Math.round((samples * 90_000) / aac.sampleRate)
      units.push({
        kind: 'audio',
        dtsTicks: ticks,
        ptsTicks: ticks,
        keyframe: true,
        durationTicks: 0,
        data: body.subarray(2),
      })
    }
  }
  for (const kind of ['video', 'audio'] as const) {
    const own = units.filter((unit) => unit.kind === kind)
    for (const [index, unit] of own.entries()) {
      const next = own[index + 1]
      unit.durationTicks = next ? next.dtsTicks - unit.dtsTicks : (own[index - 1]?.durationTicks ?? 0)
    }
  }
  return {
    tracks: { video: avc && { kind: 'video', avc }, audio: aac && { kind: 'audio', aac } },
    units,
  }
}

/** One tag: 8 audio, 9 video, its time and body. */
export type FlvTag = { readonly type: number; readonly timeMs: number; readonly body: Buffer }

/** Audio and video tags of an FLV file, in file order. */
export function flvTags(bytes: Buffer): FlvTag[] {
  assert.equal(bytes.toString('latin1', 0, 3), 'FLV')
  const tags: FlvTag[] = []
  let at = bytes.readUInt32BE(5) + 4
  while (at < bytes.length) {
    const type = bytes.readUInt8(at)
    const bodyBytes = bytes.readUIntBE(at + 1, 3)
    const timeMs = bytes.readUIntBE(at + 4, 3) + bytes.readUInt8(at + 7) * 2 ** 24
    const body = bytes.subarray(at + 11, at + 11 + bodyBytes)
    if (type === TAG.video || type === TAG.audio) tags.push({ type, timeMs, body })
    at += 11 + bodyBytes + 4
  }
  return tags
}
