import HLS from 'hls-parser'
import { expect, test } from 'vitest'
import { sampleCreative } from '../../../test/harness/sample-creative.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import { TsDemuxer } from '../../media/mpegts/ts-demuxer.ts'
import { creativeMultivariant, creativePieces, creativePlaylist, CreativeSegments } from './creative-files.ts'

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
asset_chunked_00001.ts
#EXTINF:2.000,
asset_chunked_00002.ts
#EXTINF:1.000,
asset_chunked_00003.ts
#EXT-X-ENDLIST
`)
  HLS.parse(playlist)
})

test('leads to where segments are reported, by what stands in the address of the playlist (ssai §3.10)', () => {
  const playlist = creativePlaylist(CREATIVE, '360p30', { accountHash: 'c231', number: 1 })
  expect(playlist).toBe(`#EXTM3U
#EXT-X-VERSION:11
#EXT-X-DEFINE:IMPORT="awsBeaconData"
#EXT-X-DEFINE:IMPORT="awsBeaconDomain"
#EXT-X-DEFINE:IMPORT="awsConfigurationName"
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:0
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXTINF:2.000,
{$awsBeaconDomain}/segment/c231/{$awsConfigurationName}/{$awsBeaconData}/1/0?aws.segmentRelativePath=asset_360p30_00001.ts
#EXTINF:2.000,
{$awsBeaconDomain}/segment/c231/{$awsConfigurationName}/{$awsBeaconData}/1/1?aws.segmentRelativePath=asset_360p30_00002.ts
#EXTINF:1.000,
{$awsBeaconDomain}/segment/c231/{$awsConfigurationName}/{$awsBeaconData}/1/2?aws.segmentRelativePath=asset_360p30_00003.ts
#EXT-X-ENDLIST
`)
})

test('lists the renditions with the bitrates that their segments have', () => {
  const segments = new CreativeSegments(10_000_000)
  const bitsPerSecond = creativePieces(CREATIVE).map((piece) => {
    const seconds = (piece.toTicks - piece.fromTicks) / MEDIA_TIMESCALE
    return (segments.get('sample', media, piece).length * 8) / seconds
  })
  const peak = Math.ceil(Math.max(...bitsPerSecond))
  const plain = creativeMultivariant(CREATIVE, false)
  expect(plain).toContain(`#EXT-X-STREAM-INF:BANDWIDTH=${peak},`)
  expect(plain.split('\n').filter((line) => line.endsWith('.m3u8'))).toEqual([
    'asset_chunked.m3u8',
    'asset_360p30.m3u8',
  ])
  HLS.parse(plain)
  const reported = creativeMultivariant(CREATIVE, true)
  expect(reported.split('\n').slice(0, 5)).toEqual([
    '#EXTM3U',
    '#EXT-X-VERSION:11',
    '#EXT-X-DEFINE:QUERYPARAM="awsBeaconData"',
    '#EXT-X-DEFINE:QUERYPARAM="awsBeaconDomain"',
    '#EXT-X-DEFINE:QUERYPARAM="awsConfigurationName"',
  ])
  expect(reported).toContain('\nreported_360p30.m3u8\n')
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
