/**
 * One ad out of an inline ad and the wrappers that led to it: whoever is on the way has to be told.
 *
 * Reports of wrappers come before those of the ad, the outermost first.
 *
 * Spec: VAST 4.3 §2.3.4 (wrappers); reference ssai §4.1 and §4.3.
 */
import { fillMacros } from './macros.ts'
import type { ResolvedAd, TrackingEvent } from './resolved-ad.ts'
import type { AdReporting, InlineAd, WrapperAd } from './vast-document.ts'

/** URLs called for one event; what goes beyond is left out. */
const MAX_URLS_PER_EVENT = 100
/** Elements of one kind that are handed on. */
const MAX_HANDED_ON = 50

/**
 * The ad with everything that `wrappers` add.
 *
 * @param wrappers outermost first.
 */
export function mergeAd(
  ad: InlineAd,
  wrappers: readonly WrapperAd[],
  sequence: number | undefined,
): ResolvedAd {
  const { linear, adId, adSystem, adTitle, adServingId } = ad
  const reporting = [...wrappers, ad].map((each) => each.reporting)
  const fill = adMacros({
    ...(adServingId && { adServingId }),
    ...(linear.universalAdId && { universalAdId: linear.universalAdId }),
  })
  return {
    adId,
    sequence,
    adSystem,
    adTitle,
    creativeId: linear.creativeId,
    creativeAdId: linear.creativeAdId,
    creativeSequence: linear.creativeSequence,
    durationMs: linear.durationMs,
    skipOffset: linear.skipOffset,
    mediaFiles: linear.mediaFiles,
    tracking: mergeTracking(reporting, fill),
    errorUrls: urlsOf(reporting, 'errorUrls', fill),
    clickThrough: linear.clickThrough,
    clickTracking: urlsOf(reporting, 'clickTracking', fill),
    adParameters: linear.adParameters,
    extensions: handedOn(reporting, 'extensions'),
    adVerifications: handedOn(reporting, 'adVerifications'),
    companionAds: handedOn(reporting, 'companionAds'),
    icons: handedOn(reporting, 'icons'),
  }
}

/** The macros whose value is the ad's own: nobody else knows it later. */
function adMacros(facts: {
  readonly adServingId?: string
  readonly universalAdId?: string
}): (url: string) => string {
  return (url) => fillMacros(url, facts)
}

function urlsOf(
  reporting: readonly AdReporting[],
  member: 'errorUrls' | 'clickTracking',
  fill: (url: string) => string,
): readonly string[] {
  return reporting
    .flatMap((each) => each[member])
    .slice(0, MAX_URLS_PER_EVENT)
    .map(fill)
}

function handedOn(
  reporting: readonly AdReporting[],
  member: 'extensions' | 'adVerifications' | 'companionAds' | 'icons',
): readonly unknown[] {
  return reporting.flatMap((each) => each[member]).slice(0, MAX_HANDED_ON)
}

/** Events in the order of an ad's life; those that come at one moment in this order too. */
const EVENT_ORDER: readonly string[] = [
  'impression',
  'creativeView',
  'start',
  'progress',
  'firstQuartile',
  'midpoint',
  'thirdQuartile',
  'complete',
]

/** Events of one name and offset become one. */
function mergeTracking(
  reporting: readonly AdReporting[],
  fill: (url: string) => string,
): readonly TrackingEvent[] {
  const merged = new Map<string, { readonly event: TrackingEvent; readonly urls: string[] }>()
  for (const event of reporting.flatMap(eventsOf)) {
    const key = keyOf(event)
    const known = merged.get(key) ?? { event, urls: [] }
    merged.set(key, known)
    const free = MAX_URLS_PER_EVENT - known.urls.length
    known.urls.push(...event.urls.slice(0, free).map(fill))
  }
  return [...merged.values()]
    .map(({ event, urls }) => ({ ...event, urls }))
    .sort((one, other) => rankOf(one) - rankOf(other))
}

function eventsOf({ impressionUrls, tracking }: AdReporting): readonly TrackingEvent[] {
  if (impressionUrls.length === 0) return tracking
  return [{ event: 'impression', offset: undefined, urls: impressionUrls }, ...tracking]
}

function keyOf({ event, offset }: TrackingEvent): string {
  if (!offset) return event
  return 'ms' in offset ? `${event} ${offset.ms} ms` : `${event} ${offset.share}`
}

function rankOf({ event }: TrackingEvent): number {
  const rank = EVENT_ORDER.indexOf(event)
  return rank === -1 ? EVENT_ORDER.length : rank
}

/** `ads` with the events of their break: its start is reported with the first of them, its end with the last. */
export function withBreakTracking(
  ads: readonly ResolvedAd[],
  breakTracking: readonly TrackingEvent[],
): readonly ResolvedAd[] {
  if (breakTracking.length === 0) return ads
  const starts = breakTracking.filter(({ event }) => event === 'breakStart')
  const ends = breakTracking.filter(({ event }) => event === 'breakEnd')
  return ads.map((ad, index) => ({
    ...ad,
    tracking: [...(index === 0 ? starts : []), ...ad.tracking, ...(index === ads.length - 1 ? ends : [])],
  }))
}
