/**
 * What the muxers write, judged by readers and decoders that nobody here wrote.
 */
import { createHash } from 'node:crypto'
import { BufferSource, EncodedPacketSink, Input, MP4, MPEG_TS } from 'mediabunny'
import { describe, expect, test } from 'vitest'
import { FragmentMuxer } from '../../src/media/fmp4/fragment-muxer.ts'
import { buildInitSection } from '../../src/media/fmp4/init-section.ts'
import { id3Tag } from '../../src/media/id3/id3-tag.ts'
import { METADATA_OWNER } from '../../src/media/timed-metadata.ts'
import { TS_CLOCK_TICKS } from '../../src/media/mpegts/timestamps.ts'
import { TS_SHIFT_TICKS, TsMuxer } from '../../src/media/mpegts/ts-muxer.ts'
import type { MuxedTracks, TimedUnit } from '../../src/media/timed-unit.ts'
import { decodeHashes, probePackets } from '../harness/media/media-programs.ts'
import type { RealInput } from '../harness/media/real-input.ts'
import { cutIntoParts, encodeRealInput } from '../harness/media/real-input.ts'

const PART_TICKS = 30_000

/** Frames behind the first in a full PES packet: no time is written for them. */
const FRAMES_TIMED_BY_READER = 7

const USUAL: RealInput = {
  seconds: 4.2,
  size: '320x180',
  frameRate: 30,
  keyframeSeconds: 2,
  bFrames: 3,
  audio: { sampleRate: 48_000, channels: 2 },
}

const INPUTS: readonly { readonly name: string; readonly input: RealInput }[] = [
  { name: 'B-frames and 48 kHz stereo', input: USUAL },
  { name: '44.1 kHz mono', input: { ...USUAL, bFrames: 0, audio: { sampleRate: 44_100, channels: 1 } } },
  {
    name: '5.1 channels at 10 frames a second',
    input: { ...USUAL, frameRate: 10, audio: { sampleRate: 48_000, channels: 6 } },
  },
  { name: 'video alone at 60 frames a second', input: { ...USUAL, frameRate: 60, audio: undefined } },
]

describe.each(INPUTS)('$name', ({ input }) => {
  test('in MPEG-TS: ffprobe sees every byte and tick, ffmpeg decodes the same pictures and sound', async () => {
    const real = await encodeRealInput(input)
    const segments = muxTs(real.tracks, real.units)
    const whole = Buffer.concat(segments.flat())

    const packets = await probePackets(whole)
    const video = packets.filter((packet) => packet.kind === 'video')
    expect(video.map(({ pts, dts, keyframe }) => ({ pts, dts, keyframe }))).toEqual(
      videoOf(real.units).map((unit) => ({
        pts: unit.ptsTicks + TS_SHIFT_TICKS,
        dts: unit.dtsTicks + TS_SHIFT_TICKS,
        keyframe: unit.keyframe,
      })),
    )
    const frames = audioOf(real.units)
    const audio = packets.filter((packet) => packet.kind === 'audio')
    expect(audio.map(({ sizeBytes }) => sizeBytes)).toEqual(frames.map(({ data }) => data.length + 7))
    // Frames that share a PES packet are timed by the reader, which may lose a tick on each.
    const toleranceTicks = input.audio?.sampleRate === 48_000 ? 0 : FRAMES_TIMED_BY_READER
    expect(largestDifference(audio, frames, TS_SHIFT_TICKS)).toBeLessThanOrEqual(toleranceTicks)
    expect(await decodeHashes(whole)).toEqual(await decodeHashes(real.flv))
  })

  test('in fMP4: ffprobe sees every byte and tick, ffmpeg decodes the same pictures and sound', async () => {
    const real = await encodeRealInput(input)
    const { init, segments } = muxFragments(real.tracks, real.units)
    const whole = Buffer.concat([init, ...segments.flat()])

    const packets = await probePackets(whole)
    const video = packets.filter((packet) => packet.kind === 'video')
    expect(video.map(({ pts, dts, keyframe, md5 }) => ({ pts, dts, keyframe, md5 }))).toEqual(
      videoOf(real.units).map((unit) => ({
        pts: unit.ptsTicks,
        dts: unit.dtsTicks,
        keyframe: unit.keyframe,
        md5: md5Of(unit.data),
      })),
    )
    const audio = packets.filter((packet) => packet.kind === 'audio')
    const sampleRate = input.audio?.sampleRate ?? 1
    const first = Math.round(((audioOf(real.units)[0]?.dtsTicks ?? 0) * sampleRate) / 90_000)
    expect(audio.map(({ pts, md5 }) => ({ pts, md5 }))).toEqual(
      audioOf(real.units).map((unit, index) => ({ pts: first + index * 1024, md5: md5Of(unit.data) })),
    )
    expect(await decodeHashes(whole)).toEqual(await decodeHashes(real.flv))
  })

  test('every segment decodes alone, and mediabunny reads every segment while it grows part by part', async () => {
    const real = await encodeRealInput(input)
    const cut = cutIntoParts(real.units, PART_TICKS)
    const { init, segments } = muxFragments(real.tracks, real.units)
    expect(cut).toHaveLength(3)
    for (const [index, tsParts] of muxTs(real.tracks, real.units).entries()) {
      const pictures = videoOf(cut[index]!.flat()).length
      const fragments = segments[index]!
      expect((await decodeHashes(Buffer.concat(tsParts))).video).toHaveLength(pictures)
      expect((await decodeHashes(Buffer.concat([init, ...fragments]))).video).toHaveLength(pictures)
      for (let count = 1; count <= tsParts.length; count++) {
        const units = cut[index]!.slice(0, count).flat()
        const growing = { ts: tsParts.slice(0, count), mp4: [init, ...fragments.slice(0, count)] }
        await expectMediabunnyReads(Buffer.concat(growing.ts), units, TS_SHIFT_TICKS)
        await expectMediabunnyReads(Buffer.concat(growing.mp4), units, 0)
      }
    }
  })
})

