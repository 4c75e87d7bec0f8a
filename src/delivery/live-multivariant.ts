/**
 * The multivariant playlist of a running stream, as data for the printer (reference ivs-behaviour §6.3).
 */
import type { LiveMedia, LiveRendition } from '../domain/live.ts'
import type { MultivariantPlaylist, PlaylistVariant } from '../media/m3u8/multivariant-playlist.ts'

/** What the playlist depends on besides the stream. */
export type MultivariantContext = {
  /** URL of the media playlist of the rendition called so. */
  readonly playlistUri: (rendition: string) => string
  readonly nowMs: number
  readonly viewerAddress: string
}

/** The playlist of `media` for one viewer. */
export function liveMultivariant(media: LiveMedia, context: MultivariantContext): MultivariantPlaylist {
  return {
    sessionData: {
      NODE: 'headwater',
      'MANIFEST-NODE-TYPE': 'headwater',
      'SERVER-TIME': (context.nowMs / 1000).toFixed(2),
      TRANSCODESTACK: 'transmux',
      'USER-IP': context.viewerAddress,
      'BROADCAST-ID': media.streamId,
      'STREAM-TIME': ((context.nowMs - media.startTimeMs) / 1000).toFixed(2),
      FUTURE: String(media.latencyMode === 'LOW'),
    },
    variants: media.renditions.flatMap((rendition) => variantOf(rendition, context)),
  }
}

function variantOf(rendition: LiveRendition, context: MultivariantContext): PlaylistVariant[] {
  const description = rendition.description()
  if (!description) return []
  const { width, height, frameRate, codecs } = description
  return [
    {
      groupId: rendition.name,
      name: `${Math.min(width, height)}p${Math.round(frameRate ?? 30)}`,
      bandwidthBps: description.peakBitrateBps,
      averageBandwidthBps: description.averageBitrateBps,
      width,
      height,
      frameRate,
      codecs,
      uri: context.playlistUri(rendition.name),
    },
  ]
}
