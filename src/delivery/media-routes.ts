/**
 * Everything players fetch: playlists, segments, parts and init sections, on plain node:http.
 *
 * Media that does not exist yet but is about to is waited for: blocking playlist reloads, hinted parts, and the open and
 * next segment, which go out while they grow. Nothing here awaits; nothing is copied.
 *
 * Spec: rfc8216bis §6.2 (server responsibilities); reference ivs-behaviour §6.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { LiveMedia, LiveMediaDirectory, LiveRendition, LiveSegment } from '../domain/live.ts'
import { printMultivariantPlaylist } from '../media/m3u8/multivariant-playlist.ts'
import {
  answerPreflight,
  beginGrowing,
  compressible,
  refuse,
  REFUSALS,
  sendImmutable,
  sendText,
  type BodyKind,
  type MediaRefusal,
} from './answers.ts'
import { isTooFarAhead, parseDirectives, type MediaPosition } from './blocking-reload.ts'
import { liveMultivariant } from './live-multivariant.ts'
import { isMediaPath, parseMediaPath, playlistPath, sharedRoot, type MediaPath } from './media-path.ts'
import { RenditionFeed } from './rendition-feed.ts'
import { SlowReaders } from './slow-readers.ts'
import { ViewerCount } from './viewer-count.ts'

/** What delivery needs. */
export type MediaRoutesOptions = {
  readonly live: LiveMediaDirectory
  readonly clock: Clock
  readonly logger: Logger
  /** Path of the public URL without a trailing slash, often empty. */
  readonly basePath: string
  /** Longest time for one body, in milliseconds. */
  readonly maxBodyMs: number
  /** Most bytes of a growing body that may wait for one reader. */
  readonly maxReaderBacklogBytes: number
  /** Most viewers of all streams together; more get 429 at the multivariant playlist. */
  readonly maxViewers: number
}

/** One request and its answer. */
type Exchange = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: string
}

const PLAYLIST_TYPE = 'application/vnd.apple.mpegurl'
/** Per viewer, so no cache may keep it. */
const MULTIVARIANT_KIND: BodyKind = { contentType: PLAYLIST_TYPE, cacheControl: 'no-store' }
/** The newest playlist: browsers ask again, a shared cache may answer for a second. */
const NEWEST_PLAYLIST_KIND: BodyKind = {
  contentType: PLAYLIST_TYPE,
  cacheControl: 'public, max-age=0, s-maxage=1',
}
/** An answer to delivery directives holds what its own URL asked for, for as long as the window reaches back. */
const HELD_PLAYLIST_KIND: BodyKind = {
  contentType: PLAYLIST_TYPE,
  cacheControl: 'public, max-age=0, s-maxage=10',
}
const IMMUTABLE = 'public, max-age=3600, immutable'
const MEDIA_KINDS: Record<LiveRendition['container'], BodyKind> = {
  TS: { contentType: 'video/mp2t', cacheControl: IMMUTABLE },
  FRAGMENTED_MP4: { contentType: 'video/mp4', cacheControl: IMMUTABLE },
}
/** Requests that one connection may send while an earlier one of it is held. */
const MAX_REQUESTS_BEHIND_HELD = 8

/** Answers media requests. */
export class MediaRoutes {
  readonly #options: MediaRoutesOptions
  readonly #feeds = new WeakMap<LiveRendition, RenditionFeed>()
  readonly #viewers: ViewerCount
  readonly #slowReaders: SlowReaders
  /** Requests queued behind a held one, by connection. */
  readonly #heldSockets = new Map<Socket, number>()

