/**
 * Parts of an ad that mean nothing to a stitcher and are handed on to players that can do something with them, in the
 * members of the tracking document: companions, icons, verification scripts, extensions.
 *
 * Absent values are `null`, as readers of that document expect. Reference: ssai §3.8, §4.1.
 */
import { attributeOf, childOf, childrenOf, grandchildrenOf, textIn } from './xml-element.ts'
import type { XmlElement } from './xml-element.ts'

/** Elements of one kind in one ad. */
const MAX_ELEMENTS = 20
/** Longest extension, printed, in characters. */
const MAX_EXTENSION_CHARS = 16_384

type Json = Readonly<Record<string, unknown>>

/** All Companion elements of the creatives. */
export function readCompanions(creatives: readonly XmlElement[]): readonly Json[] {
  return creatives
    .flatMap((creative) => grandchildrenOf(creative, 'CompanionAds', 'Companion'))
    .slice(0, MAX_ELEMENTS)
    .map((companion) => ({
      attributes: pickAttributes(companion, COMPANION_ATTRIBUTES),
      ...resources(companion),
      adParameters: textOrNull(companion, 'AdParameters'),
      altText: textOrNull(companion, 'AltText'),
      companionClickThrough: textOrNull(companion, 'CompanionClickThrough'),
      companionClickTracking: textOrNull(companion, 'CompanionClickTracking'),
      sequence: null,
      trackingEvents: trackings(companion),
    }))
}

const COMPANION_ATTRIBUTES = [
  'id',
  'width',
  'height',
  'assetWidth',
  'assetHeight',
  'expandedWidth',
  'expandedHeight',
  'apiFramework',
  'adSlotId',
  'pxratio',
  'renderingMode',
] as const

/** All Icon elements of the linear creatives. */
export function readIcons(creatives: readonly XmlElement[]): readonly Json[] {
  return creatives
    .flatMap((creative) => childrenOf(creative, 'Linear'))
    .flatMap((linear) => grandchildrenOf(linear, 'Icons', 'Icon'))
    .slice(0, MAX_ELEMENTS)
    .map((icon) => ({
      attributes: pickAttributes(icon, ICON_ATTRIBUTES),
      ...resources(icon),
      iconClicks: iconClicks(icon),
      iconViewTracking: textOrNull(icon, 'IconViewTracking'),
    }))
}

const ICON_ATTRIBUTES = [
  'program',
  'width',
  'height',
  'xPosition',
  'yPosition',
  'duration',
  'offset',
  'apiFramework',
  'pxratio',
] as const

function iconClicks(icon: XmlElement): Json | null {
  const clicks = childOf(icon, 'IconClicks')
  if (!clicks) return null
  return {
    iconClickThrough: textOrNull(clicks, 'IconClickThrough'),
    iconClickTracking: textOrNull(clicks, 'IconClickTracking'),
    iconClickFallbackImages: grandchildrenOf(clicks, 'IconClickFallbackImages', 'IconClickFallbackImage')
      .slice(0, MAX_ELEMENTS)
      .map((image) => ({
        width: attributeOf(image, 'width') ?? null,
        height: attributeOf(image, 'height') ?? null,
        altText: textOrNull(image, 'AltText'),
        staticResource: textOrNull(image, 'StaticResource'),
      })),
  }
}

/** All Verification elements, also those that version 2 and 3 carry in an extension. */
export function readVerifications(ad: XmlElement): readonly Json[] {
  const extensions = grandchildrenOf(ad, 'Extensions', 'Extension')
  return [ad, ...extensions]
    .flatMap((holder) => grandchildrenOf(holder, 'AdVerifications', 'Verification'))
    .slice(0, MAX_ELEMENTS)
    .map((verification) => ({
      vendor: attributeOf(verification, 'vendor') ?? null,
      javaScriptResource: scripts(verification, 'JavaScriptResource'),
      executableResource: scripts(verification, 'ExecutableResource'),
      trackingEvents: trackings(verification),
      verificationParameters: textOrNull(verification, 'VerificationParameters'),
    }))
}

function scripts(verification: XmlElement, name: string): readonly Json[] {
  return childrenOf(verification, name)
    .slice(0, MAX_ELEMENTS)
    .map((script) => ({
      ...pickAttributes(script, ['apiFramework', 'browserOptional', 'type']),
      uri: script.text,
    }))
}

/** All Extension elements, each with its type and its content as XML. */
export function readExtensions(ad: XmlElement): readonly Json[] {
  return grandchildrenOf(ad, 'Extensions', 'Extension')
    .slice(0, MAX_ELEMENTS)
    .map((extension) => ({ type: attributeOf(extension, 'type') ?? null, content: printContent(extension) }))
    .filter(({ content }) => content.length <= MAX_EXTENSION_CHARS)
}

function printContent(element: XmlElement): string {
  return escapeXml(element.text) + element.children.map(printElement).join('')
}

/** Not recursive without end: the reader of XML bounds the depth. */
function printElement(element: XmlElement): string {
  const attributes = Object.entries(element.attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(value)}"`)
    .join('')
  return `<${element.name}${attributes}>${printContent(element)}</${element.name}>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character)
}

function resources(element: XmlElement): Json {
  return {
    staticResource: textOrNull(element, 'StaticResource'),
    iFrameResource: textOrNull(element, 'IFrameResource'),
    htmlResource: textOrNull(element, 'HTMLResource'),
  }
}

function trackings(element: XmlElement): readonly Json[] {
  return grandchildrenOf(element, 'TrackingEvents', 'Tracking')
    .slice(0, MAX_ELEMENTS)
    .map((tracking) => ({ event: attributeOf(tracking, 'event') ?? null, uri: tracking.text }))
}

function pickAttributes(element: XmlElement, names: readonly string[]): Json {
  return Object.fromEntries(names.map((name) => [name, attributeOf(element, name) ?? null]))
}

function textOrNull(element: XmlElement, name: string): string | null {
  return textIn(element, name) || null
}
