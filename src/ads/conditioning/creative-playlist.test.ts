import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConditioningError } from './conditioning-error.ts'
import { MAX_CREATIVE_FILES, readCreativePlaylist } from './creative-playlist.ts'

const BASE = 'https://ads.example.com/spring/index.m3u8?key=1'

test('leads to the variant with the highest bitrate', () => {
  const text = `#EXTM3U
#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9000000,BANDWIDTH=800000
low/index.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=2400000,CODECS="avc1.4d401f,mp4a.40.2"

# comment
/high/index.m3u8`
  expect(readCreativePlaylist(text, BASE)).toEqual({
    kind: 'variant',
    url: 'https://ads.example.com/high/index.m3u8',
  })
})

test('leads to the init section and the segments in their order', () => {
  const text = [
    '#EXTM3U\r\n#EXT-X-TARGETDURATION:2\r\n#EXT-X-MAP:URI="init.mp4"\r\n',
    '#EXTINF:2,\r\n1.m4s\r\n#EXTINF:1.5,\r\nhttps://cdn.example.com/2.m4s\r\n#EXT-X-ENDLIST\r\n',
  ].join('')
  expect(readCreativePlaylist(text, BASE)).toEqual({
    kind: 'media',
    urls: [
      'https://ads.example.com/spring/init.mp4',
      'https://ads.example.com/spring/1.m4s',
      'https://cdn.example.com/2.m4s',
    ],
  })
})

test.each([
  ['no end', '#EXTINF:2,\n1.ts'],
  ['encryption', '#EXT-X-KEY:METHOD=AES-128,URI="k"\n#EXTINF:2,\n1.ts\n#EXT-X-ENDLIST'],
  ['byte ranges', '#EXTINF:2,\n#EXT-X-BYTERANGE:10@0\n1.ts\n#EXT-X-ENDLIST'],
  ['a discontinuity', '#EXTINF:2,\n1.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:2,\n2.ts\n#EXT-X-ENDLIST'],
  ['two init sections', '#EXT-X-MAP:URI="a"\n1.ts\n#EXT-X-MAP:URI="b"\n2.ts\n#EXT-X-ENDLIST'],
  ['nothing in it', '#EXT-X-ENDLIST'],
  [
    'sound of its own',
    '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",URI="a"\n#EXT-X-STREAM-INF:BANDWIDTH=1,AUDIO="a"\nv',
  ],
])('refuses a playlist with %s', (_, text) => {
  expect(() => readCreativePlaylist(`#EXTM3U\n${text}`, BASE)).toThrow('HLS playlist with')
})

test('reads any text to a bounded list of URLs or refuses it', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '#EXT-X-ENDLIST',
      '#EXTINF:2,',
      '#EXT-X-MAP:URI="x"',
      '#EXT-X-STREAM-INF:BANDWIDTH=1',
      '1.ts',
    ),
    fc.string(),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: MAX_CREATIVE_FILES + 50 }), (lines) => {
      try {
        const read = readCreativePlaylist(lines.join('\n'), BASE)
        const urls = read.kind === 'media' ? read.urls : [read.url]
        expect(urls.length).toBeLessThanOrEqual(MAX_CREATIVE_FILES + 1)
        for (const url of urls) expect(URL.canParse(url)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(ConditioningError)
      }
    }),
  )
})
