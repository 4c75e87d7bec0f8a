/**
 * Asks an ad server and whoever it sends on to, until all is known or there is no more time.
 *
 * Reference: ssai §3.2 (timeouts, hops), §4.4.
 */
import type { Clock } from '../../base/clock.ts'
import { AdResolver } from '../../media/vast/ad-resolver.ts'
import type {
  AdAnswer,
  AdFailure,
  AdFailureReason,
  AdRequest,
  AdResolution,
} from '../../media/vast/ad-resolver.ts'
import { fillMacros } from '../../media/vast/macros.ts'
import type { AdResponse } from '../../media/vast/vast-document.ts'
import { MAX_AD_RESPONSE_BYTES } from '../../media/vast/xml-reader.ts'
import type { OutboundClient, OutboundRequest } from '../outbound/outbound-client.ts'
import { OutboundError } from '../outbound/outbound-error.ts'
import { viewerHeaders, type AdWish } from './ad-request.ts'
import type { AdViewer } from '../ad-viewer.ts'
import type { AdLogEventType, DecisionNotes } from './decision-log.ts'
import { cleanText } from './decision-log.ts'
import type { ResponseReader } from './response-reader.ts'
import { SessionMarks } from './session-marks.ts'
import type { SharedResolutions } from './shared-resolutions.ts'

/** How the ad server itself answered. */
export type ServerOutcome = 'answered' | 'empty' | 'timeout' | 'failed'

/** What came of it; in slots and `breakTracking` marks stand for the session's values. */
export type Conversation = AdResolution & {
  readonly marks: SessionMarks
  readonly outcome: ServerOutcome
  /** Until the ad server's own answer, without wrappers; undefined when it was not asked or did not answer. */
  readonly latencyMs: number | undefined
}

/** What a conversation needs. */
export type ConversationTools = {
  readonly outbound: Pick<OutboundClient, 'fetchBody'>
  readonly reader: Pick<ResponseReader, 'read'>
  readonly resolutions: SharedResolutions
  readonly clock: Clock
  readonly random: () => number
}

/** What is asked, and how long that may take. */
export type ConversationWish = {
  readonly wish: AdWish
  readonly viewer: AdViewer
  readonly requestTimeoutMs: number
  /** Requests that are open at once; default 4. */
  readonly maxAtOnce?: number | undefined
  /** On the monotonic clock. */
  readonly endMonotonicMs: number
  readonly notes: DecisionNotes
}

/** Wrappers of one response that are asked at once. */
const MAX_AT_ONCE = 4
/** Less than this is not worth a request. */
const MIN_REQUEST_MS = 10

/** One ad request with everything that follows from it. */
export class AdConversation {
  readonly #tools: ConversationTools
  readonly #wish: ConversationWish
  readonly #resolver: AdResolver
  readonly #marks: SessionMarks
  readonly #done = Promise.withResolvers<undefined>()
  #underWay = 0
  /** Known when the ad server's own answer is all. */
  #resolution: AdResolution | undefined
  #outcome: ServerOutcome = 'timeout'
  #latencyMs: number | undefined

  constructor(tools: ConversationTools, wish: ConversationWish) {
    this.#tools = tools
    this.#wish = wish
    this.#marks = marksOf(wish.viewer)
    this.#resolver = new AdResolver(this.#marks.mark(wish.wish.url))
  }

  /** Never rejects. */
  async run(): Promise<Conversation> {
    const { clock } = this.#tools
    const timer = clock.after(this.#leftMs(), () => this.#done.resolve(undefined))
    this.#askMore()
    await this.#done.promise
    timer.cancel()
    const { slots, breakTracking, ...told } = this.#resolution ?? this.#resolver.finish()
    const { failures, errorBeacons } = this.#marks.unmark(told)
    for (const failure of failures) this.#noteFailure(failure)
    return {
      slots,
      breakTracking,
      failures,
      errorBeacons,
      marks: this.#marks,
      outcome: this.#outcome,
      latencyMs: this.#latencyMs,
    }
  }

  #leftMs(): number {
    return this.#wish.endMonotonicMs - this.#tools.clock.monotonicMs()
  }

