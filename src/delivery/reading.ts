/**
 * What one request reads: a rendition as its session is shown it, and where media that is not there yet is waited for.
 *
 * What is shown is asked for again after every wait, because an ad may stand by then where content was to come.
 */
import type { LiveMedia, LiveRendition } from '../domain/live.ts'
import { contentOf, type ShownRendition, type ViewerAds } from '../domain/viewer-ads.ts'
import type { CompressibleText } from './answers.ts'
import type { PrintForm } from './playlist-prints.ts'
import type { RenditionFeed } from './rendition-feed.ts'

/** What a reading needs. */
export type ReadingOptions = {
  readonly media: LiveMedia
  readonly rendition: LiveRendition
  /** Number of the viewing session; undefined below the shared root, where everybody sees content. */
  readonly sessionNumber: string | undefined
  readonly ads: Pick<ViewerAds, 'show' | 'fetched'>
  readonly feedOf: (rendition: LiveRendition) => RenditionFeed
}

/** The reading of one request. */
export class Reading {
  readonly media: LiveMedia
  readonly #options: ReadingOptions

  constructor(options: ReadingOptions) {
    this.media = options.media
    this.#options = options
  }

  /** What the session is shown now. */
  show(): ShownRendition {
    const { media, rendition, sessionNumber, ads } = this.#options
    return sessionNumber === undefined ? contentOf(rendition) : ads.show(media, rendition, sessionNumber)
  }

  /** Where media of `shown` is waited for: at the content, whose numbers are the same, as long as that goes on. */
  feed(shown: ShownRendition): RenditionFeed {
    const { rendition, feedOf } = this.#options
    return feedOf(shown.outlivesContent ? shown.rendition : rendition)
  }

  /** The playlist of `shown`. */
  playlist(shown: ShownRendition, form: PrintForm): CompressibleText {
    const { rendition, feedOf } = this.#options
    return feedOf(rendition).playlist(shown, form)
  }

  /** The session gets media of segment `msn` of `shown`. */
  fetched(shown: ShownRendition, msn: number): void {
    const { media, sessionNumber, ads } = this.#options
    if (sessionNumber !== undefined) ads.fetched(media, shown, sessionNumber, msn)
  }
}
