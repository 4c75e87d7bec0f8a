/**
 * A viewing session that reloads playlists of its stream in any rendition, and holds each against everything that it was
 * shown before: numbers, kinds, times, discontinuities and bytes never change, and agree between renditions.
 */
import { ManualClock } from '../../src/base/manual-clock.ts'
import { livePlaylist } from '../../src/delivery/live-playlist.ts'
import { PlaylistPrints } from '../../src/delivery/playlist-prints.ts'
import type { LiveMedia, LiveRendition } from '../../src/domain/live.ts'
import type { ShownRendition, ViewerAds } from '../../src/domain/viewer-ads.ts'
import {
  attributesText,
  OWN_ATTRIBUTES_MARK,
  printMediaPlaylist,
  type MediaPlaylist,
} from '../../src/media/m3u8/media-playlist.ts'

type Seen = {
  readonly title: string
  readonly programDateTimeMs: number
  readonly discontinuity: boolean
  /** Number of its run of segments without a discontinuity, as players count it. */
  readonly run: number
}
type SeenMedia = { durationTicks: number | undefined; readonly parts: Buffer[] }

const ROOT = '../..'
/** The prints of each stream, which all who watch it share. */
const prints = new WeakMap<LiveMedia, PlaylistPrints>()

/** A session that watches. */
export class AdWatcher {
  readonly sessionNumber: string
  readonly #ads: Pick<ViewerAds, 'show'>
  readonly #media: LiveMedia
  readonly #seen = new Map<number, Seen>()
  readonly #seenMedia = new Map<string, SeenMedia>()
  readonly #ranges = new Map<string, string>()
  readonly #last = new Map<string, Pick<MediaPlaylist, 'mediaSequence' | 'discontinuitySequence'>>()
  /** What was found wrong, in words. */
  readonly faults: string[] = []
  reloads = 0
  adSegments = 0

  constructor(ads: Pick<ViewerAds, 'show'>, media: LiveMedia, sessionNumber: string) {
    this.#ads = ads
    this.#media = media
    this.sessionNumber = sessionNumber
  }