  #askMore(): void {
    const { maxAtOnce = MAX_AT_ONCE } = this.#wish
    while (this.#underWay < maxAtOnce && this.#leftMs() > MIN_REQUEST_MS) {
      const request = this.#resolver.next()
      if (!request) break
      this.#underWay++
      void this.#ask(request).then((answer) => {
        this.#underWay--
        this.#accept(request, answer)
        this.#askMore()
      })
    }
    if (this.#underWay === 0) this.#done.resolve(undefined)
  }

  #accept(request: AdRequest, answer: AdAnswer): void {
    if (request.hop === 0 && answer.kind === 'read') {
      this.#resolution = this.#tools.resolutions.of(answer.response)
    }
    if (!this.#resolution) this.#resolver.accept(request, answer)
  }

  async #ask(request: AdRequest): Promise<AdAnswer> {
    const startMs = this.#tools.clock.monotonicMs()
    const answer = await this.#fetch(request)
    if (request.hop === 0) {
      this.#latencyMs = this.#tools.clock.monotonicMs() - startMs
      this.#outcome = outcomeOf(answer)
    }
    return answer
  }

  async #fetch(request: AdRequest): Promise<AdAnswer> {
    const { notes } = this.#wish
    const target = URL.parse(this.#marks.unmark(request.url))?.host ?? ''
    const isFirst = request.hop === 0
    notes(isFirst ? 'MAKING_ADS_REQUEST' : 'VAST_REDIRECT', { target, hop: request.hop })
    try {
      const { body, url, status } = await this.#tools.outbound.fetchBody(
        isFirst ? this.#firstRequest() : this.#nextRequest(request),
        MAX_AD_RESPONSE_BYTES,
      )
      const response = await this.#tools.reader.read(body, this.#marks)
      const sizeBytes = body.length
      notes(responseEvent(response, isFirst), { target, hop: request.hop, status, sizeBytes })
      return { kind: 'read', response, url: this.#marks.mark(url) }
    } catch (error) {
      const answer = failureAnswer(error)
      if (isFirst)
        notes(failureEvent(error), { target, ...(error instanceof OutboundError && { code: error.code }) })
      return answer
    }
  }

  #firstRequest(): OutboundRequest {
    const { url, method, headers, body } = this.#wish.wish
    return { url, method, headers, ...(body && { body }), ...this.#bounds() }
  }

  #nextRequest({ url }: AdRequest): OutboundRequest {
    const { viewer } = this.#wish
    const { clock, random } = this.#tools
    const filled = fillMacros(this.#marks.unmark(url), {
      nowMs: clock.nowMs(),
      random: random(),
      deviceIp: viewer.address,
      deviceUserAgent: viewer.userAgent,
      isServerSide: true,
    })
    return { url: filled, headers: viewerHeaders(viewer), ...this.#bounds() }
  }

  /** No request lasts longer than the conversation. */
  #bounds(): Pick<OutboundRequest, 'timeoutMs'> {
    return { timeoutMs: Math.min(this.#wish.requestTimeoutMs, Math.ceil(this.#leftMs())) }
  }

  #noteFailure({ adId, hop, code, reason }: AdFailure): void {
    const eventType = FAILURE_EVENTS[reason]
    const isTold = hop === 0 && (reason === 'timeout' || reason === 'unreachable' || reason === 'too-large')
    if (!isTold) this.#wish.notes(eventType, { adId: cleanText(adId), hop, code, reason })
  }
}

function marksOf({ sessionUuid, sessionNumber, claims }: AdViewer): SessionMarks {
  return new SessionMarks([sessionUuid, sessionNumber, ...Object.values(claims.playerParams ?? {})])
}

