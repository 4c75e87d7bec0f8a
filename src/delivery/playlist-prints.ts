/**
 * The printed playlists of what readers of one rendition are shown: each made once per change and shared by all who see
 * the same.
 */
import type { Clock } from '../base/clock.ts'
import type { LiveMedia, LiveRendition } from '../domain/live.ts'
import type { ShownRendition } from '../domain/viewer-ads.ts'
import {
  attributesText,
  OWN_ATTRIBUTES_MARK,
  printMediaPlaylist,
  type MediaPlaylist,
} from '../media/m3u8/media-playlist.ts'
import { compressible, type CompressibleText } from './answers.ts'
import { deltaPlaylist, livePlaylist } from './live-playlist.ts'
import { SharedText } from './own-text.ts'

/** Which form of a playlist. */
export type PrintForm = {
  /** Where its URLs begin; one of a few, because each has a print of its own. */
  readonly root: string
  /** Whether it is a delta update. */
  readonly skip: boolean
}

/** A print: the same for all, or with places for what is a reader's own. */
type Print = CompressibleText | SharedText
type Prints = { version: number; readonly byForm: Map<string, Print> }

/** Forms kept of one version of one view; readers of others are printed for by themselves. */
const MAX_FORMS = 64

/** The prints of one stream's renditions and their views. */
export class PlaylistPrints {
  readonly #media: LiveMedia
  readonly #clock: Clock
  readonly #prints = new WeakMap<LiveRendition, Prints>()

  constructor(media: LiveMedia, clock: Clock) {
    this.#media = media
    this.#clock = clock
  }

  /** The playlist of `shown` as it is now. */
  get(shown: ShownRendition, form: PrintForm): CompressibleText {
    const print = this.#printOf(shown, form)
    if (!(print instanceof SharedText)) return print
    return print.with(shown.ownAttributes().map(attributesText))
  }

  #printOf(shown: ShownRendition, form: PrintForm): Print {
    const prints = this.#printsOf(shown.rendition)
    const key = `${form.skip ? 'delta' : 'whole'} ${shown.hidesNext ? 'hides' : 'shows'} ${shown.discontinuityOffset} ${form.root}`
    let print = prints.byForm.get(key)
    if (!print) {
      print = this.#print(shown, form)
      if (prints.byForm.size < MAX_FORMS) prints.byForm.set(key, print)
    }
    return print
  }

  #printsOf(rendition: LiveRendition): Prints {
    const version = rendition.version()
    let prints = this.#prints.get(rendition)
    if (!prints) {
      prints = { version, byForm: new Map() }
      this.#prints.set(rendition, prints)
    } else if (prints.version !== version) {
      prints.version = version
      prints.byForm.clear()
    }
    return prints
  }

  #print(shown: ShownRendition, { root, skip }: PrintForm): Print {
    const context = { media: this.#media, root, nowMs: this.#clock.nowMs() }
    const model: MediaPlaylist = skip ? deltaPlaylist(shown, context) : livePlaylist(shown, context)
    const text = printMediaPlaylist(model)
    return text.includes(OWN_ATTRIBUTES_MARK) ? new SharedText(text, OWN_ATTRIBUTES_MARK) : compressible(text)
  }
}
