/**
 * Answers players that speak MediaTailor: begins their sessions, and leads them to the viewing sessions that everybody
 * has.
 *
 * What a session watches is a channel, its asset; ads come from the configuration in its address. Its multivariant
 * playlist is delivery's, under the channel's own rules of access; media playlists and segments are those of the viewing
 * session, and addresses of MediaTailor's own form lead there.
 *
 * Reference: ssai §3.1, §3.8, §3.10.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { AdMetricName, AdSampleSink } from '../../domain/ad-metrics.ts'
import type { PlaybackConfigurationStore } from '../../domain/stores.ts'
import type { AdsClaims } from '../../domain/viewer-access.ts'
import type { ViewingOrder } from '../../domain/viewing-order.ts'
import { parseTrackingToken, trackingDocument } from '../beacons/tracking-document.ts'
import { uuidOf } from '../session-uuid.ts'
import type { PlacedAvail } from '../beacons/tracking-avail.ts'
import { parseCreativePath, type CreativeAddress } from './creative-address.ts'
import type { CreativeRoutes } from './creative-routes.ts'
import type { Interstitials } from './interstitials.ts'
import { parsePlayerAddress, playerPath, type PlayerAddress } from './player-address.ts'
import {
  answerPreflight,
  errorTypeOf,
  redirect,
  sendError,
  sendJson,
  type PlayerExchange,
} from './player-answers.ts'
import type { PlayerLog, PlayerLogEventType } from './player-log.ts'
import { PlayerRefusal, refuse } from './player-refusal.ts'
import { PlayerSessions, type PlayerSession, type PlayerSessionsOptions } from './player-sessions.ts'
import { readBody } from './request-body.ts'
import { channelOfAsset, startSession } from './session-start.ts'
import { parametersOfBody, parametersOfQuery, type ReadParameters } from './session-parameters.ts'

/** What the routes need. */
export type PlayerRoutesOptions = PlayerSessionsOptions & {
  readonly clock: Clock
  readonly logger: Logger
  /** Path of the public URL without a trailing slash, often empty. */
  readonly basePath: string
  readonly configurations: Pick<PlaybackConfigurationStore, 'findByAddress'>
  /** The channel whose playback URL has this path; undefined when it is none. */
  readonly channelOf: (path: string) => string | undefined
  /** Answers with the multivariant playlist of a viewing session. */
  readonly openViewing: (request: IncomingMessage, response: ServerResponse, order: ViewingOrder) => void
  /** The ads in a session's windows. */
  readonly avails: (streamId: string, sessionNumber: string) => readonly PlacedAvail[]
  readonly interstitials: Pick<Interstitials, 'list' | 'fetched'>
  readonly creatives: Pick<CreativeRoutes, 'answer'>
  /** Told of each answer, whose reader may not read it. */
  readonly watchReader: (response: ServerResponse) => void
  readonly log: PlayerLog
  readonly onSample: AdSampleSink
}

type Asked = PlayerExchange & {
  readonly address: PlayerAddress
  readonly query: URLSearchParams
  /** Whose request it is, once that is known. */
  subject: Pick<PlayerSession, 'accountId' | 'configurationName'> | undefined
  session: PlayerSession | undefined
}

const READ_METHODS: readonly string[] = ['GET', 'HEAD']
const METHODS: readonly string[] = [...READ_METHODS, 'POST']
const SESSION_PLAYLIST = /^([0-9a-f-]{36})\/([0-9]{1,2})\.m3u8$/
const SESSION_SEGMENT = /^([0-9a-f-]{36})\/([0-9]{1,2})\/([0-9]{1,9})$/
const SESSION = /^[0-9a-f-]{36}$/
const SESSION_INTERSTITIAL = /^([0-9a-f-]{36})\/(.{1,128})$/
/** The sealed report, the number of the rendition, and that of the segment. */
const REPORTED_SEGMENT = /^([A-Za-z0-9_-]{48,})\/[0-9]{1,2}\/([0-9]{1,3})$/
/** `_HLS_…` says which media is meant; anything else of the query stays here. */
const DELIVERY_DIRECTIVE = /^_HLS_/

function unknownSession(): PlayerRefusal {
  const message = 'the session is unknown here or has expired: begin a new one'
  return new PlayerRefusal({ type: 'BadRequestException', message })
}

/** The routes of one server. */
export class PlayerRoutes {
  readonly #options: PlayerRoutesOptions
  readonly #sessions: PlayerSessions

  constructor(options: PlayerRoutesOptions) {
    this.#options = options
    this.#sessions = new PlayerSessions(options)
  }

