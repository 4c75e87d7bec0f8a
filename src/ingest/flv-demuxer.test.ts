import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  AAC_FRAME,
  AAC_HEADER,
  avcHeader,
  IDR_NAL,
  interPicture,
  keyframe,
  SETS_1080P,
  SETS_360P,
  SLICE_NAL,
} from '../../test/harness/flv-bodies.ts'
import { joinLengthPrefixed } from '../media/codec/avc-nal.ts'
import { readCaptions } from '../media/codec/captions.ts'
import { FlvDemuxer } from './flv-demuxer.ts'
import { IngestError } from './ingest-error.ts'

const EMPTY_RECORD = Buffer.from('1700000000' + '0164002affe000', 'hex')

describe('pictures', () => {
  test('become units at 90 kHz with signed composition offsets', () => {
    const { demuxer, seen } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(1000, keyframe([IDR_NAL], 80))
    demuxer.video(1040, interPicture([SLICE_NAL], -40))
    expect(seen).toEqual([
      'track 1920x1080',
      'video dts 90000 pts 97200 keyframe',
      'video dts 93600 pts 90000',
    ])
  })

  test('are handed on without copying when they have 4-byte lengths', () => {
    const { demuxer, units } = demux()
    const body = keyframe()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(0, body)
    expect(units[0]?.data.buffer).toBe(body.buffer)
  })

  test('wait for the first keyframe', () => {
    const { demuxer, seen } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(0, interPicture())
    demuxer.video(40, keyframe())
    expect(seen).toEqual(['track 1920x1080', 'video dts 3600 pts 3600 keyframe'])
    expect(demuxer.droppedUnits).toBe(1)
  })

  test('are keyframes by their slices, whatever the publisher flagged', () => {
    const { demuxer, seen } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(0, interPicture([IDR_NAL]))
    demuxer.video(40, keyframe([SLICE_NAL]))
    expect(seen.slice(1)).toEqual(['video dts 0 pts 0 keyframe', 'video dts 3600 pts 3600'])
  })

  test('may be Annex B inside FLV', () => {
    const { demuxer, units } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    const annexB = Buffer.concat([Buffer.from('170100000000000001', 'hex'), IDR_NAL])
    demuxer.video(0, annexB)
    expect(units[0]?.data).toEqual(joinLengthPrefixed([IDR_NAL]))
  })

  test('that are damaged are left out, and one good picture is enough to go on', () => {
    const { demuxer, seen } = demux()
    const damaged = Buffer.from('270100000000000fff41', 'hex')
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(0, keyframe())
    for (let i = 0; i < 120; i++) demuxer.video(40, damaged)
    demuxer.video(80, interPicture())
    for (let i = 0; i < 120; i++) demuxer.video(120, damaged)
    expect(seen).toHaveLength(3)
    expect(demuxer.droppedUnits).toBe(240)
    expect(() => demuxer.video(120, damaged)).toThrow(expect.objectContaining({ code: 'MEDIA_INVALID' }))
  })
})

