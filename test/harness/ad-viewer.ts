/**
 * A viewer of a channel with ads over real sockets, who fetches every segment once as a player does and holds each
 * playlist against those before it.
 *
 * Spec: rfc8216bis §6.2.1 (what may change in a playlist), §6.2.2 (discontinuity sequence).
 */
import { setTimeout as sleep } from 'node:timers/promises'

/** A segment as it was first listed. */
export type ViewedSegment = {
  readonly msn: number
  /** `live`, or the asset that an ad or slate comes from. */
  readonly title: string
  readonly programDateTimeMs: number
  /** Number of its run of segments without a discontinuity. */
  readonly run: number
  readonly uri: string
}

const RELOAD_MS = 300
const START_LIMIT_MS = 20_000
const SEGMENT_START = 0x47

/** How somebody watches. */
export type AdViewerOptions = {
  /** Leaves when he has so many segments of ads. Default never. */
  readonly maxAdSegments?: number
}

/** A viewer; `await using` ends his watching. */
export class AdViewerOnTheNet implements AsyncDisposable {
  readonly #playlistUrl: string
  readonly #segments = new Map<number, ViewedSegment>()
  readonly #bodies = new Map<number, Buffer>()
  readonly #stopped = new AbortController()
  readonly #done: Promise<void>
  readonly #maxAdSegments: number
  /** What was wrong, in words. */
  readonly faults: string[] = []
  /** He has seen the end, or left. */
  ended = false

  private constructor(playlistUrl: string, { maxAdSegments = Infinity }: AdViewerOptions) {
    this.#playlistUrl = playlistUrl
    this.#maxAdSegments = maxAdSegments
    this.#done = this.#watch()
  }

  /** Begins to watch the first rendition, as soon as there is one. */
  static async open(playbackUrl: string, options: AdViewerOptions = {}): Promise<AdViewerOnTheNet> {
    const [first = ''] = await untilListed(playbackUrl)
    return new AdViewerOnTheNet(first, options)
  }

  /** Begins to watch all renditions in one session, the first one first. */
  static async openAll(playbackUrl: string): Promise<readonly AdViewerOnTheNet[]> {
    return (await untilListed(playbackUrl)).map((playlistUrl) => new AdViewerOnTheNet(playlistUrl, {}))
  }

  /** Where his playlist is. */
  get playlistUrl(): string {
    return this.#playlistUrl
  }

  /** What was seen, in order. */
  get segments(): readonly ViewedSegment[] {
    return [...this.#segments.values()]
  }

  /** Titles other than `live` from segment number `msn` on, one a segment. */
  adsFrom(msn: number): readonly string[] {
    return this.segments
      .filter((segment) => segment.msn >= msn && segment.title !== 'live')
      .map((s) => s.title)
  }

  /** The media of the segments from number `fromMsn` up to, but not including, `toMsn`. */
  media(fromMsn: number, toMsn: number): Buffer {
    const wanted = [...this.#bodies].filter(([msn]) => msn >= fromMsn && msn < toMsn)
    return Buffer.concat(wanted.map(([, body]) => body))
  }

  /** Number of the newest segment; -1 before the first. */
  get lastMsn(): number {
    return this.segments.at(-1)?.msn ?? -1
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped() && !this.ended) {
      try {
        const response = await fetch(this.#playlistUrl)
        if (response.status === 200) await this.#read(await response.text())
        else this.faults.push(`playlist answered ${response.status}`)
      } catch (error) {
        if (!this.#isStopped()) this.faults.push(`playlist failed: ${String(error)}`)
      }
      await sleep(RELOAD_MS)
    }
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted
  }

  async #read(playlist: string): Promise<void> {
    let msn = numberOf(playlist, 'MEDIA-SEQUENCE')
    let run = numberOf(playlist, 'DISCONTINUITY-SEQUENCE')
    let title = ''
    let programDateTimeMs = 0
    for (const line of playlist.split('\n')) {
      if (line === '#EXT-X-DISCONTINUITY') run++
      if (line.startsWith('#EXT-X-PROGRAM-DATE-TIME:')) programDateTimeMs = Date.parse(line.slice(25))
      if (line.startsWith('#EXTINF:')) title = line.slice(line.indexOf(',') + 1)
      if (line === '' || line.startsWith('#') || title === '') continue
      await this.#see({ msn, title, programDateTimeMs, run, uri: line })
      if (this.adsFrom(0).length >= this.#maxAdSegments) {
        this.ended = true
        return
      }
      msn++
      title = ''
    }
    this.ended ||= playlist.includes('#EXT-X-ENDLIST')
  }

  async #see(segment: ViewedSegment): Promise<void> {
    const { msn, title, run } = segment
    const known = this.#segments.get(msn)
    if (known) {
      if (JSON.stringify(known) !== JSON.stringify(segment)) this.faults.push(`segment ${msn} changed`)
      return
    }
    const before = this.segments.at(-1)
    if (before && msn !== before.msn + 1) this.faults.push(`${msn} follows ${before.msn}`)
    if (before && segment.programDateTimeMs <= before.programDateTimeMs)
      this.faults.push(`${msn} goes back in time`)
    if (before && before.title !== title && run === before.run)
      this.faults.push(`no discontinuity before ${msn}`)
    this.#segments.set(msn, segment)
    const response = await fetch(new URL(segment.uri, this.#playlistUrl))
    const bytes = Buffer.from(await response.arrayBuffer())
    if (response.status !== 200 || bytes[0] !== SEGMENT_START)
      this.faults.push(`segment ${msn} answered ${response.status}`)
    this.#bodies.set(msn, bytes)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort()
    await this.#done
  }
}

/** URLs of the playlists of a new session. */
async function untilListed(playbackUrl: string): Promise<readonly string[]> {
  const deadlineMs = Date.now() + START_LIMIT_MS
  for (;;) {
    const response = await fetch(playbackUrl)
    const paths = (await response.text()).match(/^[^#\s].*$/gm) ?? []
    if (response.status === 200) return paths.map((path) => new URL(path, playbackUrl).href)
    if (Date.now() > deadlineMs) throw new Error(`the channel answered ${response.status}`)
    await sleep(RELOAD_MS)
  }
}

function numberOf(playlist: string, tag: string): number {
  return Number(new RegExp(`#EXT-X-${tag}:([0-9]+)`).exec(playlist)?.[1] ?? '0')
}