  /** Answers `request` if it is at one of MediaTailor's addresses; false when it is for someone else. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? ''
    const mark = url.indexOf('?')
    const path = mark < 0 ? url : url.slice(0, mark)
    const creative = parseCreativePath(path)
    if (creative) {
      const exchange = { request, response }
      void this.#answer(exchange, READ_METHODS, () => this.#creative(exchange, creative))
      return true
    }
    const address = parsePlayerAddress(path)
    if (!address) return false
    const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1))
    const asked: Asked = { request, response, address, query, subject: undefined, session: undefined }
    const startMs = this.#options.clock.monotonicMs()
    response.once('finish', () => this.#observe(asked, this.#options.clock.monotonicMs() - startMs))
    void this.#answer(asked, METHODS, () => this.#route(asked))
    return true
  }

  #observe({ address, response, subject, session }: Asked, latencyMs: number): void {
    if (!subject) return
    const { accountId, configurationName } = subject
    const sample = (metric: AdMetricName, value: number): void =>
      this.#options.onSample({ metric, accountId, configurationName, adTrackingDomain: undefined, value })
    sample('Requests', 1)
    if (address.kind !== 'master' && address.kind !== 'manifest') return
    sample('GetManifest.Latency', latencyMs)
    if (response.statusCode >= 400) sample('GetManifest.Errors', 1)
    else if (session && address.kind === 'master') this.#note('GENERATED_MANIFEST', session)
  }

  #note(
    eventType: PlayerLogEventType,
    session: PlayerSession,
    fields: Readonly<Record<string, string | number>> = {},
  ): void {
    const { accountId, configurationName, channelArn, number } = session
    const subject = { accountId, configurationName, channelArn, sessionUuid: uuidOf(number) }
    this.#options.log({ eventType, ...subject, fields })
  }

  async #answer(
    exchange: PlayerExchange,
    methods: readonly string[],
    work: () => Promise<void>,
  ): Promise<void> {
    try {
      const { method = '' } = exchange.request
      if (method === 'OPTIONS') answerPreflight(exchange)
      else if (methods.includes(method)) await work()
      else refuse('MethodNotAllowedException', `${method} is not allowed`)
    } catch (error) {
      if (error instanceof PlayerRefusal) {
        sendError(exchange, error)
        return
      }
      // Whoever went away while his body was read has no answer to get.
      if (exchange.request.destroyed && exchange.response.destroyed) return
      this.#options.logger.error('request of a player failed', { err: error })
      sendError(exchange, { type: 'InternalServiceError', message: 'internal error' })
    } finally {
      this.#options.watchReader(exchange.response)
    }
  }

  async #creative(exchange: PlayerExchange, address: CreativeAddress): Promise<void> {
    const isAnswered = await this.#options.creatives.answer(exchange, address)
    if (!isAnswered) refuse('NotFoundException', 'there is no such creative, or not any more')
  }

  async #route(asked: Asked): Promise<void> {
    switch (asked.address.kind) {
      case 'session':
        await this.#beginExplicit(asked)
        break
      case 'master':
        await this.#master(asked)
        break
      case 'manifest':
        this.#manifest(asked)
        break
      case 'segment':
        await this.#segment(asked)
        break
      case 'tracking':
        await this.#tracking(asked)
        break
      case 'interstitials':
        await this.#interstitial(asked)
        break
      case 'dash':
      case 'dashsegment':
        refuse('NotFoundException', `/v1/${asked.address.kind}/ is not offered: begin at /v1/master/`)
    }
  }

  async #beginExplicit(asked: Asked): Promise<void> {
    const { request, query } = asked
    const read =
      request.method === 'POST'
        ? parametersOfBody(await bodyOf(request))
        : parametersOfQuery(query, 'explicit')
    const session = await this.#begin(asked, read)
    const link = new URLSearchParams({ 'aws.sessionId': session.uuid, ...session.manifestParams })
    const { basePath } = this.#options
    const { address } = asked
    sendJson(asked, {
      manifestUrl: `${playerPath(basePath, { ...address, kind: 'master' })}?${link.toString()}`,
      trackingUrl: playerPath(basePath, { ...address, kind: 'tracking', rest: session.uuid }),
    })
  }

  async #begin(asked: Asked, read: ReadParameters): Promise<PlayerSession> {
    const { address, query } = asked
    const { configurations, channelOf } = this.#options
    const { accountHash, configurationName } = address
    const configuration = await configurations.findByAddress(accountHash, configurationName)
    if (!configuration) refuse('NotFoundException', 'there is no such playback configuration')
    asked.subject = { accountId: configuration.accountId, configurationName }
    const started = startSession(address, configuration, { read, token: query.get('token'), channelOf })
    const session = this.#sessions.begin(started.place, started.parameters)
    asked.session = session
    const { isGuided, reportingMode } = session
    const insertionMode = isGuided ? 'GUIDED' : 'STITCHED'
    this.#note('SESSION_INITIALIZED', session, { insertionMode, reportingMode })
    return session
  }

  async #master(asked: Asked): Promise<void> {
    const { request, response, address, query } = asked
    const uuid = query.get('aws.sessionId')
    const session =
      uuid === null ? await this.#begin(asked, parametersOfQuery(query, 'implicit')) : this.#find(asked, uuid)
    const { channelOf } = this.#options
    if (session.channelArn !== channelOfAsset(address.rest, channelOf)) throw unknownSession()
    if (response.destroyed) return
    this.#options.openViewing(request, response, {
      channelArn: session.channelArn,
      token: query.get('token') ?? session.token,
      sessionNumber: session.number,
      playlistQuery: new URLSearchParams(session.manifestParams).toString(),
      guidedBy: session.isGuided ? session : undefined,
      claims: (signed) => this.#claims(session, signed),
      onOpened: (viewing) => (session.viewing = viewing),
      refuse: ({ status, text }) => sendError(asked, { type: errorTypeOf(status), message: text }),
    })
  }

  /** What a token says is signed, so it wins; how ads are reported is the player's own matter here. */
  #claims(session: PlayerSession, signed: AdsClaims): AdsClaims {
    const { playerParams, reportingMode, isGuided, isGuidedAhead, accountHash, uuid } = session
    const { configurationName, preRollSeconds, suppression } = session
    const address = { kind: 'interstitials', accountHash, configurationName, rest: uuid } as const
    const interstitialsPath = isGuided ? playerPath(this.#options.basePath, address) : undefined
    return {
      ...signed,
      playerParams: { ...playerParams, ...signed.playerParams },
      reportingMode,
      direct: { configurationName, interstitialsPath, isGuidedAhead, preRollSeconds, suppression },
    }
  }