describe('parameters', () => {
  test('that are repeated announce nothing new and do not interrupt', () => {
    const { demuxer, seen } = demux()
    for (const header of [avcHeader(SETS_1080P), keyframe(), avcHeader(SETS_1080P), interPicture()]) {
      demuxer.video(0, header)
    }
    demuxer.audio(0, AAC_HEADER)
    demuxer.audio(0, AAC_HEADER)
    expect(seen).toEqual([
      'track 1920x1080',
      'video dts 0 pts 0 keyframe',
      'video dts 0 pts 0',
      'track mp4a.40.2',
    ])
  })

  test('that change in mid-stream announce a track, and pictures wait for its keyframe', () => {
    const { demuxer, seen } = demux()
    const bodies = [avcHeader(SETS_1080P), keyframe(), avcHeader(SETS_360P), interPicture(), keyframe()]
    for (const [index, body] of bodies.entries()) demuxer.video(index, body)
    expect(seen).toEqual([
      'track 1920x1080',
      'video dts 90 pts 90 keyframe',
      'track 640x360',
      'video dts 360 pts 360 keyframe',
    ])
  })

  test('inside a keyframe announce a track in front of it', () => {
    const { demuxer, seen } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(0, keyframe([SETS_1080P.sps, SETS_1080P.pps, IDR_NAL]))
    demuxer.video(40, keyframe([SETS_360P.sps, SETS_360P.pps, IDR_NAL]))
    demuxer.video(80, interPicture())
    expect(seen).toEqual([
      'track 1920x1080',
      'video dts 0 pts 0 keyframe',
      'track 640x360',
      'video dts 3600 pts 3600 keyframe',
      'video dts 7200 pts 7200',
    ])
  })

  test('may come in the keyframe alone, behind an empty record or none', () => {
    for (const header of [[EMPTY_RECORD], []]) {
      const { demuxer, seen } = demux()
      for (const body of header) demuxer.video(0, body)
      demuxer.video(0, keyframe([SETS_360P.sps, SETS_360P.pps, IDR_NAL]))
      expect(seen).toEqual(['track 640x360', 'video dts 0 pts 0 keyframe'])
    }
  })

  test('inside a keyframe outlive the repeated header that they differ from', () => {
    const { demuxer, seen } = demux()
    const group = [avcHeader(SETS_1080P), keyframe([SETS_360P.sps, SETS_360P.pps, IDR_NAL]), interPicture()]
    for (const body of [...group, ...group]) demuxer.video(0, body)
    expect(seen.filter((line) => line.startsWith('track'))).toEqual(['track 1920x1080', 'track 640x360'])
    expect(seen).toHaveLength(6)
  })

  test('in a message of their own are no picture and count for the next keyframe', () => {
    const { demuxer, seen } = demux()
    demuxer.video(0, interPicture([SETS_360P.sps, SETS_360P.pps]))
    demuxer.video(0, keyframe())
    demuxer.video(40, interPicture([Buffer.from('0605010080', 'hex')]))
    expect(seen).toEqual(['track 640x360', 'video dts 0 pts 0 keyframe'])
  })

  test('that never come are refused at the keyframe that needs them', () => {
    const { demuxer } = demux()
    demuxer.video(0, EMPTY_RECORD)
    expect(() => demuxer.video(0, keyframe())).toThrow(expect.objectContaining({ code: 'MEDIA_INVALID' }))
  })
})

describe('audio', () => {
  test('becomes units that are all keyframes', () => {
    const { demuxer, seen } = demux()
    demuxer.audio(0, AAC_HEADER)
    demuxer.audio(23, AAC_FRAME)
    expect(seen).toEqual(['track mp4a.40.2', 'audio dts 2070 pts 2070 keyframe'])
  })

  test('before its configuration is left out', () => {
    const { demuxer, seen } = demux()
    demuxer.audio(0, AAC_FRAME)
    expect(seen).toEqual([])
    expect(demuxer.droppedUnits).toBe(1)
  })

  test('without a picture is refused after the limit, counted in media time', () => {
    const { demuxer } = demux(10_000)
    demuxer.audio(0, AAC_HEADER)
    demuxer.audio(5000, AAC_FRAME)
    demuxer.video(5000, avcHeader(SETS_1080P))
    demuxer.audio(14_999, AAC_FRAME)
    expect(() => demuxer.audio(15_000, AAC_FRAME)).toThrow(expect.objectContaining({ code: 'VIDEO_MISSING' }))
  })

  test('with one picture is never refused for want of video', () => {
    const { demuxer } = demux(10_000)
    demuxer.audio(0, AAC_FRAME)
    demuxer.video(0, interPicture())
    expect(() => demuxer.audio(60_000, AAC_FRAME)).not.toThrow()
  })
})

