/**
 * Media playlists, segments, parts and init sections of a rendition, for requests that were let in.
 *
 * Media that does not exist yet but is about to is waited for: blocking playlist reloads, hinted parts, and the open and
 * next segment, which go out while they grow. Nothing here awaits; nothing is copied.
 *
 * Spec: rfc8216bis §6.2 (server responsibilities); reference ivs-behaviour §6.5.
 */
import type { LiveMedia, LiveRendition, LiveSegment } from '../domain/live.ts'
import type { ShownRendition } from '../domain/viewer-ads.ts'
import { beginGrowing, sendImmutable, sendText, type BodyKind, type Exchange } from './answers.ts'
import type { CacheControl } from './audience.ts'
import { isTooFarAhead, parseDirectives, type MediaPosition } from './blocking-reload.ts'
import type { Holding } from './holding.ts'
import { PLAYLIST_TYPE, RELATIVE_ROOT, type RenditionPath } from './media-path.ts'
import { refuse, REFUSALS } from './refusals.ts'
import type { Reading } from './reading.ts'
import type { RenditionFeed, WaitOutcome } from './rendition-feed.ts'
import type { SlowReaders } from './slow-readers.ts'
import type { ViewerSession } from './viewer-session.ts'

/** What the routes need. */
export type RenditionRoutesOptions = {
  /** Where shared URLs begin. */
  readonly sharedRoot: string
  readonly holding: Holding
  readonly slowReaders: SlowReaders
  /** Runs `work`; a fault in it costs the answer of `exchange` and nothing else. */
  readonly guard: (exchange: Exchange, work: () => void) => void
  /** Whether a session that was let in must not get more. */
  readonly isOver: (session: ViewerSession | undefined, media: LiveMedia) => boolean
}

/** A request that was let in, and the session it is made by if it shows one. */
export type AdmittedExchange = Exchange & { readonly session: ViewerSession | undefined }

/** The newest playlist: browsers ask again, a shared cache may answer for a second. */
const NEWEST_PLAYLIST_KIND: BodyKind = {
  contentType: PLAYLIST_TYPE,
  cacheControl: { shared: 'public, max-age=0, s-maxage=1', own: 'private, no-cache' },
}
/** An answer to delivery directives holds what its own URL asked for, for as long as the window reaches back. */
const HELD_PLAYLIST_KIND: BodyKind = {
  contentType: PLAYLIST_TYPE,
  cacheControl: { shared: 'public, max-age=0, s-maxage=10', own: 'private, no-cache' },
}
/** What one viewer's ads made of a playlist belongs to nobody else, and not to his next request either. */
const PERSONAL_PLAYLIST_KIND: BodyKind = {
  contentType: PLAYLIST_TYPE,
  cacheControl: { shared: 'no-store', own: 'no-store' },
}
/** Reached with whatever segment comes first. */
const FIRST_SEGMENT: MediaPosition = { msn: 0, part: undefined }
/**
 * Media never changes, and caches that viewers share keep it. Players fetch again what they have had to find out how fast
 * their line is (the IVS player does in its low-latency mode): out of the browser's own cache every line looks fast.
 */
const FOR_SHARED_CACHES: CacheControl = {
  shared: 'public, max-age=0, s-maxage=3600',
  own: 'private, no-store',
}
const MEDIA_KINDS: Record<LiveRendition['container'], BodyKind> = {
  TS: { contentType: 'video/mp2t', cacheControl: FOR_SHARED_CACHES },
  FRAGMENTED_MP4: { contentType: 'video/mp4', cacheControl: FOR_SHARED_CACHES },
}

/** Answers requests for one rendition's media. */
export class RenditionRoutes {
  readonly #options: RenditionRoutesOptions

  constructor(options: RenditionRoutesOptions) {
    this.#options = options
  }

