/**
 * The delivery directives of a media playlist request, and when they are met.
 *
 * Spec: rfc8216bis §6.2.5 (delivery directives), §6.2.5.2 (blocking playlist reload).
 */
import type { LiveRendition } from '../domain/live.ts'

/** What a client asked for. */
export type PlaylistDirectives = {
  /** The media that the playlist must hold before it is sent. */
  readonly wanted: MediaPosition | undefined
  readonly skip: boolean
}

/** A segment, or one part of it. */
export type MediaPosition = { readonly msn: number; readonly part: number | undefined }

/** A client this far ahead in parts, or this many segments, can only be guessing (rfc8216bis §6.2.5.2). */
const ADVANCE_PART_LIMIT_MS = 3000
const ADVANCE_SEGMENT_LIMIT = 2

/** Reads the directives of a query string; undefined when they make no sense. */
export function parseDirectives(query: string): PlaylistDirectives | undefined {
  if (!query.includes('_HLS_')) return { wanted: undefined, skip: false }
  const parameters = new URLSearchParams(query)
  const msn = wholeNumber(parameters.get('_HLS_msn'))
  const part = wholeNumber(parameters.get('_HLS_part'))
  const skip = parameters.get('_HLS_skip')
  if (msn === 'invalid' || part === 'invalid') return undefined
  if (msn === undefined && part !== undefined) return undefined
  return {
    wanted: msn === undefined ? undefined : { msn, part },
    skip: skip === 'YES' || skip === 'v2',
  }
}

function wholeNumber(text: string | null): number | undefined | 'invalid' {
  if (text === null) return undefined
  return /^[0-9]{1,9}$/.test(text) ? Number(text) : 'invalid'
}

/** Whether the window holds `wanted`, or will never hold more. */
export function isReached(rendition: LiveRendition, wanted: MediaPosition): boolean {
  if (rendition.ended()) return true
  const last = rendition.segments().at(-1)
  if (!last) return false
  if (wanted.msn !== last.msn) return wanted.msn < last.msn
  if (last.complete && wanted.part === undefined) return true
  // A part index past the end of a whole segment means the first part of the next one (rfc8216bis §6.2.5.2).
  return wanted.part !== undefined && wanted.part < last.parts.length
}

/** Whether `wanted` is so far ahead that the request is refused instead of held. */
export function isTooFarAhead(rendition: LiveRendition, wanted: MediaPosition): boolean {
  const last = rendition.segments().at(-1)
  if (!last || rendition.ended()) return false
  if (wanted.msn > last.msn + ADVANCE_SEGMENT_LIMIT) return true
  if (wanted.part === undefined || wanted.msn !== last.msn || last.complete) return false
  const lastPart = last.parts.length - 1
  return wanted.part > lastPart + ADVANCE_PART_LIMIT_MS / rendition.partTargetMs()
}