  #find(asked: Asked, uuid: string): PlayerSession {
    const session = this.#sessions.find(uuid, asked.address)
    if (!session) throw unknownSession()
    asked.subject = session
    asked.session = session
    return session
  }

  #manifest(asked: Asked): void {
    const [, uuid = '', number] = SESSION_PLAYLIST.exec(asked.address.rest) ?? []
    const directives = new URLSearchParams(
      [...asked.query].filter(([name]) => DELIVERY_DIRECTIVE.test(name)),
    ).toString()
    const path = this.#playlistPath(asked, uuid, number)
    redirect(asked, directives === '' ? path : `${path}?${directives}`)
  }

  /** Whatever is due with a segment of a session is reported when it is fetched where this leads. */
  async #segment(asked: Asked): Promise<void> {
    const [, sealed, segment] = REPORTED_SEGMENT.exec(asked.address.rest) ?? []
    if (sealed !== undefined) {
      await this.#reportedSegment(asked, sealed, Number(segment))
      return
    }
    const [, uuid = '', number, msn = ''] = SESSION_SEGMENT.exec(asked.address.rest) ?? []
    const path = this.#playlistPath(asked, uuid, number)
    redirect(asked, path.replace(/\/playlist\/(.*)\.m3u8$/, `/segment/$1/${msn}.ts`))
  }

  async #reportedSegment(asked: Asked, sealed: string, segment: number): Promise<void> {
    const { interstitials, basePath } = this.#options
    const { accountHash } = asked.address
    const file = asked.query.get('aws.segmentRelativePath') ?? ''
    const reported = { accountHash, sealed, segment, file }
    const media = await interstitials.fetched(reported, asked.request.method === 'GET')
    if (!media) refuse('BadRequestException', 'there is no such segment of an ad')
    asked.subject = media
    redirect(asked, basePath + media.path)
  }

  #playlistPath(asked: Asked, uuid: string, number: string | undefined): string {
    const paths = this.#find(asked, uuid).viewing?.playlistPaths
    return (
      paths?.[Number(number)] ?? refuse('NotFoundException', 'the session has no such playlist, or none yet')
    )
  }

  async #tracking(asked: Asked): Promise<void> {
    const { clock, avails } = this.#options
    const { request, address } = asked
    if (!SESSION.test(address.rest)) throw unknownSession()
    const token = request.method === 'POST' ? nextTokenOf(await bodyOf(request)) : undefined
    const nowMs = clock.nowMs()
    const after = token === undefined ? undefined : parseTrackingToken(token, nowMs)
    if (after && after.kind !== 'valid') refuse('BadRequestException', `the NextToken is ${after.kind}`)
    const session = this.#find(asked, address.rest)
    const { viewing, number } = session
    const shown = viewing ? avails(viewing.streamId, number) : []
    this.#note('TRACKING_RESPONSE', session, { avails: shown.length })
    sendJson(asked, trackingDocument(shown, { after: after?.position, nowMs }))
  }

  async #interstitial(asked: Asked): Promise<void> {
    const [, uuid = '', what = ''] = SESSION_INTERSTITIAL.exec(asked.address.rest) ?? []
    const session = this.#find(asked, uuid)
    const list = await this.#options.interstitials.list(session, what)
    if (!list) refuse('NotFoundException', 'there is no such interstitial')
    sendJson(asked, list)
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const body = await readBody(request)
  return body ?? refuse('BadRequestException', 'the body is too long')
}

function nextTokenOf(body: string): string | undefined {
  if (body.trim() === '') return undefined
  try {
    const json = JSON.parse(body) as { readonly NextToken?: unknown } | null
    const token = json?.NextToken
    if (token === undefined || token === null || token === '') return undefined
    if (typeof token === 'string') return token
  } catch {
    // Said below.
  }
  return refuse('BadRequestException', 'the body must be a JSON object with a NextToken')
}
