import HLS from 'hls-parser'
import { expect, test } from 'vitest'
import { printMediaPlaylist, type MediaPlaylist } from './media-playlist.ts'

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5)

const PLAYLIST: MediaPlaylist = {
  targetDurationSeconds: 2,
  mediaSequence: 7,
  discontinuitySequence: 3,
  elapsedMs: 14_000,
  totalMs: 18_000,
  dateRanges: [],
  lowLatency: {
    partTargetMs: 1001,
    partHoldBackMs: 3003,
    holdBackMs: 6000,
    canSkipUntilMs: undefined,
    preloadHintUri: '8.1.mp4',
    prefetchUris: ['8.mp4', '9.mp4'],
    renditionReports: [
      { uri: '../160p30.m3u8', lastMsn: 8, lastPart: 0 },
      { uri: '../360p30.m3u8', lastMsn: 7, lastPart: undefined },
    ],
  },
  skippedSegments: 0,
  segments: [
    {
      uri: '7.mp4',
      durationMs: 2000,
      title: 'live',
      programDateTimeMs: START_MS,
      discontinuity: true,
      gap: false,
      mapUri: 'init-1.mp4',
      parts: [
        { uri: '7.0.mp4', durationMs: 1000, independent: true },
        { uri: '7.1.mp4', durationMs: 1000, independent: false },
      ],
    },
    {
      uri: undefined,
      durationMs: 1000,
      title: 'live',
      programDateTimeMs: START_MS + 2000,
      discontinuity: false,
      gap: false,
      mapUri: undefined,
      parts: [{ uri: '8.0.mp4', durationMs: 1000, independent: true }],
    },
  ],
  ended: false,
}

test('prints every tag of a low-latency playlist in its place, rendition reports among them (rfc8216bis §4.4.5.4)', () => {
  const text = printMediaPlaylist(PLAYLIST)
  expect(text).toBe(`#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=6.000,PART-HOLD-BACK=3.003
#EXT-X-PART-INF:PART-TARGET=1.001
#EXT-X-MEDIA-SEQUENCE:7
#EXT-X-DISCONTINUITY-SEQUENCE:3
#EXT-X-NET-LIVE-VIDEO-LIVE-SEQUENCE:7
#EXT-X-NET-LIVE-VIDEO-ELAPSED-SECS:14.000
#EXT-X-NET-LIVE-VIDEO-TOTAL-SECS:18.000
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.000Z
#EXT-X-PART:DURATION=1.000,URI="7.0.mp4",INDEPENDENT=YES
#EXT-X-PART:DURATION=1.000,URI="7.1.mp4"
#EXTINF:2.000,live
7.mp4
#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:07.000Z
#EXT-X-PART:DURATION=1.000,URI="8.0.mp4",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="8.1.mp4"
#EXT-X-RENDITION-REPORT:URI="../160p30.m3u8",LAST-MSN=8,LAST-PART=0
#EXT-X-RENDITION-REPORT:URI="../360p30.m3u8",LAST-MSN=7
#EXT-X-PREFETCH:8.mp4
#EXT-X-PREFETCH:9.mp4
`)
  HLS.setOptions({ strictMode: true })
  const parsed = HLS.parse(text) as HLS.types.MediaPlaylist
  expect(parsed.renditionReports.map((report) => report.uri)).toEqual(['../160p30.m3u8', '../360p30.m3u8'])
})

test('prints an ended playlist without anything to wait for', () => {
  const text = printMediaPlaylist({ ...PLAYLIST, ended: true, segments: PLAYLIST.segments.slice(0, 1) })
  expect(text).toMatch(/#EXT-X-ENDLIST\n$/)
  expect(text).not.toMatch(/PRELOAD-HINT|PREFETCH|RENDITION-REPORT/)
})

test('prints a gap before the URL that it is about, in the version that has it (rfc8216bis §4.4.4.7, §8)', () => {
  const [first, open] = PLAYLIST.segments
  if (!first || !open) throw new Error('the sample has two segments')
  const text = printMediaPlaylist({ ...PLAYLIST, segments: [{ ...first, gap: true, parts: [] }, open] })
  expect(text).toContain('#EXT-X-VERSION:8\n')
  expect(text).toContain('#EXT-X-GAP\n#EXTINF:2.000,live\n7.mp4\n')
  const parsed = HLS.parse(text) as HLS.types.MediaPlaylist
  expect(parsed.segments.map((segment) => segment.gap)).toEqual([true])
})
