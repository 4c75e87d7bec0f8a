import { expect, test } from 'vitest'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import { testRequest, testViewer } from './decision-fixture.ts'
import { fillablePart } from './suppression.ts'

type Suppression = AdSettings['suppression']
type Row = Pick<Suppression, 'mode' | 'fillPolicy'> & {
  readonly joined: string
  /** From the viewer's joining to the beginning of the break, and what is suppressed. */
  readonly ageSeconds: number
  readonly valueSeconds: number
  readonly rollType?: 'POSTROLL'
  readonly want: 'all' | 'nothing' | { readonly intoBreakSeconds: number; readonly forSeconds: number }
}

const { adBreak } = testRequest()
const PARTIAL = { mode: 'AFTER_LIVE_EDGE', fillPolicy: 'PARTIAL_AVAIL' } as const
const FULL = { mode: 'AFTER_LIVE_EDGE', fillPolicy: 'FULL_AVAIL_ONLY' } as const

const ROWS: readonly Row[] = [
  { ...PARTIAL, joined: 'long before', ageSeconds: 20, valueSeconds: 20, want: 'all' },
  {
    ...PARTIAL,
    joined: 'shortly before',
    ageSeconds: 5,
    valueSeconds: 15,
    want: { intoBreakSeconds: 10, forSeconds: 22.5 },
  },
  {
    ...PARTIAL,
    joined: 'inside',
    ageSeconds: -7,
    valueSeconds: 15,
    want: { intoBreakSeconds: 22, forSeconds: 15 },
  },
  { ...PARTIAL, joined: 'inside, without a wait,', ageSeconds: -7, valueSeconds: 0, want: 'all' },
  { ...PARTIAL, joined: 'too late', ageSeconds: 5, valueSeconds: 35, want: 'nothing' },
  {
    ...PARTIAL,
    joined: 'shortly before the end of the stream',
    ageSeconds: 5,
    valueSeconds: 15,
    rollType: 'POSTROLL',
    want: 'nothing',
  },
  { ...FULL, joined: 'shortly before', ageSeconds: 5, valueSeconds: 15, want: 'nothing' },
  {
    mode: 'BEHIND_LIVE_EDGE',
    fillPolicy: 'PARTIAL_AVAIL',
    joined: 'inside',
    ageSeconds: -7,
    valueSeconds: 5,
    want: 'nothing',
  },
]

test.each(ROWS)('$mode with $fillPolicy: who joined $joined sees $want (ssai §3.4)', (row) => {
  const { mode, fillPolicy, valueSeconds, ageSeconds, rollType = 'MIDROLL', want } = row
  const joinedAtMs = adBreak.targetStartMs - ageSeconds * 1000
  const part = fillablePart(
    { mode, fillPolicy, valueSeconds },
    {
      viewer: testViewer({ joinedAtMs }),
      adBreak: { ...adBreak, rollType },
      contentTimeMs: Math.max(joinedAtMs, adBreak.targetStartMs),
    },
  )
  if (typeof want === 'string') expect(part ?? 'nothing').toBe(want)
  else {
    expect(part).toEqual({
      beginsAtMs: adBreak.targetStartMs + want.intoBreakSeconds * 1000,
      durationMs: want.forSeconds * 1000,
    })
  }
})
