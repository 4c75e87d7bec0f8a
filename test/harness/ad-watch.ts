/**
 * What players show of an ad break, from some seconds before it until some seconds after it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, vi } from 'vitest'
import type { Player } from './ad-broadcast.ts'
import {
  evenness,
  latencySamples,
  notePictures,
  pictureRuns,
  shownPictures,
  usualLatencyMs,
  type Evenness,
  type PictureRun,
} from './browser-pictures.ts'
import type { PlayerStats } from './browser-stats.ts'

/** What one viewer saw. */
export type Seen = {
  readonly runs: readonly PictureRun[]
  /** Where one ad or content follows another. */
  readonly atEdges: Evenness
  readonly elsewhere: Evenness
  /** By the player's own reckoning. */
  readonly latencyChangeMs: number
  readonly heights: readonly number[]
  readonly stats: PlayerStats
}

/** Watched before and after. */
const MARGIN_MS = 3000
const MAX_STALL_MS = 300
const MAX_LATENCY_CHANGE_MS = 300
/** Away from the edges of ads: a player that loses its way stands for seconds. */
const MAX_STALL_ELSEWHERE_MS = 1000
/** How much worse one moment may be than another on a machine that is late: it has players of many sorts to serve. */
const UNEVENNESS = 2
const WAIT_INTERVAL_MS = 500

/** Watches while `run` lets ads happen, until every player of `players` shows content again, at most `limitMs` after. */
export async function watchAds(
  players: readonly Player[],
  limitMs: number,
  run: () => Promise<void>,
): Promise<readonly Seen[]> {
  for (const { page } of players) await notePictures(page)
  const fromMs = Date.now()
  await sleep(MARGIN_MS)
  await run()
  const untilContent = async (): Promise<void> => {
    for (const { page } of players) {
      const last = pictureRuns(await shownPictures(page)).at(-1)
      expect(last?.kind).toBe('other')
      expect((last?.toMs ?? 0) - (last?.fromMs ?? 0)).toBeGreaterThan(MARGIN_MS)
    }
  }
  await vi.waitFor(untilContent, { timeout: limitMs, interval: WAIT_INTERVAL_MS })
  const toMs = Date.now()
  return Promise.all(players.map((player) => seenBy(player, fromMs, toMs)))
}

/**
 * No picture stands for long, and nothing at the edges of ads is worse than it may be or, on a machine that cannot keep up,
 * than it is away from them and for the viewer without ads.
 */
export function expectSmooth(saw: Seen | undefined, plain: Seen | undefined): void {
  if (!saw || !plain) throw new Error('nobody watched')
  const { atEdges, elsewhere } = saw
  const costs = (measure: keyof Evenness): number => Math.max(0, elsewhere[measure], plain.elsewhere[measure])
  expect(kindsOf(saw)).toEqual(['other', 'bars', 'magenta', 'other'])
  const plainStandMs = plain.elsewhere.longestStandMs
  expect(elsewhere.longestStandMs).toBeLessThan(Math.max(MAX_STALL_ELSEWHERE_MS, plainStandMs * UNEVENNESS))
  expect(atEdges.longestStandMs).toBeLessThanOrEqual(maxStallMs(costs('longestStandMs')))
  expect(atEdges.longestSkipMs).toBeLessThanOrEqual(maxStallMs(costs('longestSkipMs')))
  expect(atEdges.lostMs).toBeLessThan(MAX_LATENCY_CHANGE_MS + costs('lostMs'))
  expect(saw.latencyChangeMs).toBeLessThan(MAX_LATENCY_CHANGE_MS + costs('lostMs'))
  expect(saw.stats.errors.filter(({ fatal }) => fatal)).toEqual([])
}

function maxStallMs(elsewhereMs: number): number {
  return Math.max(MAX_STALL_MS, elsewhereMs * UNEVENNESS)
}

/** What a viewer saw, in order. */
export function kindsOf(saw: Seen | undefined): readonly string[] {
  return saw?.runs.map(({ kind }) => kind) ?? []
}

async function seenBy({ page, stats }: Player, fromMs: number, toMs: number): Promise<Seen> {
  const pictures = await shownPictures(page)
  const samples = await latencySamples(page)
  const runs = pictureRuns(pictures)
  const edgesMs = runs.slice(1).map((run) => run.fromMs)
  const before = usualLatencyMs(samples, fromMs, fromMs + MARGIN_MS)
  const after = usualLatencyMs(samples, toMs - MARGIN_MS, toMs)
  return {
    runs,
    atEdges: evenness(pictures, edgesMs, 'near'),
    elsewhere: evenness(pictures, edgesMs, 'away'),
    latencyChangeMs: after - before,
    heights: [...new Set(pictures.map(({ height }) => height))],
    stats: await stats(),
  }
}

/** What was measured, for the log of a run. */
export function summaryOf({ runs, stats, ...measured }: Seen): unknown {
  const { stalls, droppedFrames, errors } = stats
  const lengthsMs = runs.map(({ kind, fromMs, toMs }) => `${kind} ${Math.round(toMs - fromMs)}`)
  return { lengthsMs, ...measured, stalls, droppedFrames, errors: errors.map(({ what }) => what) }
}
