/**
 * Reads the answer of an ad server: VAST, VMAP around it, or nothing.
 *
 * Of a VMAP document the first break with linear ads is read: a live break is one break, and the server was asked for it.
 *
 * Spec: VAST 4.3 §3.2; VMAP 1.0.1 §2.3; reference ssai §4.7.
 */
import { readVast } from './ad-reader.ts'
import { readTracking } from './linear-reader.ts'
import type { AdResponse, BreakSource, VmapBreak } from './vast-document.ts'
import { VAST_ERROR } from './vast-error.ts'
import { readName, readReference, readSwitch } from './vast-values.ts'
import { attributeOf, childOf, childrenOf, grandchildrenOf, textIn } from './xml-element.ts'
import type { XmlElement } from './xml-element.ts'
import { readXml } from './xml-reader.ts'

const MAX_TRACKING_EVENTS = 50

/** Reads the body of a response; never throws. */
export function readAdResponse(body: Uint8Array): AdResponse {
  const reading = readXml(body)
  switch (reading.kind) {
    case 'empty':
      return { kind: 'empty' }
    case 'too-large':
    case 'malformed':
      return { kind: 'unreadable', code: VAST_ERROR.xmlMalformed, reason: reading.kind }
    case 'read':
      return readRoot(reading.root)
  }
}

function readRoot(root: XmlElement): AdResponse {
  switch (root.name) {
    case 'VAST':
      return isVersionOne(root)
        ? { kind: 'unreadable', code: VAST_ERROR.versionUnsupported, reason: 'version-unsupported' }
        : { kind: 'vast', document: readVast(root) }
    case 'VMAP':
      return { kind: 'vmap', adBreak: readFirstBreak(root) }
    // The root of version 1.
    case 'VideoAdServingTemplate':
      return { kind: 'unreadable', code: VAST_ERROR.versionUnsupported, reason: 'version-unsupported' }
    default:
      return { kind: 'unreadable', code: VAST_ERROR.schemaViolated, reason: 'unknown-root' }
  }
}

/** An absent version is forgiven: what matters is whether there are ads. */
function isVersionOne(vast: XmlElement): boolean {
  return /^[01](\.|$)/.test(attributeOf(vast, 'version') ?? '')
}

function readFirstBreak(vmap: XmlElement): VmapBreak | undefined {
  const adBreak = childrenOf(vmap, 'AdBreak').find(isLinear)
  if (!adBreak) return undefined
  const source = childOf(adBreak, 'AdSource')
  const tracking = grandchildrenOf(adBreak, 'TrackingEvents', 'Tracking').slice(0, MAX_TRACKING_EVENTS)
  const events = tracking.flatMap((element) => readTracking(element, BREAK_EVENTS) ?? [])
  return {
    breakId: readName(attributeOf(adBreak, 'breakId')),
    source: readSource(source),
    allowsMultipleAds: readSwitch(source?.attributes['allowMultipleAds'], true),
    followsWrappers: readSwitch(source?.attributes['followRedirects'], true),
    tracking: events.filter(({ event }) => event !== 'error'),
    errorUrls: events.filter(({ event }) => event === 'error').flatMap(({ urls }) => urls),
  }
}

const BREAK_EVENTS: ReadonlySet<string> = new Set(['breakStart', 'breakEnd', 'error'])

function isLinear(adBreak: XmlElement): boolean {
  const types = (attributeOf(adBreak, 'breakType') ?? 'linear').split(',')
  return types.some((type) => type.trim() === 'linear')
}

function readSource(source: XmlElement | undefined): BreakSource {
  const vast = childOf(childOf(source, 'VASTAdData') ?? childOf(source, 'VASTData'), 'VAST')
  if (vast) return { kind: 'vast', document: readVast(vast) }
  const adTagUri = readReference(textIn(source, 'AdTagURI'))
  return adTagUri === undefined
    ? { kind: 'unusable', code: VAST_ERROR.vmapResponseFailed }
    : { kind: 'tag', adTagUri }
}