  constructor(options: MediaRoutesOptions) {
    this.#options = options
    this.#viewers = new ViewerCount(options.clock)
    this.#slowReaders = new SlowReaders(options.clock, options.logger, {
      maxBodyMs: options.maxBodyMs,
      maxBacklogBytes: options.maxReaderBacklogBytes,
    })
  }

  /** Viewers of a stream now. */
  get viewerCount(): (streamId: string) => number {
    return this.#viewers.count
  }

  /** Readers dropped because they did not read. */
  get droppedReaders(): number {
    return this.#slowReaders.dropped
  }

  /** Connections with a request held until its media exists. */
  get heldConnections(): number {
    return this.#heldSockets.size
  }

  /** Answers `request` if it is for media; false when it is for someone else. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? ''
    if (!isMediaPath(url)) return false
    this.#guard(response, () => this.#answer(request, response, url))
    return true
  }

  #answer(request: IncomingMessage, response: ServerResponse, url: string): void {
    if (request.method === 'OPTIONS') {
      answerPreflight(response)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(request, response, REFUSALS.method)
      return
    }
    if (this.#isFlooding(request.socket)) {
      request.socket.destroy()
      return
    }
    const mark = url.indexOf('?')
    const path = parseMediaPath(mark < 0 ? url : url.slice(0, mark))
    const exchange = { request, response, query: mark < 0 ? '' : url.slice(mark + 1) }
    if (!path) refuse(request, response, REFUSALS.notFound)
    else if (path.kind === 'multivariant') this.#multivariant(exchange, path.channelArn)
    else this.#ofRendition(exchange, path)
    this.#slowReaders.watch(response)
  }

  /** A fault of ours costs one answer: not the process, and not the publisher whose new part woke a waiting reader. */
  #guard(response: ServerResponse, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#options.logger.error('media request failed', { error })
      response.destroy()
    }
  }

  #multivariant(exchange: Exchange, channelArn: string): void {
    const { request, response } = exchange
    const media = this.#options.live.byChannel(channelArn)
    const refusal = media ? this.#multivariantRefusal(media, viewerOf(request)) : undefined
    if (!media || refusal) {
      refuse(request, response, refusal ?? REFUSALS.channelOffline)
      return
    }
    const playlist = liveMultivariant(media, {
      playlistUri: (rendition) =>
        playlistPath({ root: sharedRoot(this.#options.basePath), streamId: media.streamId, rendition }),
      nowMs: this.#options.clock.nowMs(),
      viewerAddress: request.socket.remoteAddress ?? '',
    })
    const body = compressible(printMultivariantPlaylist(playlist))
    sendText(request, response, MULTIVARIANT_KIND, body)
  }

  #multivariantRefusal(media: LiveMedia, viewer: string): MediaRefusal | undefined {
    const isFull = this.#viewers.total >= this.#options.maxViewers
    if (isFull && !this.#viewers.has(media.streamId, viewer)) return REFUSALS.tooManyViewers
    return accessRefusal(media)
  }

  #ofRendition(exchange: Exchange, path: Exclude<MediaPath, { kind: 'multivariant' }>): void {
    const { request, response } = exchange
    const media = this.#options.live.byStream(path.streamId)
    const rendition = media?.renditions.find((candidate) => candidate.name === path.rendition)
    if (!media || !rendition) {
      refuse(request, response, REFUSALS.notFound)
      return
    }
    const refusal = accessRefusal(media)
    if (refusal) {
      refuse(request, response, refusal)
      return
    }
    const feed = this.#feed(media, rendition)
    switch (path.kind) {
      case 'playlist':
        this.#playlist(exchange, feed)
        break
      case 'segment':
        this.#segment(exchange, feed, path.msn)
        break
      case 'part':
        this.#part(exchange, feed, path.msn, path.part)
        break
      case 'init':
        this.#init(exchange, feed, path.initId)
        break
    }
  }

  #playlist(exchange: Exchange, feed: RenditionFeed): void {
    const { request, response } = exchange
    this.#viewers.touch(feed.media.streamId, viewerOf(request))
    const isLow = feed.media.latencyMode === 'LOW'
    const directives = isLow ? parseDirectives(exchange.query) : { wanted: undefined, skip: false }
    if (!directives) {
      refuse(request, response, REFUSALS.badDirective)
      return
    }
    const kind = exchange.query.includes('_HLS_') ? HELD_PLAYLIST_KIND : NEWEST_PLAYLIST_KIND
    const send = (): void => sendText(request, response, kind, feed.playlist(directives.skip))
    if (!directives.wanted) send()
    else if (isTooFarAhead(feed.rendition, directives.wanted)) refuse(request, response, REFUSALS.tooFarAhead)
    else this.#whenReached(exchange, feed, directives.wanted, send)
  }

  #segment(exchange: Exchange, feed: RenditionFeed, msn: number): void {
    const { request, response } = exchange
    const segment = feed.rendition.find(msn)
    if (segment?.complete) {
      this.#sendSegment(exchange, feed, segment)
      return
    }
    const last = feed.rendition.segments().at(-1)
    const isAhead = feed.media.latencyMode === 'LOW' && last !== undefined && msn >= last.msn
    const begin = { msn, part: 0 }
    if (!isAhead || feed.rendition.ended() || isTooFarAhead(feed.rendition, begin)) {
      refuse(request, response, REFUSALS.notFound)
      return
    }
    // The open segment and the next are what EXT-X-PREFETCH names.
    this.#whenReached(exchange, feed, begin, () => {
      const begun = feed.rendition.find(msn)
      if (!begun) refuse(request, response, REFUSALS.notFound)
      else if (begun.complete) this.#sendSegment(exchange, feed, begun)
      else this.#sendGrowing(exchange, feed, begun)
    })
  }

  #part(exchange: Exchange, feed: RenditionFeed, msn: number, part: number): void {
    const { request, response } = exchange
    const send = (): void => {
      const body = feed.rendition.find(msn)?.parts[part]?.body
      if (!body) {
        refuse(request, response, REFUSALS.notFound)
        return
      }
      const kind = { ...MEDIA_KINDS[feed.rendition.container], etag: `"${msn}.${part}"` }
      sendImmutable(request, response, kind, [body], body.length)
    }
    const segment = feed.rendition.find(msn)
    const last = feed.rendition.segments().at(-1)
    const exists = segment?.parts[part] !== undefined
    const isGone = segment?.complete ?? (last !== undefined && msn < last.msn)
    const isHopeless = isGone || isTooFarAhead(feed.rendition, { msn, part })
    if (exists || isHopeless || feed.media.latencyMode !== 'LOW') send()
    else this.#whenReached(exchange, feed, { msn, part }, send)
  }

  #init(exchange: Exchange, feed: RenditionFeed, initId: number): void {
    const { request, response } = exchange
    const init = feed.rendition.segments().find((segment) => segment.init?.id === initId)?.init
    if (!init) {
      refuse(request, response, REFUSALS.notFound)
      return
    }
    const kind = { ...MEDIA_KINDS[feed.rendition.container], etag: `"init-${initId}"` }
    sendImmutable(request, response, kind, [init.body], init.body.length)
  }

  #sendSegment(exchange: Exchange, feed: RenditionFeed, segment: LiveSegment): void {
    const kind = { ...MEDIA_KINDS[feed.rendition.container], etag: `"${segment.msn}"` }
    const bodies = segment.parts.map((part) => part.body)
    sendImmutable(exchange.request, exchange.response, kind, bodies, segment.sizeBytes)
  }

  #sendGrowing(exchange: Exchange, feed: RenditionFeed, segment: LiveSegment): void {
    const { request, response } = exchange
    beginGrowing(response, MEDIA_KINDS[feed.rendition.container])
    if (request.method === 'HEAD') {
      response.end()
      return
    }
    let sent = 0
    const release = this.#hold(request.socket)
    const stop = (): void => {
      unfollow()
      release()
    }
    const pump = (): void => {
      for (let part = segment.parts[sent]; part; part = segment.parts[sent]) {
        if (!this.#slowReaders.takesMore(response)) {
          stop()
          return
        }
        response.write(part.body)
        sent++
      }
      if (!segment.complete && !feed.rendition.ended()) return
      stop()
      response.end()
      this.#slowReaders.watch(response)
    }
    const unfollow = feed.follow(() => this.#guard(response, pump))
    response.once('close', stop)
    pump()
  }

  /** Calls `send` once the window holds `wanted`; refuses the request when that takes too long. */
  #whenReached(exchange: Exchange, feed: RenditionFeed, wanted: MediaPosition, send: () => void): void {
    const { request, response } = exchange
    if (feed.has(wanted)) {
      send()
      return
    }
    const release = this.#hold(request.socket)
    const giveUp = feed.wait(wanted, (outcome) => {
      release()
      response.off('close', abandon)
      this.#guard(response, () => {
        if (outcome === 'reached') send()
        else refuse(request, response, REFUSALS.heldTooLong)
        this.#slowReaders.watch(response)
      })
    })
    const abandon = (): void => {
      release()
      giveUp()
    }
    response.once('close', abandon)
  }

  #hold(socket: Socket): () => void {
    if (!this.#heldSockets.has(socket)) this.#heldSockets.set(socket, 0)
    return () => void this.#heldSockets.delete(socket)
  }

  #isFlooding(socket: Socket): boolean {
    if (this.#heldSockets.size === 0) return false
    const behind = this.#heldSockets.get(socket)
    if (behind === undefined) return false
    this.#heldSockets.set(socket, behind + 1)
    return behind >= MAX_REQUESTS_BEHIND_HELD
  }

  #feed(media: LiveMedia, rendition: LiveRendition): RenditionFeed {
    let feed = this.#feeds.get(rendition)
    if (!feed) {
      const { clock, basePath } = this.#options
      feed = new RenditionFeed({ media, rendition, clock, root: sharedRoot(basePath) })
      this.#feeds.set(rendition, feed)
    }
    return feed
  }
}

/** Private channels play with a token only, and no token can be checked yet: nothing of them leaves the server. */
function accessRefusal(media: LiveMedia): MediaRefusal | undefined {
  return media.channel.authorized ? REFUSALS.isPrivate : undefined
}

function viewerOf(request: IncomingMessage): string {
  return `${request.socket.remoteAddress ?? ''} ${request.headers['user-agent'] ?? ''}`
}