  /** Answers, at once or when there is what was asked for. */
  answer(exchange: AdmittedExchange, reading: Reading, path: RenditionPath): void {
    switch (path.kind) {
      case 'playlist':
        this.#playlist(
          exchange,
          reading,
          path.sessionId === undefined ? this.#options.sharedRoot : RELATIVE_ROOT,
        )
        break
      case 'segment':
        this.#segment(exchange, reading, path.msn)
        break
      case 'part':
        this.#part(exchange, reading, path.msn, path.part)
        break
      case 'init':
        sendInit(exchange, reading.show(), path.initId)
        break
    }
  }

  #playlist(exchange: AdmittedExchange, reading: Reading, root: string): void {
    const { request, response, query } = exchange
    const isLow = reading.media.latencyMode === 'LOW'
    const directives = isLow ? parseDirectives(query) : { wanted: undefined, skip: false }
    if (!directives) {
      refuse(request, response, REFUSALS.badDirective)
      return
    }
    const { wanted, skip } = directives
    const send = (shown: ShownRendition): void => {
      const ordinary = query.includes('_HLS_') ? HELD_PLAYLIST_KIND : NEWEST_PLAYLIST_KIND
      const kind = shown.isPersonal ? PERSONAL_PLAYLIST_KIND : ordinary
      sendText(exchange, kind, reading.playlist(shown, { root, skip }))
    }
    const shown = reading.show()
    const { rendition } = reading.feed(shown)
    // A rendition that begins only now has nothing to list: players hang on an empty playlist.
    const isEmpty = rendition.segments().length === 0
    if (isEmpty) rendition.want()
    const edge = isLow ? hiddenEdge(shown) : undefined
    if (!wanted && isEmpty) this.#whenReached(exchange, reading, FIRST_SEGMENT, send)
    else if (!wanted && edge) this.#whenReached(exchange, reading, edge, send, 'send')
    else if (!wanted) send(shown)
    else if (isTooFarAhead(rendition, wanted)) refuse(request, response, REFUSALS.tooFarAhead)
    else this.#whenReached(exchange, reading, wanted, send)
  }

  #segment(exchange: AdmittedExchange, reading: Reading, msn: number): void {
    const { request, response } = exchange
    const shown = reading.show()
    const segment = shown.rendition.find(msn)
    if (segment?.gap === true) {
      refuse(request, response, REFUSALS.notFound)
      return
    }
    if (segment?.complete) {
      sendSegment(exchange, reading, shown, segment)
      return
    }
    const { rendition } = reading.feed(shown)
    const last = rendition.segments().at(-1)
    const isAhead = reading.media.latencyMode === 'LOW' && last !== undefined && msn >= last.msn
    const begin = { msn, part: 0 }
    if (!isAhead || rendition.ended() || isTooFarAhead(rendition, begin)) {
      refuse(request, response, REFUSALS.notFound)
      return
    }
    // The open segment and the next are what EXT-X-PREFETCH names.
    this.#whenReached(exchange, reading, begin, (now) => {
      const begun = now.rendition.find(msn)
      if (!begun || begun.gap) refuse(request, response, REFUSALS.notFound)
      else if (begun.complete) sendSegment(exchange, reading, now, begun)
      else this.#sendGrowing(exchange, reading, now, begun)
    })
  }

  #part(exchange: AdmittedExchange, reading: Reading, msn: number, part: number): void {
    const { request, response } = exchange
    const send = (now: ShownRendition): void => {
      const body = now.rendition.find(msn)?.parts[part]?.body
      if (!body) {
        refuse(request, response, REFUSALS.notFound)
        return
      }
      if (request.method === 'GET') reading.fetched(now, msn)
      sendImmutable(exchange, MEDIA_KINDS[now.rendition.container], [body], body.length)
    }
    const shown = reading.show()
    const { rendition } = reading.feed(shown)
    const segment = rendition.find(msn)
    const last = rendition.segments().at(-1)
    const exists = segment?.parts[part] !== undefined
    const isGone = segment?.complete ?? (last !== undefined && msn < last.msn)
    const isHopeless = isGone || isTooFarAhead(rendition, { msn, part })
    if (exists || isHopeless || reading.media.latencyMode !== 'LOW') send(shown)
    else this.#whenReached(exchange, reading, { msn, part }, send)
  }

  #sendGrowing(
    exchange: AdmittedExchange,
    reading: Reading,
    shown: ShownRendition,
    segment: LiveSegment,
  ): void {
    const { request, response } = exchange
    const { holding, slowReaders, guard, isOver } = this.#options
    const feed = reading.feed(shown)
    beginGrowing(exchange, MEDIA_KINDS[shown.rendition.container])
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    reading.fetched(shown, segment.msn)
    let sent = 0
    const release = holding.hold(request.socket)
    const stop = (): void => {
      unfollow()
      release()
    }
    const pump = (): void => {
      if (isOver(exchange.session, reading.media)) {
        stop()
        response.destroy()
        return
      }
      for (let part = segment.parts[sent]; part; part = segment.parts[sent]) {
        if (!slowReaders.takesMore(response)) {
          stop()
          return
        }
        response.write(part.body)
        sent++
      }
      if (!segment.complete && !feed.rendition.ended()) return
      stop()
      response.end()
      slowReaders.watch(response)
    }
    const unfollow = feed.follow(() => guard(exchange, pump))
    response.once('close', stop)
    pump()
  }

  /** Calls `send` with what is shown once that holds `wanted`; does as `late` says when that takes too long. */
  #whenReached(
    exchange: AdmittedExchange,
    reading: Reading,
    wanted: MediaPosition,
    send: (shown: ShownRendition) => void,
    late: 'refuse' | 'send' = 'refuse',
  ): void {
    const { request, response } = exchange
    const shown = reading.show()
    const feed: RenditionFeed = reading.feed(shown)
    if (feed.has(wanted)) {
      send(shown)
      return
    }
    const release = this.#options.holding.hold(request.socket)
    const giveUp = feed.wait(wanted, (outcome) => {
      release()
      response.off('close', abandon)
      this.#options.guard(exchange, () => {
        this.#endHold(exchange, reading, late === 'send' ? 'reached' : outcome, send)
        this.#options.slowReaders.watch(response)
      })
    })
    const abandon = (): void => {
      release()
      giveUp()
    }
    response.once('close', abandon)
  }

  #endHold(
    exchange: AdmittedExchange,
    reading: Reading,
    outcome: WaitOutcome,
    send: (shown: ShownRendition) => void,
  ): void {
    const { request, response, session } = exchange
    // A viewer may have been revoked since the request was let in.
    if (this.#options.isOver(session, reading.media)) refuse(request, response, REFUSALS.sessionInvalid)
    else if (outcome === 'reached') send(reading.show())
    else refuse(request, response, REFUSALS.heldTooLong)
  }
}

/**
 * What a playlist waits for that names nothing ahead: a segment that has begun. Without one, players that do not ask for
 * media to come would be a segment late.
 */
function hiddenEdge({ hidesNext, rendition }: ShownRendition): MediaPosition | undefined {
  const last = rendition.segments().at(-1)
  if (!hidesNext || rendition.ended() || last?.complete !== true) return undefined
  return { msn: last.msn + 1, part: 0 }
}

function sendSegment(
  exchange: Exchange,
  reading: Reading,
  shown: ShownRendition,
  segment: LiveSegment,
): void {
  if (exchange.request.method === 'GET') reading.fetched(shown, segment.msn)
  const bodies = segment.parts.map((part) => part.body)
  sendImmutable(exchange, MEDIA_KINDS[shown.rendition.container], bodies, segment.sizeBytes)
}

function sendInit(exchange: Exchange, { rendition }: ShownRendition, initId: number): void {
  const init = rendition.segments().find((segment) => segment.init?.id === initId)?.init
  if (!init) {
    refuse(exchange.request, exchange.response, REFUSALS.notFound)
    return
  }
  sendImmutable(exchange, MEDIA_KINDS[rendition.container], [init.body], init.body.length)
}
