import { describe, expect, test } from 'vitest'
import {
  audioFrames,
  BOTH,
  picture,
  SAMPLE_AUDIO,
  SMALL_VIDEO,
} from '../../../test/harness/media/sample-tracks.ts'
import { AUDIO_ONLY, VIDEO_ONLY } from '../../../test/harness/media/ts-muxer-fixture.ts'
import { walkTs } from '../../../test/harness/media/ts-walker.ts'
import { id3Tag } from '../id3/id3-tag.ts'
import { MAX_METADATA_PAYLOAD_BYTES, METADATA_OWNER, type TimedMetadata } from '../timed-metadata.ts'
import { TS_PID } from './psi.ts'
import { TS_SHIFT_TICKS, TsMuxer } from './ts-muxer.ts'

describe('parts', () => {
  test('begin with PAT and PMT, also without any unit', () => {
    const muxer = new TsMuxer(BOTH)
    expect(walkTs(muxer.writePart([])).pids).toEqual([TS_PID.pat, TS_PID.pmt])
    const { pids, pmts } = walkTs(muxer.writePart([picture({ dtsTicks: 0 })]))
    expect(pids).toEqual([TS_PID.pat, TS_PID.pmt, TS_PID.video])
    expect(pmts).toMatchObject([
      {
        version: 0,
        clockPid: TS_PID.video,
        streams: [
          { streamType: 0x1b, pid: TS_PID.video, descriptors: '' },
          { streamType: 0x0f, pid: TS_PID.audio, descriptors: '' },
          { streamType: 0x15, pid: TS_PID.metadata },
        ],
      },
    ])
  })

  test('name only the tracks there are and put the clock on audio when there is no video', () => {
    const [video] = walkTs(new TsMuxer(VIDEO_ONLY).writePart([])).pmts
    const [audio] = walkTs(new TsMuxer(AUDIO_ONLY).writePart([])).pmts
    expect(video).toMatchObject({
      clockPid: TS_PID.video,
      streams: [{ pid: TS_PID.video }, { pid: TS_PID.metadata }],
    })
    expect(audio).toMatchObject({
      clockPid: TS_PID.audio,
      streams: [{ pid: TS_PID.audio }, { pid: TS_PID.metadata }],
    })
  })

  test('run their continuity counters on from part to part', () => {
    const muxer = new TsMuxer(BOTH)
    const parts = Array.from({ length: 40 }, (_, index) =>
      muxer.writePart([picture({ dtsTicks: index * 3000 }, 700), ...audioFrames(SAMPLE_AUDIO, 3)]),
    )
    expect(() => walkTs(Buffer.concat(parts))).not.toThrow()
    expect(() => walkTs(Buffer.concat([parts[0]!, parts[2]!]))).toThrow(/continuity/)
  })

  test('of a muxer that continues another run its counters on under a new PMT version', () => {
    let muxer = new TsMuxer(BOTH)
    const versions: (number | undefined)[] = []
    const parts: Buffer[] = []
    for (let i = 0; i < 34; i++) {
      const part = muxer.writePart([picture({ dtsTicks: i * 3000 }), ...audioFrames(SAMPLE_AUDIO, 1)])
      versions.push(walkTs(part).pmts[0]?.version)
      parts.push(part)
      muxer = new TsMuxer(i % 2 ? BOTH : { video: SMALL_VIDEO, audio: SAMPLE_AUDIO }, muxer.continuation)
    }
    expect(() => walkTs(Buffer.concat(parts))).not.toThrow()
    expect(versions).toEqual(parts.map((_, index) => index % 32))
    expect(muxer.continuation.pmtVersion).toBe(34 % 32)
  })

  test('leave out units of a kind without a track', () => {
    const units = [picture({ dtsTicks: 0 }), ...audioFrames(SAMPLE_AUDIO, 1)]
    expect(walkTs(new TsMuxer(VIDEO_ONLY).writePart(units)).pes.map(({ pid }) => pid)).toEqual([TS_PID.video])
    expect(walkTs(new TsMuxer(AUDIO_ONLY).writePart(units)).pes.map(({ pid }) => pid)).toEqual([TS_PID.audio])
  })

  test('match the golden dump of a tiny stream', async () => {
    const muxer = new TsMuxer(BOTH)
    const units = [
      picture({ dtsTicks: 0, ptsTicks: 6000, keyframe: true }, 300),
      ...audioFrames(SAMPLE_AUDIO, 2),
      picture({ dtsTicks: 3000 }, 130),
    ]
    const packets =
      muxer
        .writePart(units)
        .toString('hex')
        .match(/.{376}/g) ?? []
    await expect(`${packets.join('\n')}\n`).toMatchFileSnapshot('golden/tiny-part.ts.hex')
  })
})

describe('timed metadata', () => {
  const pieces: readonly TimedMetadata[] = [
    { ptsTicks: 1000, owner: METADATA_OWNER.api, payload: Buffer.from('{"score":1}') },
    { ptsTicks: 1001, owner: METADATA_OWNER.inBand, payload: Buffer.alloc(1024, 0x61) },
  ]

  test('is announced in every part by its descriptors (ISO/IEC 13818-1 §2.6.58, §2.6.60)', () => {
    const [pmt] = walkTs(new TsMuxer(BOTH).writePart([])).pmts
    // Application format and format "ID3 ", service 0; then: in this stream, program 1.
    expect(pmt?.descriptors).toBe('250fffff49443320ff49443320001f0001')
    expect(pmt?.streams.at(-1)?.descriptors).toBe('260dffff49443320ff49443320000f')
  })

  test('comes before the units of its part as ID3 tags of its time', () => {
    const units = [picture({ dtsTicks: 0 }), ...audioFrames(SAMPLE_AUDIO, 1)]
    const { pes } = walkTs(new TsMuxer(BOTH).writePart(units, pieces))
    expect(pes.map(({ pid }) => pid).toSorted((a, b) => b - a)).toEqual([0x102, 0x102, 0x101, 0x100])
    const metadata = pes.filter(({ pid }) => pid === TS_PID.metadata)
    expect(metadata.map(({ streamId, ptsTicks, body }) => ({ streamId, ptsTicks, body }))).toEqual(
      pieces.map((piece) => ({
        streamId: 0xbd,
        ptsTicks: piece.ptsTicks + TS_SHIFT_TICKS,
        body: id3Tag(piece),
      })),
    )
  })

  test('leaves the units as they are and runs its counter on, across a change of tracks too', () => {
    const units = [picture({ dtsTicks: 0, keyframe: true }, 400)]
    const first = new TsMuxer(BOTH)
    const parts = [first.writePart(units, pieces), first.writePart(units, pieces)]
    const second = new TsMuxer(AUDIO_ONLY, first.continuation)
    parts.push(second.writePart([], pieces))
    const { pes } = walkTs(Buffer.concat(parts))
    expect(pes.filter(({ pid }) => pid === TS_PID.metadata)).toHaveLength(6)
    const without = new TsMuxer(BOTH).writePart(units)
    expect(parts[0]?.subarray(-without.length + 2 * 188)).toEqual(without.subarray(2 * 188))
  })

  test('that is larger than any container carries is left out', () => {
    const large = { ...pieces[0]!, payload: Buffer.alloc(MAX_METADATA_PAYLOAD_BYTES + 1) }
    const full = { ...pieces[0]!, payload: Buffer.alloc(MAX_METADATA_PAYLOAD_BYTES) }
    expect(walkTs(new TsMuxer(BOTH).writePart([], [large])).pes).toEqual([])
    expect(walkTs(new TsMuxer(BOTH).writePart([], [full])).pes).toHaveLength(1)
  })
})