function outcomeOf(answer: AdAnswer): ServerOutcome {
  if (answer.kind === 'failed') return answer.reason === 'timeout' ? 'timeout' : 'failed'
  if (answer.kind === 'body') return answer.body.length > 0 ? 'answered' : 'empty'
  if (answer.response.kind === 'unreadable') return 'failed'
  return answer.response.kind === 'empty' ? 'empty' : 'answered'
}

function failureAnswer(error: unknown): AdAnswer {
  const code = error instanceof OutboundError ? error.code : undefined
  if (code === 'TIMEOUT') return { kind: 'failed', reason: 'timeout' }
  return { kind: 'failed', reason: code === 'TOO_LARGE' ? 'too-large' : 'unreachable' }
}

function failureEvent(error: unknown): AdLogEventType {
  if (!(error instanceof OutboundError)) return 'ERROR_UNKNOWN'
  switch (error.code) {
    case 'TIMEOUT':
      return 'ERROR_ADS_TIMEOUT'
    case 'BLOCKED_TARGET':
      return 'ERROR_DISALLOWED_HOST'
    case 'TOO_LARGE':
    case 'HTTP_STATUS':
      return 'ERROR_ADS_INVALID_RESPONSE'
    case 'NETWORK':
    case 'REDIRECTS':
    case 'TOO_BUSY':
      return isUnknownHost(error) ? 'ERROR_UNKNOWN_HOST' : 'ERROR_ADS_IO'
  }
}

function isUnknownHost({ cause }: OutboundError): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOTFOUND'
}

function responseEvent(response: AdResponse, isFirst: boolean): AdLogEventType {
  if (response.kind === 'vmap' && !response.adBreak) return 'EMPTY_VMAP_RESPONSE'
  const isEmpty =
    response.kind === 'empty' || (response.kind === 'vast' && response.document.ads.length === 0)
  if (isEmpty) return isFirst ? 'EMPTY_VAST_RESPONSE' : 'ERROR_VAST_REDIRECT_EMPTY_RESPONSE'
  return isFirst ? 'VAST_RESPONSE' : 'REDIRECTED_VAST_RESPONSE'
}

const FAILURE_EVENTS: Readonly<Record<AdFailureReason, AdLogEventType>> = {
  timeout: 'ERROR_VAST_REDIRECT_FAILED',
  unreachable: 'ERROR_VAST_REDIRECT_FAILED',
  'too-large': 'ERROR_VAST_REDIRECT_FAILED',
  malformed: 'ERROR_ADS_RESPONSE_PARSE',
  'unknown-root': 'ERROR_ADS_RESPONSE_UNKNOWN_ROOT_ELEMENT',
  'version-unsupported': 'ERROR_ADS_INVALID_RESPONSE',
  'no-ads': 'WARNING_NO_ADVERTISEMENTS',
  'wrapper-not-allowed': 'ERROR_VAST_REDIRECT_FAILED',
  'too-many-wrappers': 'ERROR_VAST_REDIRECT_FAILED',
  'wrapper-loop': 'ERROR_VAST_REDIRECT_FAILED',
  'bad-ad-tag-uri': 'ERROR_VAST_INVALID_VAST_AD_TAG_URI',
  'break-unusable': 'ERROR_ADS_INVALID_RESPONSE',
  'no-inline-or-wrapper': 'ERROR_ADS_INVALID_RESPONSE',
  'no-ad-tag-uri': 'ERROR_VAST_INVALID_VAST_AD_TAG_URI',
  'no-creatives': 'ERROR_VAST_MISSING_CREATIVES',
  'no-linear': 'ERROR_VAST_MISSING_CREATIVES',
  'no-duration': 'ERROR_VAST_MISSING_CREATIVES',
  'no-media-files': 'ERROR_VAST_MISSING_MEDIAFILES',
  'media-files-unusable': 'ERROR_VAST_INVALID_MEDIA_FILE',
  'scripts-only': 'WARNING_VPAID_AD_DROPPED',
}
