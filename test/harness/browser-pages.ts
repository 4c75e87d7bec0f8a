/**
 * Serves the test pages over loopback and opens them: a player each, reporting as typed values.
 *
 * The pages have an origin of their own, so every request to a server under test is a cross-origin one.
 */
import { readFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { pageScript } from './browser-bundle.ts'
import type { HlsStats, IvsStats, PlayerStats } from './browser-stats.ts'
import type { Chromium } from './chromium.ts'

/** The pages' server; `await using` ends it. */
export type BrowserPages = AsyncDisposable & { readonly baseUrl: string }

/** A page that plays. */
export type PlayingPage<Stats extends PlayerStats> = AsyncDisposable & {
  readonly page: Page
  readonly stats: () => Promise<Stats>
  /** Resolves when `reached` holds; throws with the last report after `timeoutMs` or a fatal error. */
  readonly waitUntil: (reached: (stats: Stats) => boolean, timeoutMs: number) => Promise<Stats>
}

/** What hls.js plays and how; the settings are hls.js's own. */
export type HlsPageOptions = {
  readonly playbackUrl: string
  /** Default true. */
  readonly lowLatencyMode?: boolean
  /** Default 1: no catching up. */
  readonly maxLiveSyncPlaybackRate?: number
  /** Any other hls.js setting that is plain JSON. */
  readonly config?: Readonly<Record<string, unknown>>
}

/** What the IVS player plays. */
export type IvsPageOptions = {
  readonly playbackUrl: string
  /** Default true: as near the live edge as the channel lets it. */
  readonly lowLatency?: boolean
}

const PAGE_NAMES = ['hls-page', 'ivs-page']
const IVS_ASSETS = join(
  import.meta.dirname,
  '..',
  '..',
  'node_modules',
  'amazon-ivs-player',
  'dist',
  'assets',
)
const IVS_WORKER = 'amazon-ivs-wasmworker.min.js'
const IVS_BINARY = 'amazon-ivs-wasmworker.min.wasm'
const POLL_INTERVAL_MS = 100

/** Starts the pages' server on a free port. */
export async function serveBrowserPages(): Promise<BrowserPages> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', response).catch((error: unknown) => response.writeHead(500).end(String(error)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    baseUrl: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Plays `playbackUrl` with hls.js in a page of its own. */
export async function openHlsPage(
  browser: Chromium,
  pages: BrowserPages,
  options: HlsPageOptions,
): Promise<PlayingPage<HlsStats>> {
  const config = {
    lowLatencyMode: options.lowLatencyMode ?? true,
    maxLiveSyncPlaybackRate: options.maxLiveSyncPlaybackRate ?? 1,
    ...options.config,
  }
  return openPage<HlsStats>(browser, pages, 'hls-page', {
    url: options.playbackUrl,
    config: JSON.stringify(config),
  })
}

/** Plays `playbackUrl` with the IVS player in a page of its own. */
export async function openIvsPage(
  browser: Chromium,
  pages: BrowserPages,
  options: IvsPageOptions,
): Promise<PlayingPage<IvsStats>> {
  return openPage<IvsStats>(browser, pages, 'ivs-page', {
    url: options.playbackUrl,
    worker: `${pages.baseUrl}/${IVS_WORKER}`,
    binary: `${pages.baseUrl}/${IVS_BINARY}`,
    lowLatency: String(options.lowLatency ?? true),
  })
}

async function openPage<Stats extends PlayerStats>(
  browser: Chromium,
  pages: BrowserPages,
  name: string,
  query: Readonly<Record<string, string>>,
): Promise<PlayingPage<Stats>> {
  const page = await browser.newPage()
  // A page in a background tab is throttled and plays differently.
  await page.bringToFront()
  await page.goto(`${pages.baseUrl}/${name}?${new URLSearchParams(query).toString()}`)
  await page.waitForFunction('typeof window.stats === "function"')
  const stats = (): Promise<Stats> => page.evaluate<Stats>('window.stats()')
  return {
    page,
    stats,
    waitUntil: (reached, timeoutMs) => waitUntil(stats, reached, timeoutMs),
    [Symbol.asyncDispose]: () => page.close(),
  }
}

async function waitUntil<Stats extends PlayerStats>(
  read: () => Promise<Stats>,
  reached: (stats: Stats) => boolean,
  timeoutMs: number,
): Promise<Stats> {
  const deadlineMs = performance.now() + timeoutMs
  for (;;) {
    const stats = await read()
    if (reached(stats)) return stats
    if (stats.errors.some((error) => error.fatal)) throw failure('the player failed', stats)
    if (performance.now() > deadlineMs) throw failure(`not reached in ${timeoutMs} ms`, stats)
    await new Promise((resolve) => setTimeout(resolve, POLL_INTERVAL_MS))
  }
}

function failure(what: string, stats: PlayerStats): Error {
  return new Error(`${what}; last report: ${JSON.stringify(stats)}`)
}

async function answer(url: string, response: ServerResponse): Promise<void> {
  const file = await findFile(new URL(url, 'http://page').pathname.slice(1))
  if (file) response.writeHead(200, { 'content-type': file.type }).end(file.body)
  else response.writeHead(404).end()
}

async function findFile(
  name: string,
): Promise<{ readonly type: string; readonly body: string | Buffer } | undefined> {
  if (PAGE_NAMES.includes(name)) return { type: 'text/html', body: pageHtml(name) }
  const page = PAGE_NAMES.find((known) => name === `${known}.js`)
  if (page !== undefined) return { type: 'text/javascript', body: await pageScript(page) }
  if (name === IVS_WORKER) return { type: 'text/javascript', body: await readFile(join(IVS_ASSETS, name)) }
  if (name === IVS_BINARY) return { type: 'application/wasm', body: await readFile(join(IVS_ASSETS, name)) }
  return undefined
}

function pageHtml(name: string): string {
  return `<!doctype html><meta charset="utf-8"><title>${name}</title>
<video muted playsinline width="640" height="360"></video>
<script type="module" src="/${name}.js"></script>`
}
