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
  readonly sessionNumber: string
}

/** What a viewer may be told of. */
export type ViewerWish = {
  /** `allow_audio_only=true`: also `audio_only` where it is not listed by itself (reference ivs-behaviour §6.1). */
  readonly allowAudioOnly: boolean
}

/** Whether a viewer with that wish is told of `rendition`. */
export function isListed(rendition: Pick<LiveRendition, 'listing'>, wish: ViewerWish): boolean {
  return rendition.listing === 'always' || (rendition.listing === 'on-request' && wish.allowAudioOnly)
}

/** Every part of the service that players may be told of is this one. */
const NODE = 'headwater'

/** The playlist of `media` for one viewer; renditions that it names begin to be packaged if they are not yet. */
export function liveMultivariant(media: LiveMedia, context: MultivariantContext): MultivariantPlaylist {
  return {
    sessionData: {
      NODE,
      'MANIFEST-NODE-TYPE': NODE,
      'MANIFEST-NODE': NODE,
      'MANIFEST-CLUSTER': NODE,
      CLUSTER: NODE,
      ORIGIN: NODE,
      'SERVER-TIME': (context.nowMs / 1000).toFixed(2),
      TRANSCODESTACK: media.transcoded ? '2017TranscodeQS_V2' : 'transmux',
      'USER-IP': context.viewerAddress,
      'VIDEO-SESSION-ID': context.sessionNumber,
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
  rendition.want()
  const { width, height, frameRate, codecs } = description
  return [
    {
      groupId: rendition.name,
      name: rendition.displayName(),
      isAutomatic: rendition.hasVideo,
      bandwidthBps: description.peakBitrateBps,
      averageBandwidthBps: description.averageBitrateBps,
      resolution: width === undefined || height === undefined ? undefined : { width, height },
      frameRate,
      codecs,
      uri: context.playlistUri(rendition.name),
    },
  ]
}
