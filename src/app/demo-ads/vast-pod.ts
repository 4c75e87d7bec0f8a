/**
 * Prints the demo's answer to an ad request: ads to be played one after the other.
 *
 * Spec: IAB VAST 4.2, §3.1 (`sequence`), §3.14 (tracking events).
 */
import { CREATIVE_BITRATE_KBPS, CREATIVE_SIZE, type DemoCreative } from './creative-plan.ts'

/** Events that each ad wants to hear of beside `impression` and `error`, in the order in which they happen. */
export const TRACKED_EVENTS: readonly string[] = [
  'start',
  'firstQuartile',
  'midpoint',
  'thirdQuartile',
  'complete',
]

/** What a document says. */
export type VastPod = {
  readonly creatives: readonly DemoCreative[]
  readonly mediaUrl: (creative: DemoCreative) => string
  /** @param position of the ad in the pod, from 1. */
  readonly beaconUrl: (creative: DemoCreative, position: number, event: string) => string
}

/** The document; without creatives it says that there is no ad. */
export function printVastPod(pod: VastPod): string {
  const ads = pod.creatives.map((creative, index) => printAd(pod, creative, index + 1)).join('')
  return `<?xml version="1.0" encoding="UTF-8"?>\n<VAST version="4.2" xmlns="http://www.iab.com/VAST">\n${ads}</VAST>\n`
}

function printAd(pod: VastPod, creative: DemoCreative, position: number): string {
  const { id, seconds } = creative
  const url = (event: string): string => escapeXml(pod.beaconUrl(creative, position, event))
  const tracking = TRACKED_EVENTS.map(
    (event) => `              <Tracking event="${event}">${url(event)}</Tracking>\n`,
  )
  return `  <Ad id="${id}" sequence="${position}">
    <InLine>
      <AdSystem version="1">Headwater demo</AdSystem>
      <AdTitle>Ad ${seconds} s</AdTitle>
      <AdServingId>${id}-${position}</AdServingId>
      <Impression id="demo">${url('impression')}</Impression>
      <Error>${url('error')}&amp;code=[ERRORCODE]</Error>
      <Creatives>
        <Creative id="${id}" adId="${id}" sequence="1">
          <UniversalAdId idRegistry="headwater-demo">${id}</UniversalAdId>
          <Linear>
            <Duration>00:00:${String(seconds).padStart(2, '0')}</Duration>
            <TrackingEvents>
${tracking.join('')}            </TrackingEvents>
            <MediaFiles>
              <MediaFile id="${id}" delivery="progressive" type="video/mp4" width="${CREATIVE_SIZE.width}" height="${CREATIVE_SIZE.height}" bitrate="${CREATIVE_BITRATE_KBPS}">${escapeXml(pod.mediaUrl(creative))}</MediaFile>
            </MediaFiles>
          </Linear>
        </Creative>
      </Creatives>
    </InLine>
  </Ad>
`
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char)
}
