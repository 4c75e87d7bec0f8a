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
  /** Highest and mean bitrate of the listed segments, bits a second. */
  readonly bandwidthBps: number
  readonly averageBandwidthBps: number
  readonly width: number
  readonly height: number
  readonly frameRate: number | undefined
  readonly codecs: readonly string[]
  readonly uri: string
}

/** A whole multivariant playlist. */
export type MultivariantPlaylist = {
  /** EXT-X-SESSION-DATA values by DATA-ID, in order; characters that a quoted string cannot hold are dropped. */
  readonly sessionData: Readonly<Record<string, string>>
  readonly variants: readonly PlaylistVariant[]
}

/** Prints `playlist`; each line ends in a line feed. */
export function printMultivariantPlaylist(playlist: MultivariantPlaylist): string {
  const lines = ['#EXTM3U']
  for (const [id, value] of Object.entries(playlist.sessionData)) {
    lines.push(`#EXT-X-SESSION-DATA:DATA-ID="${id}",VALUE="${value.replace(/["\r\n]/g, '')}"`)
  }
  for (const variant of playlist.variants) {
    lines.push(
      `#EXT-X-MEDIA:TYPE=VIDEO,GROUP-ID="${variant.groupId}",NAME="${variant.name}",AUTOSELECT=YES,DEFAULT=YES`,
      streamInfLine(variant),
      variant.uri,
    )
  }
  return `${lines.join('\n')}\n`
}

function streamInfLine(variant: PlaylistVariant): string {
  const attributes = [
    `BANDWIDTH=${variant.bandwidthBps}`,
    `AVERAGE-BANDWIDTH=${variant.averageBandwidthBps}`,
    `RESOLUTION=${variant.width}x${variant.height}`,
    `CODECS="${variant.codecs.join(',')}"`,
    `VIDEO="${variant.groupId}"`,
  ]
  if (variant.frameRate !== undefined) attributes.push(`FRAME-RATE=${variant.frameRate.toFixed(3)}`)
  return `#EXT-X-STREAM-INF:${attributes.join(',')}`
}
