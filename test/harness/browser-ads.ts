/**
 * What players tell a page about ads: the events of the IVS player, and the date ranges that hls.js reads.
 */
import type { Page } from 'playwright-core'

/** An event of the IVS player, as it was raised. */
export type RaisedAdEvent = {
  readonly name: AdEventName
  readonly atMs: number
  readonly payload: Readonly<Record<string, unknown>>
}

/** The IVS player's five events of ads. */
export type AdEventName =
  'AD_BREAK_STARTED' | 'AD_CREATIVE_STARTED' | 'AD_TIME_UPDATE' | 'AD_CREATIVE_ENDED' | 'AD_BREAK_ENDED'

/** A date range as hls.js hands it to pages. */
export type ReadDateRange = Readonly<Record<string, string>>

/** Begins to note what the page's IVS player raises from now on. */
export async function noteAdEvents(page: Page): Promise<void> {
  await page.evaluate(NOTE)
}

/** What was raised since, in order. */
export async function raisedAdEvents(page: Page): Promise<readonly RaisedAdEvent[]> {
  return page.evaluate<readonly RaisedAdEvent[]>('window.adEvents')
}

/** The date ranges about ads that the page's hls.js knows now. */
export async function adDateRanges(page: Page): Promise<readonly ReadDateRange[]> {
  return page.evaluate<readonly ReadDateRange[]>(READ)
}

const NOTE = `
  window.adEvents = []
  const names = {
    AD_BREAK_STARTED: 'PlayerAdBreakStarted',
    AD_CREATIVE_STARTED: 'PlayerAdCreativeStarted',
    AD_TIME_UPDATE: 'PlayerAdTimeUpdate',
    AD_CREATIVE_ENDED: 'PlayerAdCreativeEnded',
    AD_BREAK_ENDED: 'PlayerAdBreakEnded',
  }
  for (const [name, type] of Object.entries(names)) {
    window.player.addEventListener(type, (payload) => {
      window.adEvents.push({ name, atMs: Date.now(), payload: JSON.parse(JSON.stringify(payload)) })
    })
  }
`

const READ = `
  Object.values(window.hls.latestLevelDetails.dateRanges)
    .map(({ attr }) => ({ ...attr }))
    .filter((attributes) => attributes.CLASS.startsWith('live-video-net-stitched-ad'))
`
