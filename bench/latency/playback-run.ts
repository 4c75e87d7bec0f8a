/**
 * One player on one stream: how soon the first picture came, and how old pictures are from then on.
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  openHlsPage,
  openIvsPage,
  type BrowserPages,
  type HlsPageOptions,
  type PlayingPage,
} from '../../test/harness/browser-pages.ts'
import type { HlsStats, IvsStats } from '../../test/harness/browser-stats.ts'
import { launchChromium, type Chromium } from '../../test/harness/chromium.ts'
import { median, percentile } from '../rig/statistics.ts'
import { CLOCK_LAYOUT } from './picture-clock.ts'

/** A player and what it plays. */
export type PlaybackCase = {
  readonly name: string
  readonly player: 'hls.js' | 'IVS player'
  readonly playbackUrl: string
  readonly hlsOptions?: Omit<HlsPageOptions, 'playbackUrl'>
}

/** How long to look. */
export type PlaybackPlan = {
  /** Fresh pages one after another: where a player begins is a matter of luck. */
  readonly pages: number
  readonly settleSeconds: number
  /** In each page. */
  readonly sampleSeconds: number
}

/** Seconds; the middle and the upper end. */
export type Spread = { readonly median: number; readonly p95: number }

/** What one player gave. */
export type PlaybackResult = {
  readonly name: string
  /** Wall clock minus the program date-time of the playhead: from ingest. Undefined where playlists have none. */
  readonly fromIngest: Spread | undefined
  /** Age of the clock in the picture: from the encoder's input. */
  readonly fromEncoder: Spread
  readonly startup: number | undefined
  readonly buffered: number
  readonly stalls: number
  readonly droppedFrames: number
  readonly unreadablePictures: number
  /** Only the IVS player knows. */
  readonly isLiveLowLatency: boolean | undefined
  readonly errors: readonly string[]
}

type AnyPage = PlayingPage<HlsStats> | PlayingPage<IvsStats>

type Sample = {
  readonly stats: HlsStats | IvsStats
  readonly ageMs: number | undefined
  readonly startupMs: number | undefined
  readonly unreadable: number
}

type Viewing = { readonly before: Sample; readonly samples: readonly Sample[]; readonly last: Sample }

const SAMPLE_INTERVAL_MS = 250
const START_TIMEOUT_MS = 30_000
const READER = fileURLToPath(new URL('picture-clock-reader.js', import.meta.url))
const READ_SAMPLE = `({
  stats: window.stats(),
  ageMs: window.pictureClock.ageMs,
  startupMs: window.pictureClock.startupMs(),
  unreadable: window.pictureClock.unreadable,
})`

/** A browser whose pages read the clock in the picture. */
export async function launchClockReader(): Promise<Chromium> {
  const browser = await launchChromium()
  const script = await readFile(READER, 'utf8')
  const content = `{ const LAYOUT = ${JSON.stringify(CLOCK_LAYOUT)}\n${script} }`
  await browser.context.addInitScript({ content })
  return browser
}

/** Plays in fresh pages, waits in each until the player has settled, and samples. */
export async function runPlayback(
  browser: Chromium,
  pages: BrowserPages,
  wanted: PlaybackCase,
  plan: PlaybackPlan,
): Promise<PlaybackResult> {
  const viewings: Viewing[] = []
  for (let count = 0; count < plan.pages; count++) {
    await using page = await open(browser, pages, wanted)
    viewings.push(await view(page, plan))
  }
  return summarise(wanted, viewings)
}

async function view(page: AnyPage, plan: PlaybackPlan): Promise<Viewing> {
  await page.waitUntil((stats) => stats.startupMs !== undefined, START_TIMEOUT_MS)
  await sleep(plan.settleSeconds * 1000)
  const before = await read(page)
  const samples: Sample[] = []
  const endMs = performance.now() + plan.sampleSeconds * 1000
  while (performance.now() < endMs) {
    samples.push(await read(page))
    await sleep(SAMPLE_INTERVAL_MS)
  }
  return { before, samples, last: samples.at(-1) ?? before }
}

function open(browser: Chromium, pages: BrowserPages, wanted: PlaybackCase): Promise<AnyPage> {
  const { playbackUrl } = wanted
  return wanted.player === 'hls.js'
    ? openHlsPage(browser, pages, { ...wanted.hlsOptions, playbackUrl })
    : openIvsPage(browser, pages, { playbackUrl })
}

function read({ page }: AnyPage): Promise<Sample> {
  return page.evaluate<Sample>(READ_SAMPLE)
}

function summarise(wanted: PlaybackCase, viewings: readonly Viewing[]): PlaybackResult {
  const samples = viewings.flatMap((viewing) => viewing.samples)
  const fromIngest = samples.flatMap(({ stats }) => stats.clockLatencyS ?? [])
  const fromEncoder = samples.flatMap(({ ageMs }) => (ageMs === undefined ? [] : ageMs / 1000))
  const startups = viewings.flatMap(({ last }) => last.startupMs ?? [])
  const sum = (count: (viewing: Viewing) => number): number =>
    viewings.reduce((total, viewing) => total + count(viewing), 0)
  return {
    name: wanted.name,
    fromIngest: fromIngest.length > 0 ? spreadOf(fromIngest) : undefined,
    fromEncoder: spreadOf(fromEncoder),
    // The IVS player fetches in a worker, whose requests the page does not see.
    startup: wanted.player === 'hls.js' ? median(startups) / 1000 : undefined,
    buffered: median(samples.map((sample) => sample.stats.bufferedS)),
    stalls: sum(({ before, last }) => last.stats.stalls - before.stats.stalls),
    droppedFrames: sum(({ before, last }) => last.stats.droppedFrames - before.stats.droppedFrames),
    unreadablePictures: sum(({ last }) => last.unreadable),
    isLiveLowLatency: lowLatencyOf(samples),
    errors: viewings.flatMap(({ last }) => last.stats.errors.map((error) => error.what)),
  }
}

function lowLatencyOf(samples: readonly Sample[]): boolean | undefined {
  const known = samples.flatMap(({ stats }) => ('isLiveLowLatency' in stats ? stats.isLiveLowLatency : []))
  return known.length > 0 ? known.every(Boolean) : undefined
}

function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), p95: percentile(values, 0.95) }
}
