/**
 * The multivariant playlist: the one request at which it is decided who watches, and a viewing session begins.
 *
 * Without lasting rules the playlist leads to the shared URLs, and the session id goes along only to be counted. A guarded
 * stream, or a viewer with rules or ads of his own, gets URLs that carry the session id in their path.
 *
 * Spec: reference ivs-behaviour §6.1–6.4, §7.
 */
import type { IncomingMessage } from 'node:http'
import type { Clock } from '../base/clock.ts'
import type { LiveMedia, LiveMediaDirectory } from '../domain/live.ts'
import type { AccessOutcome, ViewerAccess, ViewerRules } from '../domain/viewer-access.ts'
import type { NewViewer, ViewerAds } from '../domain/viewer-ads.ts'
import type { GuidingConfiguration, ViewingOrder } from '../domain/viewing-order.ts'
import { printMultivariantPlaylist } from '../media/m3u8/multivariant-playlist.ts'
import { compressible, sendText, type BodyKind, type Exchange } from './answers.ts'
import { audienceOf } from './audience.ts'
import type { BoundedAccess } from './bounded-access.ts'
import { isListed, liveMultivariant } from './live-multivariant.ts'
import { countedPlaylistPath, PLAYLIST_TYPE, playlistPath, sessionRoot, sharedRoot } from './media-path.ts'
import { refuse, REFUSALS, type MediaRefusal } from './refusals.ts'
import type { ViewQuota } from './view-quota.ts'
import { isRenditionAllowed } from './viewer-gate.ts'
import { hasLastingRules } from './viewer-session.ts'
import type { ViewerSessions } from './viewer-sessions.ts'

/** What the route needs. */
export type MultivariantRouteOptions = {
  readonly live: Pick<LiveMediaDirectory, 'byChannel'>
  readonly access: Pick<ViewerAccess, 'isGuarded'>
  readonly ads: Pick<ViewerAds, 'wants' | 'open'>
  readonly boundedAccess: BoundedAccess
  readonly sessions: ViewerSessions
  readonly quota: ViewQuota
  readonly clock: Clock
  /** Path of the public URL without a trailing slash, often empty. */
  readonly basePath: string
  /** Address of whoever sent a request, behind trusted proxies. */
  readonly viewerAddress: (request: IncomingMessage) => string
}

/** Per viewer, so no cache may keep it. */
const KIND: BodyKind = { contentType: PLAYLIST_TYPE, cacheControl: { shared: 'no-store', own: 'no-store' } }

/** Characters of a header that ad servers are told of. */
const MAX_HEADER_LENGTH = 512

/** Answers requests for multivariant playlists. */
export class MultivariantRoute {
  readonly #options: MultivariantRouteOptions

  constructor(options: MultivariantRouteOptions) {
    this.#options = options
  }

  /**
   * Decides and answers; resolves when that is done.
   *
   * @param order of who did not come by the channel's own address.
   */
  async answer(exchange: Exchange, channelArn: string, order?: ViewingOrder): Promise<void> {
    const { response } = exchange
    const media = this.#options.live.byChannel(channelArn)
    const hindrance = media ? this.#hindrance(media) : REFUSALS.channelOffline
    if (!media || hindrance) {
      refuseTo(exchange, hindrance ?? REFUSALS.channelOffline, order)
      return
    }
    const outcome = await this.#authorize(exchange, media, order)
    if (response.destroyed) return
    if (outcome.kind === 'refused') {
      refuseTo(exchange, { status: outcome.status, code: outcome.code, text: outcome.message }, order)
    } else if (this.#options.live.byChannel(channelArn) !== media) {
      refuseTo(exchange, REFUSALS.channelOffline, order)
    } else {
      const { rules } = outcome
      this.#send(exchange, media, order ? { ...rules, ads: order.claims(rules.ads ?? {}) } : rules, order)
    }
  }