test('a stream that crosses the 33-bit wrap keeps the distance of all its times and decodes whole', async () => {
  const real = await encodeRealInput(USUAL)
  const startTicks = TS_CLOCK_TICKS - TS_SHIFT_TICKS - 2 * 90_000
  const units = real.units.map((unit) => ({
    ...unit,
    dtsTicks: unit.dtsTicks + startTicks,
    ptsTicks: unit.ptsTicks + startTicks,
  }))
  const whole = Buffer.concat(muxTs(real.tracks, units).flat())
  const video = (await probePackets(whole)).filter((packet) => packet.kind === 'video')
  const wrap = (ticks: number): number => ((ticks % TS_CLOCK_TICKS) + TS_CLOCK_TICKS) % TS_CLOCK_TICKS
  expect(video.map(({ pts, dts }) => ({ pts: wrap(pts), dts: wrap(dts) }))).toEqual(
    videoOf(units).map((unit) => ({
      pts: wrap(unit.ptsTicks + TS_SHIFT_TICKS),
      dts: wrap(unit.dtsTicks + TS_SHIFT_TICKS),
    })),
  )
  expect((await decodeHashes(whole)).video).toEqual((await decodeHashes(real.flv)).video)
})

test('a stream two days old is the same in fMP4', async () => {
  const real = await encodeRealInput({ ...USUAL, seconds: 1 })
  const twoDaysTicks = 48 * 3600 * 90_000
  const units = real.units.map((unit) => ({
    ...unit,
    dtsTicks: unit.dtsTicks + twoDaysTicks,
    ptsTicks: unit.ptsTicks + twoDaysTicks,
  }))
  const { init, segments } = muxFragments(real.tracks, units)
  const packets = await probePackets(Buffer.concat([init, ...segments.flat()]))
  expect(packets.filter(({ kind }) => kind === 'video').map(({ pts }) => pts)).toEqual(
    videoOf(units).map((unit) => unit.ptsTicks),
  )
})

test('after a change of resolution the transport stream goes on and decodes at both sizes', async () => {
  const large = await encodeRealInput({ ...USUAL, seconds: 2 })
  const small = await encodeRealInput({ ...USUAL, seconds: 2, size: '160x90' })
  const first = new TsMuxer(large.tracks)
  const before = first.writePart(large.units)
  const shifted = small.units.map((unit) => ({
    ...unit,
    dtsTicks: unit.dtsTicks + 2.1 * 90_000,
    ptsTicks: unit.ptsTicks + 2.1 * 90_000,
  }))
  const after = new TsMuxer(small.tracks, first.continuation).writePart(shifted)
  const packets = await probePackets(Buffer.concat([before, after]))
  expect(packets).toHaveLength(large.units.length + small.units.length)
  expect((await decodeHashes(after)).video).toEqual((await decodeHashes(small.flv)).video)

  const fragments = new FragmentMuxer(small.tracks).writePart(shifted)
  const decoded = await decodeHashes(Buffer.concat([buildInitSection(small.tracks), fragments]))
  expect(decoded.video).toEqual((await decodeHashes(small.flv)).video)
})

