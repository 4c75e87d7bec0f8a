/**
 * A multivariant playlist as data, and its printer.
 *
 * Spec: rfc8216bis §4.4.6; order and spelling follow reference ivs-behaviour §6.3.
 */

/** One rendition of the stream: an EXT-X-MEDIA line, an EXT-X-STREAM-INF line and the URL of its media playlist. */
export type PlaylistVariant = {
  /** `chunked` for the source. */
  readonly groupId: string
  /** What players show, e.g. `720p60`. */
  readonly name: string
  /** Whether players may choose it by themselves; for the others the viewer must ask. */
  readonly isAutomatic: boolean
  /** Highest and mean bitrate of the listed segments, bits a second. */
  readonly bandwidthBps: number
  readonly averageBandwidthBps: number
  /** Pixels; undefined without a picture. */
  readonly resolution: { readonly width: number; readonly height: number } | undefined
  readonly frameRate: number | undefined
  readonly codecs: readonly string[]
  readonly uri: string
}

/** First version of HLS whose players know variables of the playlist's own address (rfc8216bis §8). */
export const VARIABLES_VERSION = 11

/** A whole multivariant playlist. */
export type MultivariantPlaylist = {
  /** Arguments of its address that playlists may name as variables (EXT-X-DEFINE, QUERYPARAM). */
  readonly queryVariables?: readonly string[]
  /** EXT-X-SESSION-DATA values by DATA-ID, in order; characters that a quoted string cannot hold are dropped. */
  readonly sessionData: Readonly<Record<string, string>>
  readonly variants: readonly PlaylistVariant[]
}

/** Prints `playlist`; each line ends in a line feed. */
export function printMultivariantPlaylist(playlist: MultivariantPlaylist): string {
  const lines = ['#EXTM3U']
  const { queryVariables = [] } = playlist
  if (queryVariables.length > 0) lines.push(`#EXT-X-VERSION:${VARIABLES_VERSION}`)
  for (const name of queryVariables) lines.push(`#EXT-X-DEFINE:QUERYPARAM="${name}"`)
  for (const [id, value] of Object.entries(playlist.sessionData)) {
    lines.push(`#EXT-X-SESSION-DATA:DATA-ID="${id}",VALUE="${value.replace(/["\r\n]/g, '')}"`)
  }
  for (const variant of playlist.variants) {
    lines.push(mediaLine(variant), streamInfLine(variant), variant.uri)
  }
  return `${lines.join('\n')}\n`
}

function mediaLine({ groupId, name, isAutomatic }: PlaylistVariant): string {
  const choice = isAutomatic ? 'YES' : 'NO'
  return `#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="${groupId}",NAME="${name}",AUTOSELECT=${choice},DEFAULT=${choice}`
}

function streamInfLine(variant: PlaylistVariant): string {
  const { resolution } = variant
  const attributes = [
    `BANDWIDTH=${variant.bandwidthBps}`,
    `AVERAGE-BANDWIDTH=${variant.averageBandwidthBps}`,
    ...(resolution ? [`RESOLUTION=${resolution.width}x${resolution.height}`] : []),
    `CODECS="${variant.codecs.join(',')}"`,
    `VIDEO="${variant.groupId}"`,
  ]
  if (variant.frameRate !== undefined) attributes.push(`FRAME-RATE=${variant.frameRate.toFixed(3)}`)
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`
}