describe('captions beside the pictures', () => {
  const constructs = (count: number): Buffer =>
    Buffer.concat(Array(count).fill(Buffer.from([0xfc, 0x94, 0x2c])))
  const constructsIn = (units: readonly Unit[]): number[] =>
    units.map(({ data }) => (readCaptions(data)?.length ?? 0) / 3)

  test('go into the next picture, and no further one', () => {
    const { demuxer, units } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.video(0, keyframe())
    demuxer.captions(constructs(2))
    demuxer.audio(0, AAC_HEADER)
    demuxer.audio(0, AAC_FRAME)
    demuxer.video(40, interPicture())
    demuxer.video(80, interPicture())
    expect(constructsIn(units.filter(({ kind }) => kind === 'video'))).toEqual([0, 2, 0])
  })

  test('wait for a picture that is shown', () => {
    const { demuxer, units } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.captions(constructs(1))
    demuxer.video(0, interPicture())
    demuxer.video(40, keyframe())
    expect(constructsIn(units)).toEqual([1])
  })

  test('are spread over pictures when they are many, and left out beyond those of thirty', () => {
    const { demuxer, units } = demux()
    demuxer.video(0, avcHeader(SETS_1080P))
    demuxer.captions(constructs(31 * 30 - 1))
    demuxer.captions(constructs(3))
    demuxer.video(0, keyframe())
    for (let picture = 1; picture < 32; picture++) demuxer.video(40 * picture, interPicture())
    expect(constructsIn(units)).toEqual([...Array<number>(30).fill(31), 0, 0])
    expect(demuxer.droppedCaptions).toBe(2)
  })
})

test.each([
  ['HEVC by codec id', 'video', '1c0000000000', 'CODEC_UNSUPPORTED', 'video is HEVC; only H.264 is taken'],
  [
    'HEVC by Enhanced RTMP',
    'video',
    '906876633100',
    'CODEC_UNSUPPORTED',
    'video is hvc1 (Enhanced RTMP); only H.264 is taken',
  ],
  [
    'AV1 by Enhanced RTMP',
    'video',
    '906176303100',
    'CODEC_UNSUPPORTED',
    'video is av01 (Enhanced RTMP); only H.264 is taken',
  ],
  ['MP3', 'audio', '2fff', 'CODEC_UNSUPPORTED', 'audio is MP3; only AAC is taken'],
  [
    'AAC-ELD',
    'audio',
    'af00f8e650',
    'CODEC_UNSUPPORTED',
    'AAC configuration refused: audio object type 39 is not AAC as we carry it',
  ],
  [
    'an AAC configuration of one byte',
    'audio',
    'af0012',
    'MEDIA_INVALID',
    'AAC configuration refused: config ends 1 bits too early',
  ],
] as const)('refuses %s', (_name, kind, hex, code, message) => {
  const { demuxer } = demux()
  expect(() => demuxer[kind](0, Buffer.from(hex, 'hex'))).toThrow(
    expect.objectContaining({ name: 'IngestError', code, message }),
  )
})

test('throws nothing but IngestError whatever the bodies', () => {
  const head = fc.constantFrom('1700000000', '1701000000', '2701000000', 'af00', 'af01', '')
  const tail = fc.array(fc.oneof(fc.constantFrom(0, 1, 0x65, 0x67, 0x68), fc.nat(255)), { maxLength: 40 })
  const body = fc
    .tuple(head, tail)
    .map(([hex, bytes]) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from(bytes)]))
  fc.assert(
    fc.property(fc.array(body, { maxLength: 6 }), (bodies) => {
      const { demuxer } = demux()
      try {
        for (const one of bodies) {
          if ((one[0] ?? 0) >> 4 === 10) demuxer.audio(0, one)
          else demuxer.video(0, one)
        }
      } catch (error) {
        expect(error).toBeInstanceOf(IngestError)
      }
    }),
    { numRuns: 2000 },
  )
})

type Unit = Parameters<ConstructorParameters<typeof FlvDemuxer>[0]['onUnit']>[0]

function demux(audioOnlyTimeoutMs = 10_000): { demuxer: FlvDemuxer; seen: string[]; units: Unit[] } {
  const seen: string[] = []
  const units: Unit[] = []
  const demuxer = new FlvDemuxer(
    {
      onTrack: (track) => {
        seen.push(
          track.kind === 'video'
            ? `track ${track.avc.width}x${track.avc.height}`
            : `track ${track.aac.codecString}`,
        )
      },
      onUnit: (unit) => {
        units.push(unit)
        const flag = unit.keyframe ? ' keyframe' : ''
        seen.push(`${unit.kind} dts ${unit.dtsTicks} pts ${unit.ptsTicks}${flag}`)
      },
    },
    audioOnlyTimeoutMs,
  )
  return { demuxer, seen, units }
}
