/**
 * VAST documents for tests, written by a package that nobody here wrote.
 *
 * Spec: IAB VAST 4.0, with `sequence` for pods.
 */
import vastBuilder, { type VastNode } from 'vast-builder'

/** An ad of a document. */
export type TestAd = {
  /** `id` of the Ad element; in tracking hits it names the ad. */
  readonly id: string
  /** Default `creative-<id>`. */
  readonly creativeId?: string
  /** Default `Ad <id>`. */
  readonly title?: string
  readonly durationMs: number
  readonly mediaUrl: string
  /** Place in a pod; undefined for an ad of its own. */
  readonly sequence?: number
  /** Default 320 × 180. */
  readonly width?: number
  readonly height?: number
}

/** Gives the URL that is called for an event of an ad. */
export type TrackingUrls = (adId: string, event: string) => string

/** Events that every test ad reports beside `impression` and `error`, in the order in which they happen. */
export const TEST_AD_EVENTS: readonly string[] = [
  'start',
  'firstQuartile',
  'midpoint',
  'thirdQuartile',
  'complete',
]

/** Events of one ad that is played whole, in order. */
export const WHOLE_AD_EVENTS: readonly string[] = ['impression', ...TEST_AD_EVENTS]

/** A document with these ads; without any it is the answer of an ad server that has nothing. */
export function vastOf(ads: readonly TestAd[], trackingUrl: TrackingUrls): string {
  const document = vastBuilder.v4({ logWarn: false })
  for (const ad of ads) addInLine(document, ad, trackingUrl)
  return document.toXml()
}

/** A document that sends on to `nextUrl` and wants to know of every event too, under the name `id`. */
export function wrapperOf(id: string, nextUrl: string, trackingUrl: TrackingUrls): string {
  const document = vastBuilder.v4({ logWarn: false })
  const wrapper = document.attachAd({ id }).attachWrapper()
  wrapper
    .addAdSystem('Wrapping Test')
    .addVASTAdTagURI(nextUrl)
    .addError(errorUrl(id, trackingUrl))
    .addImpression(trackingUrl(id, 'impression'))
  addTracking(wrapper.attachCreatives().attachCreative().attachLinear(), id, trackingUrl)
  return document.toXml()
}

function addInLine(document: VastNode, ad: TestAd, trackingUrl: TrackingUrls): void {
  const { id, width = 320, height = 180, creativeId = `creative-${id}` } = ad
  const place = ad.sequence === undefined ? {} : { sequence: String(ad.sequence) }
  const inLine = document.attachAd({ id, ...place }).attachInLine()
  inLine
    .addAdSystem('Headwater Test')
    .addAdTitle(ad.title ?? `Ad ${id}`)
    .addError(errorUrl(id, trackingUrl))
    .addImpression(trackingUrl(id, 'impression'), { id: 'impression' })
  const creative = inLine.attachCreatives().attachCreative({ id: creativeId, adId: id })
  creative.addUniversalAdId(creativeId, { idRegistry: 'headwater.test', idValue: creativeId })
  const linear = creative.attachLinear()
  linear.addDuration(vastTime(ad.durationMs))
  addTracking(linear, id, trackingUrl)
  linear.attachMediaFiles().addMediaFile(ad.mediaUrl, {
    delivery: 'progressive',
    type: 'video/mp4',
    width: String(width),
    height: String(height),
    bitrate: '400',
  })
}

function addTracking(linear: VastNode, adId: string, trackingUrl: TrackingUrls): void {
  const events = linear.attachTrackingEvents()
  for (const event of TEST_AD_EVENTS) events.addTracking(trackingUrl(adId, event), { event })
}

function errorUrl(adId: string, trackingUrl: TrackingUrls): string {
  return `${trackingUrl(adId, 'error')}&code=[ERRORCODE]`
}

/** `HH:MM:SS.mmm`. */
function vastTime(durationMs: number): string {
  return new Date(durationMs).toISOString().slice(11, 23)
}
