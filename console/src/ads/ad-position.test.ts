import { describe, expect, test } from 'vitest'
import { adPositionAt, type DateMark } from './ad-position.ts'

const START_MS = Date.parse('2026-02-05T01:03:18Z')

function mark(
  kind: string,
  atS: number,
  durationS: number | undefined,
  attributes: Readonly<Record<string, string>> = {},
): DateMark {
  const durationMs = durationS === undefined ? undefined : durationS * 1000
  return { className: `live-video-net-${kind}`, startMs: START_MS + atS * 1000, durationMs, attributes }
}

/** A break of 16 s: an ad of 10 s, one of 4 s that fills six, and content after it. */
const POD = [
  mark('stream-source', -20, undefined, { 'X-NET-LIVE-VIDEO-STREAM-SOURCE': 'live' }),
  mark('stitched-ad-break-start', 0, 14, {
    'X-NET-LIVE-VIDEO-AD-BREAK-ID': 'abc123DEF456',
    'X-NET-LIVE-VIDEO-AD-ROLL-TYPE': 'MIDROLL',
    'X-NET-LIVE-VIDEO-POD-LENGTH': '2',
  }),
  mark('stitched-ad-creative-start', 0, 10, { 'X-NET-LIVE-VIDEO-POD-INDEX': '1', 'X-AD-TITLE': 'First' }),
  mark('stream-source', 0, undefined, { 'X-NET-LIVE-VIDEO-STREAM-SOURCE': '0f262e65' }),
  mark('stitched-ad-creative-start', 10, 4, { 'X-NET-LIVE-VIDEO-POD-INDEX': '2', 'X-AD-TITLE': 'Second' }),
  mark('stream-source', 10, undefined, { 'X-NET-LIVE-VIDEO-STREAM-SOURCE': '1f262e65' }),
  mark('stream-source', 16, undefined, { 'X-NET-LIVE-VIDEO-STREAM-SOURCE': 'live' }),
]

const at = (marks: readonly DateMark[], seconds: number): ReturnType<typeof adPositionAt> =>
  adPositionAt(marks, START_MS + seconds * 1000)

describe('adPositionAt', () => {
  test('tells the ad, its place in the pod and what is left of it', () => {
    expect(at(POD, 3)).toEqual({
      breakId: 'abc123DEF456',
      breakDurationMs: 14_000,
      podLength: 2,
      podIndex: 1,
      title: 'First',
      leftMs: 7000,
    })
    expect(at(POD, 10)).toMatchObject({ podIndex: 2, title: 'Second', leftMs: 4000 })
  })

  test('stays with an ad whose last picture is held', () => {
    expect(at(POD, 15.5)).toMatchObject({ podIndex: 2, leftMs: 0 })
  })

  test('is nowhere before the break, from its live source on, and without ranges', () => {
    expect(at(POD, -0.1)).toBeUndefined()
    expect(at(POD, 16)).toBeUndefined()
    expect(adPositionAt([], START_MS)).toBeUndefined()
  })

  test('ends with a break-end range too, and with the duration when neither is listed', () => {
    const [start] = POD.filter(({ className }) => className.endsWith('break-start'))
    expect(at([start!, mark('stitched-ad-break-end', 14, undefined)], 14)).toBeUndefined()
    expect(at([start!], 14)).toMatchObject({ podIndex: undefined, leftMs: 0 })
    expect(at([start!], 21)).toBeUndefined()
  })

  test('knows no ad in filler between ads', () => {
    const filler = POD.filter(
      ({ startMs, className }) => startMs === START_MS && !className.includes('creative'),
    )
    expect(at(filler, 4)).toMatchObject({ podIndex: undefined, podLength: 2, leftMs: 10_000 })
  })

  test('leaves an ad for filler that comes after it', () => {
    const slate = mark('stream-source', 14, undefined, { 'X-NET-LIVE-VIDEO-STREAM-SOURCE': '2f262e65' })
    expect(at([...POD.slice(0, -1), slate], 15)).toMatchObject({ podIndex: undefined, title: '' })
  })

  test('goes on with an ad that the ads before it have pushed beyond the announced end', () => {
    const late = mark('stitched-ad-creative-start', 30, 4, { 'X-NET-LIVE-VIDEO-POD-INDEX': '2' })
    expect(at([...POD.slice(0, 2), late], 32)).toMatchObject({ podIndex: 2, leftMs: 2000 })
  })

  test('belongs to the later of two breaks', () => {
    const next = mark('stitched-ad-break-start', 40, 20, { 'X-NET-LIVE-VIDEO-AD-BREAK-ID': 'next' })
    expect(at([...POD, next], 41)).toMatchObject({ breakId: 'next', podIndex: undefined, leftMs: 19_000 })
  })

  test('reads the documented class alone, which names no place', () => {
    const ad = mark('stitched-ad', 0, 20, { 'X-NET-LIVE-VIDEO-AD-AD-BREAK-ID': 'hSi2o1WIVgij' })
    expect(at([ad], 5)).toMatchObject({
      breakId: 'hSi2o1WIVgij',
      podLength: 0,
      podIndex: undefined,
      leftMs: 15_000,
    })
  })

  test('takes numbers that are none for unknown', () => {
    const odd = mark('stitched-ad-break-start', 0, undefined, { 'X-NET-LIVE-VIDEO-POD-LENGTH': 'two' })
    expect(at([odd], 5)).toMatchObject({ podLength: 0, leftMs: undefined })
  })
})
