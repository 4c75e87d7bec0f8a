/**
 * Reads VAST documents element by element, in whatever order a server wrote them.
 *
 * Spec: VAST 4.3 §3.1 to §3.6 (VAST, Ad, InLine), §3.19 (Wrapper); reference ssai §4.1.
 */
import { readCompanions, readExtensions, readIcons, readVerifications } from './handed-on.ts'
import { readLinear, readLinearTracking } from './linear-reader.ts'
import type { AdFault, AdReporting, VastAd, VastDocument } from './vast-document.ts'
import { VAST_ERROR } from './vast-error.ts'
import type { VastErrorCode } from './vast-error.ts'
import { readCount, readName, readReference, readSwitch, webUrlsIn } from './vast-values.ts'
import { attributeOf, childOf, childrenOf, grandchildrenOf, textIn } from './xml-element.ts'
import type { XmlElement } from './xml-element.ts'

/** Ads that are read of one document, and ads that one break can have. */
export const MAX_ADS = 20
const MAX_CREATIVES = 50

/** Reads a VAST element. */
export function readVast(vast: XmlElement): VastDocument {
  return {
    ads: childrenOf(vast, 'Ad').slice(0, MAX_ADS).map(readAd),
    errorUrls: webUrlsIn(vast, 'Error'),
  }
}

function readAd(ad: XmlElement): VastAd {
  const inline = childOf(ad, 'InLine')
  const wrapper = childOf(ad, 'Wrapper')
  const body = inline ?? wrapper
  const creatives = grandchildrenOf(body, 'Creatives', 'Creative').slice(0, MAX_CREATIVES)
  const head = {
    adId: readName(attributeOf(ad, 'id')),
    sequence: readCount(attributeOf(ad, 'sequence')),
    reporting: body ? readReporting(body, creatives) : NO_REPORTING,
  }
  if (inline) return readInline(head, inline, creatives)
  return wrapper ? readWrapper(head, wrapper) : brokenAd(head, 'no-inline-or-wrapper')
}

type AdHead = Pick<VastAd, 'adId' | 'sequence' | 'reporting'>

function readInline(head: AdHead, inline: XmlElement, creatives: readonly XmlElement[]): VastAd {
  const linear = readLinear(creatives)
  if (typeof linear === 'string') return brokenAd(head, linear)
  return {
    ...head,
    kind: 'inline',
    adSystem: readName(textIn(inline, 'AdSystem')),
    adTitle: readName(textIn(inline, 'AdTitle')),
    adServingId: readName(textIn(inline, 'AdServingId')),
    linear,
  }
}

function readWrapper(head: AdHead, wrapper: XmlElement): VastAd {
  const adTagUri = readReference(textIn(wrapper, 'VASTAdTagURI'))
  if (adTagUri === undefined) return brokenAd(head, 'no-ad-tag-uri')
  return {
    ...head,
    kind: 'wrapper',
    adTagUri,
    followsWrappers: readSwitch(attributeOf(wrapper, 'followAdditionalWrappers'), true),
    allowsMultipleAds: readSwitch(attributeOf(wrapper, 'allowMultipleAds'), false),
    fallsBackOnNoAd: readSwitch(attributeOf(wrapper, 'fallbackOnNoAd'), true),
  }
}

const FAULT_CODES: Readonly<Record<AdFault, VastErrorCode>> = {
  'no-inline-or-wrapper': VAST_ERROR.schemaViolated,
  'no-ad-tag-uri': VAST_ERROR.schemaViolated,
  'no-creatives': VAST_ERROR.schemaViolated,
  'no-linear': VAST_ERROR.linearityDiffers,
  'no-duration': VAST_ERROR.schemaViolated,
  'no-media-files': VAST_ERROR.schemaViolated,
  'media-files-unusable': VAST_ERROR.mediaFileUnsupported,
  'scripts-only': VAST_ERROR.mediaFileUnsupported,
}

function brokenAd(head: AdHead, reason: AdFault): VastAd {
  return { ...head, kind: 'broken', code: FAULT_CODES[reason], reason }
}

const NO_REPORTING: AdReporting = {
  impressionUrls: [],
  errorUrls: [],
  tracking: [],
  clickTracking: [],
  extensions: [],
  adVerifications: [],
  companionAds: [],
  icons: [],
}

/** What an InLine and a Wrapper have in common. */
function readReporting(body: XmlElement, creatives: readonly XmlElement[]): AdReporting {
  return {
    impressionUrls: webUrlsIn(body, 'Impression'),
    errorUrls: webUrlsIn(body, 'Error'),
    tracking: readLinearTracking(creatives),
    clickTracking: creatives
      .flatMap((creative) => grandchildrenOf(creative, 'Linear', 'VideoClicks'))
      .flatMap((clicks) => webUrlsIn(clicks, 'ClickTracking')),
    extensions: readExtensions(body),
    adVerifications: readVerifications(body),
    companionAds: readCompanions(creatives),
    icons: readIcons(creatives),
  }
}