test('timed metadata is found where it belongs, and players of pictures and sound alone do not mind it', async () => {
  const real = await encodeRealInput({ ...USUAL, seconds: 1 })
  const piece = { ptsTicks: 45_000, owner: METADATA_OWNER.api, payload: Buffer.from('{"score":1}') }
  const ts = new TsMuxer(real.tracks).writePart(real.units, [piece])
  const found = (await probePackets(ts)).filter(({ kind }) => kind === 'data')
  expect(found.map(({ pts }) => pts)).toEqual([piece.ptsTicks + TS_SHIFT_TICKS])
  // FFmpeg 5.1 takes five bytes off, of what it writes itself too: the room of a header that only other metadata has.
  const tag = id3Tag(piece)
  expect([md5Of(tag), md5Of(tag.subarray(5))]).toContain(found[0]?.md5)

  const fragment = new FragmentMuxer(real.tracks).writePart(real.units, [piece])
  const mp4 = Buffer.concat([buildInitSection(real.tracks), fragment])
  const expected = await decodeHashes(real.flv)
  expect([await decodeHashes(ts), await decodeHashes(mp4)]).toEqual([expected, expected])
  const units = real.units.toSorted((a, b) => a.dtsTicks - b.dtsTicks)
  await expectMediabunnyReads(ts, units, TS_SHIFT_TICKS)
  await expectMediabunnyReads(mp4, units, 0)
})

test('audio alone decodes from both containers', async () => {
  const real = await encodeRealInput({ ...USUAL, seconds: 1 })
  const tracks = { video: undefined, audio: real.tracks.audio }
  const expected = (await decodeHashes(real.flv)).audio
  const ts = Buffer.concat(muxTs(tracks, audioOf(real.units)).flat())
  const { init, segments } = muxFragments(tracks, audioOf(real.units))
  expect((await decodeHashes(ts)).audio).toEqual(expected)
  expect((await decodeHashes(Buffer.concat([init, ...segments.flat()]))).audio).toEqual(expected)
})

function muxTs(tracks: MuxedTracks, units: readonly TimedUnit[]): Buffer[][] {
  const muxer = new TsMuxer(tracks)
  return cutIntoParts(units, PART_TICKS).map((parts) => parts.map((part) => muxer.writePart(part)))
}

function muxFragments(
  tracks: MuxedTracks,
  units: readonly TimedUnit[],
): { init: Buffer; segments: Buffer[][] } {
  const muxer = new FragmentMuxer(tracks)
  const segments = cutIntoParts(units, PART_TICKS).map((parts) => parts.map((part) => muxer.writePart(part)))
  return { init: buildInitSection(tracks), segments }
}

async function expectMediabunnyReads(
  media: Buffer,
  units: readonly TimedUnit[],
  shiftTicks: number,
): Promise<void> {
  using input = new Input({ source: new BufferSource(media), formats: [MP4, MPEG_TS] })
  const tracks = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()] as const
  for (const [track, own] of [
    [tracks[0], videoOf(units)],
    [tracks[1], audioOf(units)],
  ] as const) {
    if (own.length === 0) continue
    const seconds: number[] = []
    for await (const packet of new EncodedPacketSink(track!).packets()) seconds.push(packet.timestamp)
    expect(seconds).toHaveLength(own.length)
    const errorTicks = own.map((unit, index) =>
      Math.abs(unit.ptsTicks + shiftTicks - seconds[index]! * 90_000),
    )
    const toleranceTicks = track?.type === 'audio' ? FRAMES_TIMED_BY_READER : 0
    // The rest is the rounding of seconds.
    expect(Math.max(...errorTicks)).toBeLessThan(toleranceTicks + 0.01)
  }
}

function largestDifference(
  packets: readonly { readonly pts: number }[],
  units: readonly TimedUnit[],
  shiftTicks: number,
): number {
  return Math.max(
    0,
    ...packets.map(({ pts }, index) => Math.abs(pts - shiftTicks - (units[index]?.ptsTicks ?? NaN))),
  )
}

function videoOf(units: readonly TimedUnit[]): TimedUnit[] {
  return units.filter((unit) => unit.kind === 'video')
}

function audioOf(units: readonly TimedUnit[]): TimedUnit[] {
  return units.filter((unit) => unit.kind === 'audio')
}

function md5Of(data: Uint8Array): string {
  return createHash('md5').update(data).digest('hex')
}
