/**
 * Fills the macros of tracking, error and wrapper URLs with what a server knows at the moment of the call.
 *
 * A macro that is not known, or whose value is not, stays as it is: a later caller may know it. Names are matched in any
 * case and in the three forms that servers write: `[NAME]`, `%5BNAME%5D` and `%%NAME%%`.
 *
 * Spec: VAST 4.3 §6 (macros); reference ssai §4.5.
 */

/** What can be said in a URL; everything may be left out. */
export type MacroFacts = {
  /** Now, milliseconds since the Unix epoch. */
  readonly nowMs?: number
  /** New for each call; from 0 up to, not including, 1. */
  readonly random?: number
  readonly errorCode?: number
  /** Place in the content and in the ad, milliseconds. */
  readonly mediaPlayheadMs?: number
  readonly adPlayheadMs?: number
  /** The media file that plays. */
  readonly assetUri?: string
  /** 1 before, 2 inside, 3 after the content. */
  readonly breakPosition?: 1 | 2 | 3
  readonly breakMaxDurationSeconds?: number
  /** Ads played in the break so far, this one counted. */
  readonly adCount?: number
  readonly podSequence?: number
  readonly adServingId?: string
  readonly universalAdId?: string
  readonly transactionId?: string
  readonly contentId?: string
  readonly contentUri?: string
  readonly pageUrl?: string
  /** Of the viewer. */
  readonly deviceIp?: string
  readonly deviceUserAgent?: string
  /** Of this server. */
  readonly serverUserAgent?: string
  /** Whether the call is made by a server for a viewer. */
  readonly isServerSide?: boolean
}

type Value = string | number | undefined

/** VAST 2.0 to 4.2 and their wrappers, by the numbers of AdCOM's list. */
const READABLE_VERSIONS = '2,3,5,6,7,8,11,12,13,14'
const RANDOM_DIGITS = 8

const cacheBusting = ({ random }: MacroFacts): Value =>
  random === undefined
    ? undefined
    : String(Math.floor(random * 10 ** RANDOM_DIGITS)).padStart(RANDOM_DIGITS, '0')
const mediaPlayhead = ({ mediaPlayheadMs }: MacroFacts): Value => clockTime(mediaPlayheadMs)
const deviceUserAgent = (facts: MacroFacts): Value => facts.deviceUserAgent

const MACROS: ReadonlyMap<string, (facts: MacroFacts) => Value> = new Map<
  string,
  (facts: MacroFacts) => Value
>([
  ['CACHEBUSTING', cacheBusting],
  ['RANDOM', cacheBusting],
  ['TIMESTAMP', ({ nowMs }) => (nowMs === undefined ? undefined : new Date(nowMs).toISOString())],
  ['ERRORCODE', ({ errorCode }) => errorCode],
  ['MEDIAPLAYHEAD', mediaPlayhead],
  ['CONTENTPLAYHEAD', mediaPlayhead],
  ['ADPLAYHEAD', ({ adPlayheadMs }) => clockTime(adPlayheadMs)],
  ['ASSETURI', ({ assetUri }) => assetUri],
  ['BREAKPOSITION', ({ breakPosition }) => breakPosition],
  ['BREAKMAXDURATION', ({ breakMaxDurationSeconds }) => breakMaxDurationSeconds],
  ['ADCOUNT', ({ adCount }) => adCount],
  ['PODSEQUENCE', ({ podSequence }) => podSequence],
  ['ADSERVINGID', ({ adServingId }) => adServingId],
  ['UNIVERSALADID', ({ universalAdId }) => universalAdId],
  ['TRANSACTIONID', ({ transactionId }) => transactionId],
  ['CONTENTID', ({ contentId }) => contentId],
  ['CONTENTURI', ({ contentUri }) => contentUri],
  ['PAGEURL', ({ pageUrl }) => pageUrl],
  ['DEVICEIP', ({ deviceIp }) => deviceIp],
  ['DEVICEUA', deviceUserAgent],
  ['CLIENTUA', deviceUserAgent],
  ['SERVERUA', ({ serverUserAgent }) => serverUserAgent],
  ['SERVERSIDE', ({ isServerSide }) => (isServerSide === undefined ? undefined : isServerSide ? 1 : 0)],
  ['VASTVERSIONS', () => READABLE_VERSIONS],
  ['MEDIAMIME', () => 'video/mp4'],
])

const MACRO = /\[([A-Z]{3,24})\]|%5B([A-Z]{3,24})%5D|%%([A-Z]{3,24})%%/gi

/** `url` with every macro that `facts` know replaced by its value, percent-encoded. */
export function fillMacros(url: string, facts: MacroFacts): string {
  if (!url.includes('[') && !url.includes('%')) return url
  return url.replace(MACRO, (whole: string, plain?: string, encoded?: string, percent?: string) => {
    const name = plain ?? encoded ?? percent ?? ''
    const value = MACROS.get(name.toUpperCase())?.(facts)
    return value === undefined || value === '' ? whole : encodeURIComponent(String(value).toWellFormed())
  })
}

const MS_PER_HOUR = 3_600_000

/** `HH:MM:SS.mmm`. */
function clockTime(playheadMs: number | undefined): string | undefined {
  if (playheadMs === undefined) return undefined
  const ms = Math.max(0, Math.round(playheadMs))
  const hours = String(Math.floor(ms / MS_PER_HOUR)).padStart(2, '0')
  return `${hours}:${new Date(ms % MS_PER_HOUR).toISOString().slice(14, 23)}`
}
