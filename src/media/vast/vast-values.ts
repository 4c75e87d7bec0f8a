/**
 * Values inside VAST documents: times, offsets, numbers, switches and URLs as servers write them.
 *
 * Spec: VAST 4.3 §3 (types); reference ssai §4.1.
 */
import type { AdOffset } from './resolved-ad.ts'
import { childrenOf } from './xml-element.ts'
import type { XmlElement } from './xml-element.ts'

/** Longest URL that is kept, in characters. */
const MAX_URL_CHARS = 8192
/** URLs for one purpose in one element: what goes beyond would make a flood of beacons out of one ad. */
const MAX_URLS = 50

const CLOCK_TIME = /^(\d{1,3}):([0-5]?\d):([0-5]?\d)(?:[.,](\d{1,9}))?$/

/** `HH:MM:SS` or `HH:MM:SS.mmm` in whole milliseconds; undefined for anything else. */
export function readTimeMs(text: string): number | undefined {
  const match = CLOCK_TIME.exec(text.trim())
  if (!match) return undefined
  const [, hours = '', minutes = '', seconds = '', fraction = ''] = match
  const wholeSeconds = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)
  return wholeSeconds * 1000 + Math.round(Number(`0.${fraction || '0'}`) * 1000)
}

const PERCENT = /^(\d{1,3}(?:\.\d{1,6})?)%$/

/** A time, or a share of the ad such as `25%`; undefined for anything else. */
export function readOffset(text: string | undefined): AdOffset | undefined {
  if (text === undefined) return undefined
  const percent = PERCENT.exec(text.trim())?.[1]
  if (percent !== undefined) {
    const share = Number(percent) / 100
    return share <= 1 ? { share } : undefined
  }
  const ms = readTimeMs(text)
  return ms === undefined ? undefined : { ms }
}

/** A whole or decimal number that is not negative, such as a bitrate; rounded. */
export function readCount(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,9}(\.\d{1,9})?$/.test(text)) return undefined
  return Math.round(Number(text))
}

/** `true`, `1`, `false` or `0`; anything else is `otherwise`. */
export function readSwitch(text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise
  if (/^(true|1)$/i.test(text)) return true
  return /^(false|0)$/i.test(text) ? false : otherwise
}

/** Names and titles are cut here: they go on into playlists, logs and tracking documents. */
const MAX_NAME_CHARS = 256

/** A name or title, cut where it gets long; empty when there is none. */
export function readName(text: string | undefined): string {
  return text?.slice(0, MAX_NAME_CHARS).toWellFormed() ?? ''
}

/**
 * A web address; undefined when it is none. White space, which URLs do not hold but documents do, is taken out, and
 * macros in it stay as they are.
 */
export function readWebUrl(text: string): string | undefined {
  const url = removeBlanks(text)
  if (url.length > MAX_URL_CHARS) return undefined
  if (/^https?:\/\/[^/]/i.test(url)) return url
  return /^\/\/[^/]/.test(url) ? `https:${url}` : undefined
}

/** A reference to another document, as `readWebUrl` or relative; undefined when it is empty. */
export function readReference(text: string): string | undefined {
  const reference = removeBlanks(text)
  return reference === '' || reference.length > MAX_URL_CHARS ? undefined : reference
}

/** The web addresses in all children of this name. */
export function webUrlsIn(element: XmlElement | undefined, name: string): readonly string[] {
  return childrenOf(element, name)
    .slice(0, MAX_URLS)
    .flatMap((child) => readWebUrl(child.text) ?? [])
}

function removeBlanks(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, '')
}
