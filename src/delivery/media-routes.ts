/**
 * Everything players fetch, on plain node:http: which request is what, whether it is let in, and who counts as a viewer.
 *
 * Only the multivariant playlist waits for a decision; all other requests are checked against what is in memory. A fault
 * of ours costs one answer: not the process, and not the publisher whose new part woke a waiting reader.
 *
 * Spec: reference ivs-behaviour §6.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { LiveMedia, LiveMediaDirectory, LiveRendition } from '../domain/live.ts'
import type { ViewerAccess } from '../domain/viewer-access.ts'
import { NO_ADS, type ViewerAds } from '../domain/viewer-ads.ts'
import type { ViewingOrder } from '../domain/viewing-order.ts'
import { answerPreflight, type Exchange } from './answers.ts'
import { EVERYONE } from './audience.ts'
import { BoundedAccess } from './bounded-access.ts'
import { Holding } from './holding.ts'
import {
  isMediaPath,
  parseMediaPath,
  sessionArgument,
  sharedRoot,
  type MediaPath,
  type RenditionPath,
} from './media-path.ts'
import { MultivariantRoute } from './multivariant-route.ts'
import { Reading } from './reading.ts'
import { refuse, REFUSALS } from './refusals.ts'
import { RenditionFeed } from './rendition-feed.ts'
import { RenditionRoutes } from './rendition-routes.ts'
import type { SessionKeys } from './session-keys.ts'
import { SlowReaders } from './slow-readers.ts'
import { ViewQuota, type ViewQuotaBreach } from './view-quota.ts'
import { isRenditionAllowed, ViewerGate } from './viewer-gate.ts'
import type { ViewerSession } from './viewer-session.ts'
import { ViewerSessions } from './viewer-sessions.ts'
import { Views } from './views.ts'

/** What delivery needs. */
export type MediaRoutesOptions = {
  readonly live: LiveMediaDirectory
  readonly access: ViewerAccess
  /** What is shown in place of content; by default nothing. */
  readonly ads?: ViewerAds
  readonly sessionKeys: Pick<SessionKeys, 'current' | 'find'>
  /** Told at most once a minute for each account. Returns at once and never throws. */
  readonly onViewQuotaBreach: (breach: ViewQuotaBreach) => void
  readonly clock: Clock
  readonly logger: Logger
  /** Path of the public URL without a trailing slash, often empty. */
  readonly basePath: string
  /** Address of whoever sent a request, behind trusted proxies. */
  readonly viewerAddress: (request: IncomingMessage) => string
  /** Country of such an address, as ISO 3166-1 alpha-2; undefined when nobody knows. */
  readonly countryOf: (address: string) => string | undefined
  /** Longest time for one body, in milliseconds. */
  readonly maxBodyMs: number
  /** Most bytes of a growing body that may wait for one reader. */
  readonly maxReaderBacklogBytes: number
  /** Most views of all streams together; more get 429 at the multivariant playlist. */
  readonly maxViewers: number
  /** The same for the streams of one account. */
  readonly maxViewersPerAccount: number
}

/** A user agent is told apart by so many of its characters. */
const MAX_USER_AGENT_LENGTH = 128

/** Answers media requests. */
export class MediaRoutes {
  readonly #options: MediaRoutesOptions
  readonly #ads: ViewerAds
  readonly #feeds = new WeakMap<LiveRendition, RenditionFeed>()
  readonly #views: Views
  readonly #sessions: ViewerSessions
  readonly #gate: ViewerGate
  readonly #slowReaders: SlowReaders
  readonly #holding = new Holding()
  readonly #multivariant: MultivariantRoute
  readonly #renditions: RenditionRoutes

