/**
 * Answers with the media of conditioned creatives, for players that put ads in by themselves.
 *
 * Reference: ssai §3.1, §3.10.
 */
import type { CreativeLibrary, LoadedCreative } from '../creative-library.ts'
import type { CreativeAddress } from './creative-address.ts'
import { creativeMultivariant, creativePieces, creativePlaylist, CreativeSegments } from './creative-files.ts'
import { sendBody, type PlayerExchange } from './player-answers.ts'

/** What the routes need. */
export type CreativeRoutesOptions = {
  readonly library: Pick<CreativeLibrary, 'load'>
  /** Most bytes of segments held ready; what is dropped is made again. */
  readonly maxSegmentBytes: number
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
const SEGMENT_TYPE = 'video/mp2t'

/** The routes of one server. */
export class CreativeRoutes {
  readonly #library: Pick<CreativeLibrary, 'load'>
  readonly #segments: CreativeSegments

  constructor({ library, maxSegmentBytes }: CreativeRoutesOptions) {
    this.#library = library
    this.#segments = new CreativeSegments(maxSegmentBytes)
  }

  /** Answers with what stands at `address`; false when there is nothing. */
  async answer(exchange: PlayerExchange, address: CreativeAddress): Promise<boolean> {
    const held = await this.#library.load(address.creative.key)
    if (!held) return false
    try {
      const body = this.#body(held.media, address)
      if (body === undefined) return false
      const contentType = address.file.kind === 'playlist' ? PLAYLIST_TYPE : SEGMENT_TYPE
      sendBody(exchange, { contentType, body, isLasting: true })
      return true
    } finally {
      held.release()
    }
  }

  #body(
    media: LoadedCreative,
    { accountHash, creative, file }: CreativeAddress,
  ): string | Buffer | undefined {
    // A slate may be played shorter than it is.
    if (creative.durationTicks > media.durationTicks) return undefined
    if (file.kind === 'playlist' && file.rendition === undefined) {
      return creativeMultivariant(media, file.isReported)
    }
    const rendition = file.rendition ?? ''
    const tracks = media.renditions.get(rendition)
    if (!tracks) return undefined
    if (file.kind === 'playlist') {
      const number = [...media.renditions.keys()].indexOf(rendition)
      return creativePlaylist(creative, rendition, file.isReported ? { accountHash, number } : undefined)
    }
    const piece = creativePieces(creative)[file.segment]
    return piece && this.#segments.get(`${media.key} ${rendition}`, tracks, piece)
  }
}
