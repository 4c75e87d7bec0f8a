/**
 * Reads the HLS playlist of a creative that an ad server offers for streaming: which files one after the other are the
 * creative.
 *
 * ffmpeg never sees the playlist, because it would open whatever that names. The files are fetched like any other, with
 * every target judged, and put together: a run of transport stream segments is a transport stream, and an init section
 * with its fragments is a file. What cannot be put together that way is refused.
 *
 * Spec: RFC 8216 §4.3, §6.3.
 */
import { ConditioningError } from './conditioning-error.ts'

/** What a playlist leads to. */
export type CreativePlaylist =
  /** The variant with the highest bitrate; another playlist. */
  | { readonly kind: 'variant'; readonly url: string }
  /** Files to be put together, init section first. */
  | { readonly kind: 'media'; readonly urls: readonly string[] }

/** Files of a creative: enough for five minutes of short segments. */
export const MAX_CREATIVE_FILES = 400

/** What stands before a playlist. */
export const PLAYLIST_MAGIC = '#EXTM3U'

type Variant = { readonly uri: string; readonly bandwidthBps: number }

/**
 * Reads a playlist that was fetched from `baseUrl`.
 *
 * @throws {ConditioningError} when the creative is live, encrypted, or in pieces that do not simply follow each other.
 */
export function readCreativePlaylist(text: string, baseUrl: string): CreativePlaylist {
  const lines = text.split(/\r?\n/).map((line) => line.trim())
  const variants = lines.flatMap((line, index) => readVariant(line, lines.slice(index + 1, index + 4)))
  const best = variants.toSorted((a, b) => b.bandwidthBps - a.bandwidthBps)[0]
  if (best) {
    if (lines.some((line) => /^#EXT-X-MEDIA:.*TYPE=AUDIO.*URI=/.test(line)))
      throw unsupported('separate sound')
    return { kind: 'variant', url: resolve(best.uri, baseUrl) }
  }
  return { kind: 'media', urls: mediaFiles(lines).map((uri) => resolve(uri, baseUrl)) }
}

function readVariant(line: string, following: readonly string[]): Variant[] {
  if (!line.startsWith('#EXT-X-STREAM-INF:')) return []
  const bandwidthBps = Number(/[:,]BANDWIDTH=(\d{1,12})/.exec(line)?.[1] ?? 0)
  const uri = following.find((next) => next !== '' && !next.startsWith('#'))
  return uri === undefined ? [] : [{ uri, bandwidthBps }]
}

function mediaFiles(lines: readonly string[]): string[] {
  if (!lines.includes('#EXT-X-ENDLIST')) throw unsupported('a live playlist')
  if (lines.some((line) => line.startsWith('#EXT-X-KEY:') && !/METHOD=NONE/.test(line)))
    throw unsupported('encryption')
  if (lines.some((line) => line.startsWith('#EXT-X-BYTERANGE:'))) throw unsupported('byte ranges')
  if (lines.includes('#EXT-X-DISCONTINUITY')) throw unsupported('discontinuities')
  const maps = lines.filter((line) => line.startsWith('#EXT-X-MAP:'))
  const inits = [...new Set(maps)].map((map) => /URI="([^"]*)"/.exec(map)?.[1] ?? '')
  if (inits.length > 1 || maps.some((map) => map.includes('BYTERANGE=')))
    throw unsupported('several init sections')
  const segments = lines.filter((line) => line !== '' && !line.startsWith('#'))
  if (segments.length === 0) throw unsupported('no segment')
  if (segments.length > MAX_CREATIVE_FILES) {
    throw new ConditioningError('CREATIVE_TOO_LONG', `more than ${MAX_CREATIVE_FILES} segments`)
  }
  return [...inits, ...segments]
}

function resolve(uri: string, baseUrl: string): string {
  const url = URL.parse(uri, baseUrl)
  if (!url) throw unsupported('a segment without a URL')
  return url.href
}

function unsupported(what: string): ConditioningError {
  return new ConditioningError(
    'CREATIVE_PLAYLIST_UNSUPPORTED',
    `the creative is an HLS playlist with ${what}`,
  )
}
