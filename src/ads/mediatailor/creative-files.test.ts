import HLS from 'hls-parser'
import { expect, test } from 'vitest'
import { sampleCreative } from '../../../test/harness/sample-creative.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import { TsDemuxer } from '../../media/mpegts/ts-demuxer.ts'
import { creativePieces, creativePlaylist, CreativeSegments } from './creative-files.ts'

const CREATIVE = sampleCreative('sample', 5)
const media = CREATIVE.renditions.get('chunked')!

test('lists a creative as segments of two seconds and what is left', () => {
  const playlist = creativePlaylist(CREATIVE, 'chunked')
  expect(playlist).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXTINF:2.000,
chunked/0.ts
#EXTINF:2.000,
chunked/1.ts
#EXTINF:1.000,
chunked/2.ts
#EXT-X-ENDLIST
`)
  HLS.parse(playlist)
})

test.each([
  [0.05, 1],
  [2, 1],
  [2.05, 1],
  [2.2, 2],
])('cuts %s s into %i pieces that follow each other to the end', (seconds, count) => {
  const durationTicks = seconds * MEDIA_TIMESCALE
  const pieces = creativePieces({ ...CREATIVE, durationTicks })
  expect(pieces).toHaveLength(count)
  expect(pieces.slice(1).map(({ fromTicks }) => fromTicks)).toEqual(
    pieces.slice(0, -1).map(({ toTicks }) => toTicks),
  )
  expect(pieces.at(-1)).toMatchObject({ toTicks: durationTicks, isLast: true })
})

test('has every picture of the creative once, in order, and none of its padding', () => {
  const segments = new CreativeSegments(10_000_000)
  const dts: number[] = []
  for (const piece of creativePieces(CREATIVE)) {
    const demuxer = new TsDemuxer({
      onTrack: () => undefined,
      onUnit: (unit) => {
        if (unit.kind === 'video') dts.push(unit.dtsTicks)
      },
      onEnd: () => undefined,
    })
    demuxer.push(segments.get('sample', media, piece))
    demuxer.end()
  }
  expect(dts).toHaveLength(5 * 30)
  // The last picture of a segment may begin a tick late, so that it reaches past the announced end.
  const errors = dts.map((ticks, index) => Math.abs(ticks - (dts[0] ?? 0) - index * 3000))
  expect(Math.max(...errors)).toBeLessThanOrEqual(1)
})

test('keeps segments within its bounds, and makes again what it dropped', () => {
  const pieces = creativePieces(CREATIVE)
  const roomy = new CreativeSegments(10_000_000)
  const [first, second] = pieces.map((piece) => roomy.get('sample', media, piece))
  expect(roomy.get('sample', media, pieces[0]!)).toBe(first)
  const tight = new CreativeSegments(second!.length)
  for (const piece of pieces) tight.get('sample', media, piece)
  expect(tight.bytes).toBeLessThanOrEqual(second!.length)
  expect(tight.get('sample', media, pieces[0]!)).toEqual(first)
})
