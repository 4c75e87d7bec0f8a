import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { WalkedFragment, WalkedRun } from '../../../test/harness/media/box-walker.ts'
import { readMessages, walkBoxes, walkFragments } from '../../../test/harness/media/box-walker.ts'
import {
  audioFrames,
  BOTH,
  FINE_AUDIO,
  MONO_AUDIO,
  picture,
  SAMPLE_AUDIO,
  SAMPLE_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import { id3Tag } from '../id3/id3-tag.ts'
import { MAX_METADATA_PAYLOAD_BYTES, METADATA_OWNER } from '../timed-metadata.ts'
import type { MuxedTracks, TimedUnit } from '../timed-unit.ts'
import { FragmentMuxer } from './fragment-muxer.ts'

const TRUN = { firstFlags: 0x4, duration: 0x100, size: 0x200, flags: 0x400, shift: 0x800 } as const

function writeOne(units: readonly TimedUnit[], tracks: MuxedTracks = BOTH): WalkedFragment {
  const [fragment, ...others] = walkFragments(new FragmentMuxer(tracks).writePart(units))
  expect(others).toEqual([])
  return fragment!
}

function onlyRun(units: readonly TimedUnit[], tracks: MuxedTracks = BOTH): WalkedRun {
  const { runs } = writeOne(units, tracks)
  expect(runs).toHaveLength(1)
  return runs[0]!
}

describe('parts', () => {
  test('are one fragment with a run for each kind present, video first', () => {
    const frames = audioFrames(SAMPLE_AUDIO, 2)
    const pictures = [picture({ dtsTicks: 0, keyframe: true }), picture({ dtsTicks: 3000 }, 7)]
    const { runs } = writeOne([frames[0]!, pictures[0]!, frames[1]!, pictures[1]!])
    expect(runs.map((run) => run.trackId)).toEqual([1, 2])
    expect(runs[0]?.samples.map(({ data }) => data)).toEqual(pictures.map(({ data }) => data))
    expect(runs[1]?.samples.map(({ data }) => data)).toEqual(frames.map(({ data }) => data))
    expect(onlyRun(frames).trackId).toBe(2)
    expect(onlyRun(pictures).trackId).toBe(1)
  })

  test('number their fragments from 1 on, also without any unit', () => {
    const muxer = new FragmentMuxer(BOTH)
    const parts = [[picture({ dtsTicks: 0 })], [], [picture({ dtsTicks: 3000 })]].map((units) =>
      muxer.writePart(units),
    )
    expect(walkFragments(Buffer.concat(parts)).map((fragment) => fragment.sequenceNumber)).toEqual([1, 2, 3])
    expect(walkFragments(parts[1]!)[0]?.runs).toEqual([])
  })

  test('leave out units of a kind without a track', () => {
    const units = [picture({ dtsTicks: 0 }), ...audioFrames(SAMPLE_AUDIO, 1)]
    expect(onlyRun(units, { video: SAMPLE_VIDEO, audio: undefined }).trackId).toBe(1)
    expect(onlyRun(units, { video: undefined, audio: SAMPLE_AUDIO }).trackId).toBe(2)
  })

  test('carry timed metadata around their fragment, once for each kind of player', () => {
    const piece = { ptsTicks: 2 ** 33 + 5000, owner: METADATA_OWNER.api, payload: Buffer.from('{"score":1}') }
    const units = [
      picture({ dtsTicks: 2 ** 33 + 3000, keyframe: true }),
      ...audioFrames(SAMPLE_AUDIO, 1, { firstSample: ((2 ** 33 + 4800) * 8) / 15 }),
    ]
    const part = new FragmentMuxer(BOTH).writePart(units, [piece])
    const boxes = walkBoxes(part)
    expect(boxes.map(({ type }) => type)).toEqual(['emsg', 'moof', 'mdat', 'emsg'])
    const shared = { value: '', timescale: 90_000, duration: 0xffff_ffff, id: 5000 }
    const message = id3Tag(piece)
    expect(readMessages(boxes)).toEqual([
      { ...shared, version: 1, scheme: 'https://aomedia.org/emsg/ID3', time: piece.ptsTicks, message },
      // Counted from the first sample of the last track in the fragment.
      { ...shared, version: 0, scheme: 'urn:twitch:id3', time: 200, message },
    ])
    expect(walkFragments(part)).toEqual(walkFragments(new FragmentMuxer(BOTH).writePart(units)))
  })

  test('raise metadata from before their last track where that begins, and leave too large pieces out', () => {
    const piece = {
      ptsTicks: 100,
      owner: METADATA_OWNER.api,
      payload: Buffer.alloc(MAX_METADATA_PAYLOAD_BYTES),
    }
    const large = { ...piece, payload: Buffer.alloc(MAX_METADATA_PAYLOAD_BYTES + 1) }
    const part = new FragmentMuxer(BOTH).writePart([picture({ dtsTicks: 3000 })], [piece, large])
    expect(readMessages(walkBoxes(part)).map(({ time }) => time)).toEqual([100, 0])
    expect(walkBoxes(new FragmentMuxer(BOTH).writePart([], [piece]))).toHaveLength(4)
  })

  test('match the golden dump of a tiny stream', async () => {
    const part = new FragmentMuxer(BOTH).writePart([
      picture({ dtsTicks: 90_000, ptsTicks: 96_000, keyframe: true }, 30),
      ...audioFrames(SAMPLE_AUDIO, 2, { firstSample: 48_000 }),
      picture({ dtsTicks: 93_000 }, 13),
    ])
    const lines = part.toString('hex').match(/.{1,64}/g) ?? []
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('golden/tiny-part.mp4.hex')
  })
})

describe('sample fields', () => {
  test('that all samples share are written once', () => {
    const frames = audioFrames(SAMPLE_AUDIO, 5, { sizeBytes: 20 })
    expect(onlyRun(frames).runFlags).toBe(1)
    const pictures = [0, 3000, 6000].map((dtsTicks) => picture({ dtsTicks }))
    expect(onlyRun(pictures).runFlags).toBe(1)
  })

  test('that differ are written for each sample', () => {
    const run = onlyRun([
      picture({ dtsTicks: 0, ptsTicks: 3000, keyframe: true, durationTicks: 3000 }, 5),
      picture({ dtsTicks: 3000, durationTicks: 3100 }, 6),
      picture({ dtsTicks: 6100, keyframe: true, durationTicks: 2900 }, 7),
    ])
    expect(run.runFlags).toBe(1 | TRUN.duration | TRUN.size | TRUN.flags | TRUN.shift)
    expect(run.samples.map(({ duration, sync, pts }) => ({ duration, sync, pts }))).toEqual([
      { duration: 3000, sync: true, pts: 3000 },
      { duration: 3100, sync: false, pts: 3000 },
      { duration: 2900, sync: true, pts: 6100 },
    ])
  })

  test('say with one extra field that only the first sample is a keyframe', () => {
    const run = onlyRun([0, 3000, 6000].map((dtsTicks) => picture({ dtsTicks, keyframe: dtsTicks === 0 })))
    expect(run.runFlags).toBe(1 | TRUN.firstFlags)
    expect(run.samples.map(({ sync }) => sync)).toEqual([true, false, false])
  })

  test('hold the duration of the last sample, also when it is alone', () => {
    const run = onlyRun([picture({ dtsTicks: 0, durationTicks: 4321 })])
    expect(run.samples[0]?.duration).toBe(4321)
    expect(run.runFlags).toBe(1)
  })
})

describe('times', () => {
  test('of pictures are media time in 90 kHz, exact days later (ISO/IEC 14496-12 §8.8.12)', () => {
    for (const dtsTicks of [0, 2 ** 32 - 1, 2 ** 32, 2 ** 33, 48 * 3600 * 90_000, 2 ** 45 + 1]) {
      const run = onlyRun([picture({ dtsTicks, ptsTicks: dtsTicks + 6000 })])
      expect(run.samples[0]).toMatchObject({ dts: dtsTicks, pts: dtsTicks + 6000 })
    }
  })

  test('of a picture shown before it is decoded have a negative offset (ISO/IEC 14496-12 §8.8.8)', () => {
    const units = [
      picture({ dtsTicks: 9000, ptsTicks: 6000 }),
      picture({ dtsTicks: 12_000, ptsTicks: 18_000 }),
    ]
    expect(onlyRun(units).samples.map(({ dts, pts }) => ({ dts, pts }))).toEqual([
      { dts: 9000, pts: 6000 },
      { dts: 12_000, pts: 18_000 },
    ])
  })

  test('of pictures keep the presentation when decoding times fall or lie before zero', () => {
    const units = [
      picture({ dtsTicks: -3000, ptsTicks: 0 }),
      picture({ dtsTicks: 3000, ptsTicks: 6000 }),
      picture({ dtsTicks: 2000, ptsTicks: 3000 }),
    ]
    expect(onlyRun(units).samples.map(({ dts, pts }) => ({ dts, pts }))).toEqual([
      { dts: 0, pts: 0 },
      { dts: 3000, pts: 6000 },
      { dts: 3000, pts: 3000 },
    ])
    const inOrder = [picture({ dtsTicks: 3000 }), picture({ dtsTicks: 2000 })]
    expect(onlyRun(inOrder).samples.map(({ pts }) => pts)).toEqual([3000, 2000])
  })

  test.each([
    { name: '48 kHz', track: SAMPLE_AUDIO },
    { name: '44.1 kHz', track: MONO_AUDIO },
    { name: '96 kHz', track: FINE_AUDIO },
  ])('of $name audio are exact sample numbers for two days', ({ track }) => {
    const muxer = new FragmentMuxer({ video: undefined, audio: track })
    const frameSamples = track.aac.samplesPerFrame
    // A first sample off the grid of whole frames, and frame numbers up to 48 hours.
    const starts = [0, 1, 2, 1000, Math.ceil((48 * 3600 * track.aac.sampleRate) / frameSamples)]
    for (const frame of starts) {
      const firstSample = frame * frameSamples
      const units = audioFrames(track, 300, { firstSample })
      const [fragment] = walkFragments(muxer.writePart(units))
      expect(fragment?.runs[0]?.runFlags).toBe(1)
      expect(fragment?.runs[0]?.samples.map(({ dts }) => dts)).toEqual(
        units.map((_, index) => firstSample + index * frameSamples),
      )
      expect(fragment?.runs[0]?.samples.at(-1)?.duration).toBe(frameSamples)
    }
  })

  test('of audio whose clock began between two samples still count whole frames, over parts too', () => {
    const muxer = new FragmentMuxer({ video: undefined, audio: MONO_AUDIO })
    const units = audioFrames(MONO_AUDIO, 300).map((unit) => ({ ...unit, dtsTicks: unit.dtsTicks + 101 }))
    const parts = [units.slice(0, 100), units.slice(100)].map((part) => muxer.writePart(part))
    const samples = walkFragments(Buffer.concat(parts)).flatMap(({ runs }) => runs[0]!.samples)
    expect(samples.map(({ dts }) => dts)).toEqual(units.map((_, index) => 49 + index * 1024))
  })

  test('of audio after a gap start again at their own sample number', () => {
    const units = [...audioFrames(SAMPLE_AUDIO, 2), ...audioFrames(SAMPLE_AUDIO, 1, { firstSample: 5000 })]
    const { samples } = onlyRun(units)
    expect(samples.map(({ dts, duration }) => ({ dts, duration }))).toEqual([
      { dts: 0, duration: 1024 },
      { dts: 1024, duration: 5000 - 1024 },
      { dts: 5000, duration: 1024 },
    ])
  })
})

test('any stream comes back from its fragments bit by bit, with its times, in any cut into parts', () => {
  fc.assert(
    fc.property(STREAM, ({ units, partUnits }) => {
      const muxer = new FragmentMuxer(BOTH)
      const parts: Buffer[] = []
      for (let at = 0; at < units.length; at += partUnits) {
        parts.push(muxer.writePart(units.slice(at, at + partUnits)))
      }
      const runs = walkFragments(Buffer.concat(parts)).flatMap((fragment) => fragment.runs)
      const samplesOf = (trackId: number): WalkedRun['samples'] =>
        runs.filter((run) => run.trackId === trackId).flatMap((run) => run.samples)
      const pictures = units.filter((unit) => unit.kind === 'video')
      expect(
        samplesOf(1).map(({ dts, pts, duration, sync, data }) => ({ dts, pts, duration, sync, data })),
      ).toEqual(
        pictures.map(({ dtsTicks, ptsTicks, durationTicks, keyframe, data }) => ({
          dts: dtsTicks,
          pts: ptsTicks,
          duration: durationTicks,
          sync: keyframe,
          data,
        })),
      )
      const frames = units.filter((unit) => unit.kind === 'audio')
      expect(samplesOf(2).map(({ data }) => data)).toEqual(frames.map(({ data }) => data))
      expect(samplesOf(2).every(({ duration, sync }) => duration === 1024 && sync)).toBe(true)
    }),
    { numRuns: 80 },
  )
})

const PICTURE = fc.record({
  sizeBytes: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3000 })),
  keyframe: fc.boolean(),
  durationTicks: fc.oneof(fc.constant(3000), fc.integer({ min: 1, max: 9000 })),
  offsetTicks: fc.oneof(fc.constant(0), fc.integer({ min: -9000, max: 18_000 })),
})

const STREAM = fc
  .record({
    startTicks: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 2 ** 40 })),
    pictures: fc.array(PICTURE, { maxLength: 24 }),
    frameSizes: fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 30 }),
    partUnits: fc.integer({ min: 1, max: 60 }),
  })
  .map(({ startTicks, pictures, frameSizes, partUnits }) => {
    let dtsTicks = startTicks
    const video = pictures.map(({ sizeBytes, keyframe, durationTicks, offsetTicks }) => {
      const unit = picture({ dtsTicks, ptsTicks: dtsTicks + offsetTicks, keyframe, durationTicks }, sizeBytes)
      dtsTicks += durationTicks
      return unit
    })
    const firstSample = Math.round((startTicks * 48_000) / 90_000)
    const frames = audioFrames(SAMPLE_AUDIO, frameSizes.length, { firstSample }).map((unit, index) => ({
      ...unit,
      data: Buffer.alloc(frameSizes[index]!, index),
    }))
    const units: TimedUnit[] = [...video, ...frames].toSorted((a, b) => a.dtsTicks - b.dtsTicks)
    return { units, partUnits }
  })
