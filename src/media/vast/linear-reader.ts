/**
 * Reads what an ad plays in the stream: the Linear creative with its media files and tracking.
 *
 * Spec: VAST 4.3 §3.8 (Linear), §3.9 (MediaFiles), §3.14 (TrackingEvents); reference ssai §4.1 and §4.3.
 */
import type { MediaFile, TrackingEvent } from './resolved-ad.ts'
import type { AdFault, LinearCreative } from './vast-document.ts'
import { readCount, readName, readOffset, readTimeMs, readWebUrl } from './vast-values.ts'
import { attributeOf, childOf, childrenOf, grandchildrenOf, textIn } from './xml-element.ts'
import type { XmlElement } from './xml-element.ts'

/** Longest ad that is taken for one: a day of it would be a mistake in the document. */
const MAX_DURATION_MS = 3_600_000
const MAX_MEDIA_FILES = 100
const MAX_PARAMETER_CHARS = 16_384
const MAX_TRACKING_EVENTS = 200

/** The events of linear ads in all versions; others mean nothing to a player and are left out. */
const LINEAR_EVENTS: ReadonlySet<string> = new Set(
  `creativeView start firstQuartile midpoint thirdQuartile complete progress loaded mute unmute pause resume rewind skip
   playerExpand playerCollapse expand collapse fullscreen exitFullscreen close closeLinear notUsed acceptInvitation
   acceptInvitationLinear adExpand adCollapse minimize overlayViewDuration timeSpentViewing otherAdInteraction
   interactiveStart verificationNotExecuted`.split(/\s+/),
)

/** The first Linear of the creatives that can be played, or why there is none. */
export function readLinear(creatives: readonly XmlElement[]): LinearCreative | AdFault {
  if (creatives.length === 0) return 'no-creatives'
  let fault: AdFault = 'no-linear'
  for (const creative of creatives) {
    const linear = childOf(creative, 'Linear')
    if (!linear) continue
    const reading = readCreative(creative, linear)
    if (typeof reading !== 'string') return reading
    fault = reading
  }
  return fault
}

function readCreative(creative: XmlElement, linear: XmlElement): LinearCreative | AdFault {
  const durationMs = readTimeMs(textIn(linear, 'Duration')) ?? 0
  if (durationMs <= 0 || durationMs > MAX_DURATION_MS) return 'no-duration'
  const listed = listedFiles(linear)
  if (listed.length === 0) return 'no-media-files'
  const mediaFiles = listed.flatMap((element) => readMediaFile(element) ?? [])
  if (mediaFiles.length === 0) return listed.every(isScript) ? 'scripts-only' : 'media-files-unusable'
  const universalAdId = readUniversalAdId(creative, linear)
  const creativeAdId = readName(attributeOf(creative, 'adId') ?? attributeOf(creative, 'AdID'))
  return {
    creativeId: readName(attributeOf(creative, 'id')) || universalAdId || creativeAdId,
    creativeAdId,
    creativeSequence: readName(attributeOf(creative, 'sequence')),
    universalAdId,
    durationMs,
    skipOffset: attributeOf(linear, 'skipoffset'),
    mediaFiles,
    clickThrough: readWebUrl(textIn(childOf(linear, 'VideoClicks'), 'ClickThrough')),
    adParameters: textIn(linear, 'AdParameters').slice(0, MAX_PARAMETER_CHARS),
  }
}

/** Version 4.0 has it in an attribute, and some of its documents inside of Linear; `unknown` says that there is none. */
function readUniversalAdId(creative: XmlElement, linear: XmlElement): string {
  const element = childOf(creative, 'UniversalAdId') ?? childOf(linear, 'UniversalAdId')
  const value = element && (attributeOf(element, 'idValue') ?? element.text)
  return value === undefined || /^unknown$/i.test(value) ? '' : readName(value)
}

function listedFiles(linear: XmlElement): readonly XmlElement[] {
  const files = childrenOf(linear, 'MediaFiles').flatMap(({ children }) => children)
  return files.filter(({ name }) => name === 'MediaFile' || name === 'Mezzanine').slice(0, MAX_MEDIA_FILES)
}

/** Undefined for scripts (VPAID, SIMID, Flash), which a server cannot run, and for what has no address. */
function readMediaFile(element: XmlElement): MediaFile | undefined {
  const url = readWebUrl(element.text)
  if (url === undefined || isScript(element)) return undefined
  return {
    url,
    delivery: attributeOf(element, 'delivery')?.toLowerCase() === 'streaming' ? 'streaming' : 'progressive',
    mimeType: mimeTypeOf(element),
    bitrateKbps: readCount(attributeOf(element, 'bitrate') ?? attributeOf(element, 'maxBitrate')),
    width: readCount(attributeOf(element, 'width')),
    height: readCount(attributeOf(element, 'height')),
    codec: attributeOf(element, 'codec'),
    isMezzanine: element.name === 'Mezzanine',
  }
}

function isScript(element: XmlElement): boolean {
  return attributeOf(element, 'apiFramework') !== undefined || /javascript|flash/.test(mimeTypeOf(element))
}

function mimeTypeOf(element: XmlElement): string {
  return (attributeOf(element, 'type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? ''
}

/** Events of known names in all Linear elements of the creatives; those of one name and offset stay apart. */
export function readLinearTracking(creatives: readonly XmlElement[]): readonly TrackingEvent[] {
  return creatives
    .flatMap((creative) => childrenOf(creative, 'Linear'))
    .flatMap((linear) => grandchildrenOf(linear, 'TrackingEvents', 'Tracking'))
    .slice(0, MAX_TRACKING_EVENTS)
    .flatMap((element) => readTracking(element, LINEAR_EVENTS) ?? [])
}

/** One Tracking element; undefined when its name is not among `known`, or it has no address. */
export function readTracking(element: XmlElement, known: ReadonlySet<string>): TrackingEvent | undefined {
  const event = attributeOf(element, 'event')
  const url = readWebUrl(element.text)
  if (event === undefined || url === undefined || !known.has(event)) return undefined
  return {
    event,
    offset: event === 'progress' ? readOffset(attributeOf(element, 'offset')) : undefined,
    urls: [url],
  }
}