  #hindrance(media: LiveMedia): MediaRefusal | undefined {
    return this.#options.quota.isFull(media.channel.accountId) ? REFUSALS.tooManyViewers : undefined
  }

  #authorize(
    { request, query }: Exchange,
    media: LiveMedia,
    order: ViewingOrder | undefined,
  ): Promise<AccessOutcome> {
    return this.#options.boundedAccess.authorize({
      stream: media,
      token: order ? order.token : (new URLSearchParams(query).get('token') ?? undefined),
      origin: request.headers.origin,
      viewerAddress: this.#options.viewerAddress(request),
    })
  }

  #send(exchange: Exchange, media: LiveMedia, rules: ViewerRules, order: ViewingOrder | undefined): void {
    const { request } = exchange
    const { sessions, ads, clock, viewerAddress } = this.#options
    const allowAudioOnly = new URLSearchParams(exchange.query).get('allow_audio_only') === 'true'
    const renditions = media.renditions.filter(
      (one) => isListed(one, { allowAudioOnly }) && isRenditionAllowed(one, rules.maximumResolution),
    )
    const { id, session } = sessions.open(media.streamId, rules, order?.sessionNumber)
    const hasAds = ads.wants(media, rules.ads ?? {})
    const isPersonal = hasAds || order !== undefined || hasLastingRules(rules)
    const playlistUri = this.#playlistUri(media, isPersonal, id, order?.guidedBy)
    const playlist = liveMultivariant(
      { ...media, renditions },
      {
        playlistUri: order?.playlistQuery
          ? (name) => `${playlistUri(name)}?${order.playlistQuery}`
          : playlistUri,
        nowMs: clock.nowMs(),
        viewerAddress: viewerAddress(request),
        sessionNumber: session.number,
      },
    )
    if (playlist.variants.length === 0) {
      refuseTo(exchange, REFUSALS.renditionTooLarge, order)
      return
    }
    if (hasAds) {
      const viewer = {
        sessionNumber: session.number,
        address: viewerAddress(request),
        claims: rules.ads ?? {},
      }
      ads.open(media, newViewer(request, viewer))
    }
    const playlistPaths = playlist.variants.map(({ uri }) => uri.split('?', 1)[0] ?? uri)
    order?.onOpened({ streamId: media.streamId, playlistPaths })
    const audience = audienceOf(session, request.headers.origin)
    sendText({ ...exchange, audience }, KIND, compressible(printMultivariantPlaylist(playlist)))
  }

  #playlistUri(
    media: LiveMedia,
    isPersonal: boolean,
    sessionId: string,
    guidedBy: GuidingConfiguration | undefined,
  ): (rendition: string) => string {
    const { access, basePath } = this.#options
    const { streamId } = media
    if (isPersonal || access.isGuarded(media)) {
      const root = sessionRoot(basePath, sessionId, guidedBy)
      return (rendition) => playlistPath({ root, streamId, rendition })
    }
    const root = sharedRoot(basePath)
    return (rendition) => countedPlaylistPath({ root, streamId, rendition }, sessionId)
  }
}

function refuseTo(
  { request, response }: Exchange,
  refusal: MediaRefusal,
  order: ViewingOrder | undefined,
): void {
  if (order) order.refuse(refusal)
  else refuse(request, response, refusal)
}

function newViewer(
  { headers }: IncomingMessage,
  viewer: Pick<NewViewer, 'sessionNumber' | 'address' | 'claims'>,
): NewViewer {
  return {
    ...viewer,
    userAgent: shortened(headers['user-agent']),
    referer: shortened(headers.referer),
    acceptLanguage: shortened(headers['accept-language']),
  }
}

/** Copied, so that the request it came with is not held by it. */
function shortened(header: string | undefined): string {
  return header === undefined
    ? ''
    : Buffer.from(header.slice(0, MAX_HEADER_LENGTH), 'latin1').toString('latin1')
}