  /** Titles of the segments that it was shown, by number. */
  get titles(): ReadonlyMap<number, string> {
    return new Map([...this.#seen].map(([msn, { title }]) => [msn, title]))
  }

  /** Reloads the playlist of rendition number `lane`; its text. */
  reload(lane: number): string {
    const content = this.#media.renditions[lane]
    if (!content || content.segments().length === 0) return ''
    this.reloads++
    const shown = this.#ads.show(this.#media, content, this.sessionNumber)
    const context = { media: this.#media, root: ROOT, nowMs: this.#media.startTimeMs }
    const playlist = livePlaylist(shown, context)
    this.#checkSegments(playlist, content)
    this.#checkRanges(playlist, shown)
    this.#checkMedia(shown.rendition, content)
    return this.#checkPrint(playlist, shown)
  }

  /** What others were sent of the same view never shows in a viewer's own playlist. */
  #checkPrint(playlist: MediaPlaylist, shown: ShownRendition): string {
    const own = shown.ownAttributes().map(attributesText)
    const pieces = printMediaPlaylist(playlist).split(OWN_ATTRIBUTES_MARK)
    const text = pieces.map((piece, place) => (place === 0 ? piece : `${own[place - 1]}${piece}`)).join('')
    const { plain } = printsOf(this.#media).get(shown, { root: ROOT, skip: false })
    if (withoutReports(plain) !== withoutReports(text))
      this.faults.push(`the playlist of ${shown.rendition.name} is another viewer’s`)
    return text
  }

  #checkSegments(playlist: MediaPlaylist, { name }: LiveRendition): void {
    let run = playlist.discontinuitySequence
    let before: Seen | undefined
    let lastTimeMs = -Infinity
    for (const [index, segment] of playlist.segments.entries()) {
      const msn = playlist.mediaSequence + index
      const { title, programDateTimeMs, discontinuity, gap } = segment
      if (discontinuity) run++
      const now = { title, programDateTimeMs, discontinuity, run }
      const known = this.#seen.get(msn)
      // What nobody can fetch is of no kind.
      if (known && !gap) this.#same(`segment ${msn} of ${name}`, known, now)
      if (!known && !gap) {
        this.#seen.set(msn, now)
        if (title !== 'live') this.adSegments++
      }
      if (lastTimeMs >= programDateTimeMs) this.faults.push(`time of ${msn} goes back`)
      lastTimeMs = programDateTimeMs
      if (before && before.title !== title && !discontinuity && !gap) this.faults.push(`no tag before ${msn}`)
      before = gap ? undefined : now
    }
    const { mediaSequence, discontinuitySequence } = playlist
    const last = this.#last.get(name)
    if (mediaSequence < (last?.mediaSequence ?? 0)) this.faults.push(`${name} went back`)
    if (discontinuitySequence < (last?.discontinuitySequence ?? 0))
      this.faults.push(`discontinuities of ${name} went back`)
    this.#last.set(name, { mediaSequence, discontinuitySequence })
  }

  #checkRanges({ segments }: MediaPlaylist, shown: ShownRendition): void {
    const listed = segments.flatMap(({ dateRanges }) => dateRanges ?? [])
    for (const range of listed) {
      const text = JSON.stringify({ ...range, msn: 0 })
      const known = this.#ranges.get(range.id)
      if (known !== undefined && known !== text) this.faults.push(`range ${range.id} contradicts itself`)
      this.#ranges.set(range.id, text)
    }
    const own = listed.filter(({ isOwn }) => isOwn === true).length
    if (shown.ownAttributes().length < own) this.faults.push('a range lacks what is the viewer’s own')
    const values = listed.flatMap(({ attributes }) => Object.values(attributes))
    let title = ''
    let tellsLive = false
    for (const segment of segments) {
      const ranges = segment.dateRanges ?? []
      tellsLive ||= ranges.some(({ attributes }) => Object.values(attributes).includes('live'))
      if (segment.gap) continue
      const isAd = segment.title !== 'live'
      if (isAd && !values.includes(segment.title)) this.faults.push(`nothing tells of ${segment.title}`)
      if (isAd && own === 0) this.faults.push('no range tells of the break')
      const isReturn = title !== '' && title !== 'live' && !isAd
      if (isReturn && !tellsLive) this.faults.push('nothing tells that content is back')
      title = segment.title
      tellsLive = false
    }
  }

  #checkMedia(view: LiveRendition, content: LiveRendition): void {
    for (const segment of view.segments()) {
      const original = content.find(segment.msn)
      if (original && original.parts.length !== segment.parts.length) {
        this.faults.push(`segment ${segment.msn} has other parts than the content`)
      }
      const key = `${view.name} ${segment.msn}`
      const seen = this.#seenMedia.get(key) ?? { durationTicks: undefined, parts: [] }
      this.#seenMedia.set(key, seen)
      if (segment.complete) {
        if (seen.durationTicks !== undefined && seen.durationTicks !== segment.durationTicks) {
          this.faults.push(`length of segment ${segment.msn} changed`)
        }
        seen.durationTicks = segment.durationTicks
      }
      for (const [index, { body }] of segment.parts.entries()) {
        const before = seen.parts[index]
        if (before && !before.equals(body)) this.faults.push(`part ${segment.msn}.${index} changed`)
        seen.parts[index] = body
      }
    }
  }

  #same(what: string, known: Seen, now: Seen): void {
    if (JSON.stringify(known) !== JSON.stringify(now)) {
      this.faults.push(`${what} was ${JSON.stringify(known)} and is ${JSON.stringify(now)}`)
    }
  }
}

function printsOf(media: LiveMedia): PlaylistPrints {
  let known = prints.get(media)
  if (!known) {
    known = new PlaylistPrints(media, new ManualClock(media.startTimeMs))
    prints.set(media, known)
  }
  return known
}

/** How far other renditions are is as old as the print. */
function withoutReports(playlist: string): string {
  return playlist.replaceAll(/^#EXT-X-RENDITION-REPORT:.*\n/gm, '')
}