  constructor(options: MediaRoutesOptions) {
    const { live, access, clock, logger, basePath, viewerAddress } = options
    this.#options = options
    this.#ads = options.ads ?? NO_ADS
    this.#views = new Views(clock)
    this.#sessions = new ViewerSessions(options.sessionKeys, clock)
    this.#gate = new ViewerGate(this.#sessions, access)
    this.#slowReaders = new SlowReaders(clock, logger, {
      maxBodyMs: options.maxBodyMs,
      maxBacklogBytes: options.maxReaderBacklogBytes,
    })
    this.#multivariant = new MultivariantRoute({
      live,
      access,
      ads: this.#ads,
      boundedAccess: new BoundedAccess(access, clock, logger),
      sessions: this.#sessions,
      quota: new ViewQuota({
        views: this.#views,
        onBreach: options.onViewQuotaBreach,
        clock,
        maxPerAccount: options.maxViewersPerAccount,
        maxTotal: options.maxViewers,
      }),
      clock,
      basePath,
      viewerAddress,
    })
    this.#renditions = new RenditionRoutes({
      sharedRoot: sharedRoot(basePath),
      holding: this.#holding,
      slowReaders: this.#slowReaders,
      guard: (exchange, work) => this.#guard(exchange, work),
      isOver: (session, media) => this.#gate.isOver(session, media),
    })
  }

  /** Views of a stream now. */
  get viewerCount(): (streamId: string) => number {
    return this.#views.ofStream
  }

  /** The same by country, without those whose country nobody knows. */
  get viewersByCountry(): (streamId: string) => ReadonlyMap<string, number> {
    return this.#views.countriesOf
  }

  /** Readers dropped because they did not read. */
  get droppedReaders(): number {
    return this.#slowReaders.dropped
  }

  /** Call after a body was handed over to whoever may not read it. */
  readonly watchReader = (response: ServerResponse): void => this.#slowReaders.watch(response)

  /** Connections with a request held until its media exists, or until it is decided who may watch. */
  get heldConnections(): number {
    return this.#holding.connections
  }

  /** Answers `request` if it is for media; false when it is for someone else. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? ''
    if (!isMediaPath(url)) return false
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const exchange = { request, response, query: mark < 0 ? '' : url.slice(mark + 1), audience: EVERYONE }
    this.#guard(exchange, () => this.#answer(exchange, path))
    return true
  }

  /** Answers a request for a multivariant playlist that came by another address than the channel's own. Never throws. */
  open(request: IncomingMessage, response: ServerResponse, order: ViewingOrder): void {
    const exchange = { request, response, query: '', audience: EVERYONE }
    this.#guard(exchange, () => {
      if (this.#holding.isFlooding(request.socket)) request.socket.destroy()
      else void this.#ofChannel(exchange, order.channelArn, order)
    })
  }

  #answer(exchange: Exchange, url: string): void {
    const { request, response } = exchange
    if (request.method === 'OPTIONS') {
      answerPreflight(response)
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refuse(request, response, REFUSALS.method)
      return
    }
    if (this.#holding.isFlooding(request.socket)) {
      request.socket.destroy()
      return
    }
    this.#dispatch(exchange, parseMediaPath(url))
    this.#slowReaders.watch(response)
  }

  #dispatch(exchange: Exchange, path: MediaPath | undefined): void {
    if (!path) refuse(exchange.request, exchange.response, REFUSALS.notFound)
    else if (path.kind === 'multivariant') void this.#ofChannel(exchange, path.channelArn)
    else this.#ofRendition(exchange, path)
  }

  #guard({ response }: Exchange, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#fail(response, error)
    }
  }

  #fail(response: ServerResponse, error: unknown): void {
    this.#options.logger.error('media request failed', { err: error })
    response.destroy()
  }

  async #ofChannel(exchange: Exchange, channelArn: string, order?: ViewingOrder): Promise<void> {
    const release = this.#holding.hold(exchange.request.socket)
    try {
      await this.#multivariant.answer(exchange, channelArn, order)
    } catch (error) {
      this.#fail(exchange.response, error)
    } finally {
      release()
      this.#slowReaders.watch(exchange.response)
    }
  }

  #ofRendition(exchange: Exchange, path: RenditionPath): void {
    const { request, response } = exchange
    const media = this.#options.live.byStream(path.streamId)
    if (!media) {
      refuse(request, response, REFUSALS.notFound)
      return
    }
    const { sessionId } = path
    const admission = this.#gate.admit(media, { sessionId, origin: request.headers.origin })
    if (admission.kind === 'refused') {
      refuse(request, response, admission.refusal)
      return
    }
    const { session, audience } = admission
    const rendition = media.renditions.find((candidate) => candidate.name === path.rendition)
    if (!rendition) {
      refuse(request, response, REFUSALS.notFound)
    } else if (!isRenditionAllowed(rendition, session?.maximumResolution)) {
      refuse(request, response, REFUSALS.renditionTooLarge)
    } else {
      this.#countView(exchange, media, path, session)
      const reading = new Reading({
        media,
        rendition,
        sessionNumber: session?.number,
        ads: this.#ads,
        feedOf: (one) => this.#feed(media, one),
      })
      this.#renditions.answer({ ...exchange, audience, session }, reading, path)
    }
  }

  /**
   * Below a session's root every request tells who watches. Shared media tells nothing, so there the playlist counts: by
   * the session that its URL was given with, or else by where it is fetched from.
   */
  #countView(
    { request, query }: Exchange,
    media: LiveMedia,
    path: RenditionPath,
    session: ViewerSession | undefined,
  ): void {
    const { viewerAddress, countryOf } = this.#options
    const country = (): string | undefined => countryOf(viewerAddress(request))
    if (session) {
      this.#views.touch(media, session.number, country)
    } else if (path.kind === 'playlist') {
      const id = sessionArgument(query)
      const counted = id === undefined ? undefined : this.#sessions.find(id, media.streamId)
      this.#views.touch(media, counted?.number ?? this.#placeOf(request), country)
    }
  }

  #placeOf(request: IncomingMessage): string {
    const userAgent = request.headers['user-agent'] ?? ''
    return `${this.#options.viewerAddress(request)} ${userAgent.slice(0, MAX_USER_AGENT_LENGTH)}`
  }

  #feed(media: LiveMedia, rendition: LiveRendition): RenditionFeed {
    let feed = this.#feeds.get(rendition)
    if (!feed) {
      feed = new RenditionFeed({ media, rendition, clock: this.#options.clock })
      this.#feeds.set(rendition, feed)
    }
    return feed
  }
}
