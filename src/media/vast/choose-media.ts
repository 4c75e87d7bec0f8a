/**
 * Which file of an ad its conditioning begins with.
 *
 * Reference: ssai §3.6 and §4.1 (media choice).
 */
import type { MediaFile, ResolvedAd } from './resolved-ad.ts'

/** What the choice depends on. */
export type MediaPreference = {
  /** Whether streaming files come before progressive ones. */
  readonly prefersStreaming: boolean
  /** Bitrate of the best rendition that the ad is made into, bits a second. */
  readonly topBitrateBps: number
}

const MP4 = new Set(['video/mp4', 'video/x-m4v', 'video/quicktime'])
const OTHER_PROGRESSIVE = new Set(['video/webm', 'video/mpeg', 'video/3gpp', 'video/x-matroska'])
const HLS = new Set(['application/x-mpegurl', 'application/vnd.apple.mpegurl', 'audio/mpegurl'])

/**
 * The file with the highest bitrate of the kind that is preferred: MP4 before other progressive files, HLS behind or, when
 * preferred, before them. The mezzanine, which can be very large, is taken when no MP4 reaches the top rendition.
 *
 * @returns undefined when no file is of a type that can be transcoded: error 403, `NO_VARIANT_MATCH`.
 */
export function chooseMedia(
  ad: Pick<ResolvedAd, 'mediaFiles'>,
  { prefersStreaming, topBitrateBps }: MediaPreference,
): MediaFile | undefined {
  const streaming = best(ad.mediaFiles.filter(({ mimeType }) => HLS.has(mimeType)))
  const progressive = bestProgressive(ad.mediaFiles, topBitrateBps / 1000)
  return prefersStreaming ? (streaming ?? progressive) : (progressive ?? streaming)
}

function bestProgressive(files: readonly MediaFile[], topBitrateKbps: number): MediaFile | undefined {
  const ready = files.filter((file) => file.delivery === 'progressive' && !file.isMezzanine)
  const mp4 = best(ready.filter(({ mimeType }) => MP4.has(mimeType)))
  if (mp4 && (mp4.bitrateKbps ?? 0) >= topBitrateKbps) return mp4
  const mezzanine = files.find((file) => file.isMezzanine && isTranscodable(file))
  return mezzanine ?? mp4 ?? best(ready.filter(({ mimeType }) => OTHER_PROGRESSIVE.has(mimeType)))
}

function isTranscodable({ mimeType }: MediaFile): boolean {
  return MP4.has(mimeType) || OTHER_PROGRESSIVE.has(mimeType)
}

/** By bitrate, then by picture size; of equals the first. */
function best(files: readonly MediaFile[]): MediaFile | undefined {
  let found: MediaFile | undefined
  for (const file of files) {
    if (!found || isBetter(file, found)) found = file
  }
  return found
}

function isBetter(file: MediaFile, other: MediaFile): boolean {
  const difference = (file.bitrateKbps ?? 0) - (other.bitrateKbps ?? 0)
  return difference === 0 ? pixels(file) > pixels(other) : difference > 0
}

function pixels({ width = 0, height = 0 }: MediaFile): number {
  return width * height
}
