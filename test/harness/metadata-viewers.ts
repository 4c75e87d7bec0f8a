/**
 * Players on one rendition each that note the timed metadata which they raise.
 */
import type { BrowserPages, PlayingPage } from './browser-pages.ts'
import { openHlsPage, openIvsPage } from './browser-pages.ts'
import { noteHlsCues, noteIvsCues } from './browser-cues.ts'
import type { PlayerStats } from './browser-stats.ts'
import type { Chromium } from './chromium.ts'
import type { ServedRung } from './ladder-reader.ts'

/** A player on one rendition. */
export type MetadataViewer = AsyncDisposable & {
  readonly name: string
  readonly player: PlayingPage<PlayerStats>
}

/** Where a player runs. */
export type ViewerPlace = { readonly browser: Chromium; readonly pages: BrowserPages }

const START_LIMIT_MS = 20_000

/** Plays `rung` with hls.js. */
export async function watchWithHls(
  { browser, pages }: ViewerPlace,
  rung: ServedRung,
): Promise<MetadataViewer> {
  const player = await openHlsPage(browser, pages, { playbackUrl: rung.url })
  await noteHlsCues(player.page)
  await player.waitUntil((stats) => stats.currentTimeS > 0, START_LIMIT_MS)
  return viewer(`hls.js on ${rung.name}`, player)
}

/** Plays `rung` of the stream at `playbackUrl` with the IVS player, which chooses renditions itself until it is told. */
export async function watchWithIvs(
  { browser, pages }: ViewerPlace,
  playbackUrl: string,
  rung: ServedRung,
): Promise<MetadataViewer> {
  const player = await openIvsPage(browser, pages, { playbackUrl })
  await player.waitUntil((stats) => stats.qualities.length > 0, START_LIMIT_MS)
  await player.page.evaluate(`{
    const { player } = window
    player.setAutoQualityMode(false)
    const [only] = player.getQualities()
    player.setQuality(player.getQualities().find(({ group }) => group === '${rung.name}') ?? only)
  }`)
  await player.waitUntil((stats) => stats.currentTimeS > 2 && stats.state === 'Playing', START_LIMIT_MS)
  await noteIvsCues(player.page)
  return viewer(`the IVS player on ${rung.name}`, player)
}

function viewer(name: string, player: PlayingPage<PlayerStats>): MetadataViewer {
  return { name, player, [Symbol.asyncDispose]: () => player[Symbol.asyncDispose]() }
}
