/**
 * Decides what a viewer sees in a break by asking his channel's ad server.
 *
 * Requests are spread over the lead time, so that an ad server is not asked by all viewers at once, and bounded in number.
 * Whatever goes wrong, the viewer sees slate or content; it is counted, and noted for the sessions that are logged.
 *
 * Reference: ssai §3.2, §3.4, §7.4.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { AdSettings } from '../../domain/playback-configuration.ts'
import { sequenceAds } from '../../media/vast/ad-sequence.ts'
import { adsOf, type AdSlot } from '../../media/vast/ad-slot.ts'
import type { AdDecider, DecisionRequest } from '../ad-decider.ts'
import { CONTENT, type AdDecision } from '../ad-decision.ts'
import type { BeaconSink } from '../beacon.ts'
import type { CreativeLibrary } from '../creative-library.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { AdConversation, type Conversation } from './ad-conversation.ts'
import { AdRequestTemplate } from './ad-request.ts'
import { AnswerTimes } from './answer-times.ts'
import { chooseConfiguration, type AdSources } from './ad-sources.ts'
import type { AdSampleSink } from '../../domain/ad-metrics.ts'
import { chosenSuppression } from './chosen-suppression.ts'
import { DecisionCounters, type DecisionOutcome } from './decision-counters.ts'
import { DecisionGate, type GateLimits } from './decision-gate.ts'
import { cleanText, notesOf, type AdLog, type DecisionNotes } from './decision-log.ts'
import { sendErrorBeacons, skipBeacons } from './error-beacons.ts'
import { fillBreak } from './fill-break.ts'
import { withFilledFillers } from './filler-urls.ts'
import { filledAvail } from './filled-avail.ts'
import { OwnAd } from './own-ad.ts'
import { ReadingThread } from './reading-thread.ts'
import { ResponseReader } from './response-reader.ts'
import { SessionMarks } from './session-marks.ts'
import { SharedResolutions } from './shared-resolutions.ts'
import { fillablePart } from './suppression.ts'
import { TurnBudget } from './turn-budget.ts'

/** What a decider is made of. */
export type DeciderOptions = {
  readonly clock: Clock
  readonly logger: Logger
  readonly sources: Pick<AdSources, 'of' | 'named'>
  readonly outbound: Pick<OutboundClient, 'fetchBody'>
  readonly library: Pick<CreativeLibrary, 'request'>
  readonly beacons: BeaconSink
  readonly log: AdLog
  /** Takes what is measured; default none. */
  readonly onSample?: AdSampleSink
  readonly limits?: GateLimits
  /** From 0 up to, but not including, 1. */
  readonly random?: () => number
}

const DEFAULT_LIMITS: GateLimits = { maxInside: 512, maxWaiting: 100_000 }
/** Before the answer is of no use: what is known by then is used, and a slate may have to be read from the disk. */
const RESERVE_MS = 300
/** With less time than this an ad server is not asked any more. */
const MIN_CONVERSATION_MS = 250
/** Of one turn of the event loop, for beginning decisions and for reading answers each. */
const TURN_BUDGET_MS = 3

/** The decider of this server; whoever makes it closes it. */
export class AdServerDecider implements AdDecider, AsyncDisposable {
  readonly counters: DecisionCounters
  readonly #options: DeciderOptions
  readonly #random: () => number
  readonly #gate: DecisionGate
  readonly #beginnings: TurnBudget
  readonly #thread = new ReadingThread()
  readonly #reader: ResponseReader
  readonly #resolutions = new SharedResolutions()
  readonly #answerTimes = new AnswerTimes()
  /** As long as a configuration is remembered, so is what was made of it. */
  readonly #templates = new WeakMap<AdSettings, AdRequestTemplate>()

  constructor(options: DeciderOptions) {
    this.#options = options
    this.counters = new DecisionCounters(options.onSample)
    this.#random = options.random ?? Math.random
    this.#gate = new DecisionGate(options.clock, this.#random, options.limits ?? DEFAULT_LIMITS)
    this.#beginnings = new TurnBudget(options.clock, TURN_BUDGET_MS)
    this.#reader = new ResponseReader(this.#thread, new TurnBudget(options.clock, TURN_BUDGET_MS))
  }

  /** Decisions that wait and those under way. */
  get load(): { readonly waiting: number; readonly inside: number } {
    return this.#gate.load
  }

  readonly decide = async (request: DecisionRequest): Promise<AdDecision> => {
    const { outcome, decision } = await this.#settle(request)
    this.counters.settled(outcome)
    return decision
  }

  async #settle(request: DecisionRequest): Promise<Settled> {
    try {
      return await this.#decide(request)
    } catch (error) {
      this.#options.logger.warn('ad decision failed', {
        channelArn: request.viewer.channelArn,
        error: nameOf(error),
      })
      return { outcome: 'failed', decision: CONTENT }
    }
  }

  /** What comes of `work`; undefined when it is not done by the time the decision is due. */
  async #inTime<Result>(request: DecisionRequest, work: Promise<Result>): Promise<Result | undefined> {
    const { clock } = this.#options
    const due = Promise.withResolvers<undefined>()
    const timer = clock.after(Math.max(0, request.dueMonotonicMs - clock.monotonicMs()), () => {
      due.resolve(undefined)
    })
    try {
      return await Promise.race([work, due.promise])
    } finally {
      timer.cancel()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.close()
  }

  async #decide(request: DecisionRequest): Promise<Settled> {
    const forBreaks = await this.#inTime(request, this.#settingsFor(request))
    if (!forBreaks) return LATE
    const settings = request.adBreak.rollType === 'PREROLL' ? forBreaks.found?.preRoll : forBreaks.found
    const part = settings && fillablePart(chosenSuppression(settings, request), request)
    if (!settings || !part) return UNWANTED
    if (part === 'all') return this.#takeTurn(request, settings)
    const { durationMs, beginsAtMs: contentTimeMs } = part
    const { outcome, decision } = await this.#takeTurn({ ...request, durationMs, contentTimeMs }, settings)
    return { outcome, decision: { ...decision, part } }
  }

  async #takeTurn(request: DecisionRequest, settings: AdSettings): Promise<Settled> {
    const notes = notesOf(this.#options.log, request, settings)
    const share = `${request.viewer.accountId} ${settings.configurationName}`
    const entry = await this.#gate.enter({
      share,
      spreadMs: this.#spreadMs(request, settings),
      untilMonotonicMs: request.dueMonotonicMs - RESERVE_MS - MIN_CONVERSATION_MS,
    })
    if (entry !== 'entered') {
      notes('ERROR_PERSONALIZATION_DISABLED', { reason: entry })
      return entry === 'full' ? REFUSED : LATE
    }
    // Many may be let in at once: they are begun a few at a time, so that media is sent in between.
    const asked = this.#beginnings.run(async () => {
      try {
        return await this.#ask(request, settings, notes)
      } finally {
        this.#gate.leave(share)
      }
    })
    return (await this.#inTime(request, asked)) ?? LATE
  }

  async #settingsFor({ viewer }: DecisionRequest): Promise<{ readonly found: AdSettings | undefined }> {
    const { sources } = this.#options
    const { direct } = viewer.claims
    if (direct) return { found: await sources.named(viewer.accountId, direct.configurationName) }
    const ads = await sources.of(viewer.accountId, viewer.channelArn)
    if (!ads) return { found: undefined }
    const { settings, isNameUnknown } = chooseConfiguration(ads, viewer.claims.playbackConfigName)
    if (isNameUnknown) {
      this.counters.trouble('unknownConfigurations')
      this.#options.logger.debug('token names an unknown playback configuration', {
        channelArn: viewer.channelArn,
      })
    }
    return { found: settings }
  }

  /** None for who joins late: his break runs. The last requests still have time for a slow answer. */
  #spreadMs({ viewer, adBreak, dueMonotonicMs }: DecisionRequest, settings: AdSettings): number {
    const { clock } = this.#options
    const untilTargetMs = adBreak.targetStartMs - clock.nowMs()
    const untilDueMs = dueMonotonicMs - clock.monotonicMs()
    const reserveMs = this.#answerTimes.reserveMs(viewer.accountId, settings)
    return Math.max(0, Math.min(untilTargetMs, untilDueMs) - reserveMs)
  }

  async #ask(request: DecisionRequest, settings: AdSettings, notes: DecisionNotes): Promise<Settled> {
    const { clock, library, beacons } = this.#options
    const { configurationName } = settings
    const conversation = await this.#converse(request, settings, notes)
    const { slots, breakTracking, errorBeacons, marks } = conversation
    this.#countAnswer(request, settings, conversation)
    this.#answerTimes.observe(request.viewer.accountId, settings, conversation)
    const shared = fillBreak({
      request,
      settings: withFilledFillers(settings, request.viewer),
      library: { request: (source, profile) => library.request(marks.unmark(source), profile) },
      ads: sequenceAds(slots, settings.sequencing),
      breakTracking,
    })
    const decision = ownDecision(shared, marks)
    const urls = [...errorBeacons, ...skipBeacons(decision.skipped)]
    sendErrorBeacons(beacons, request, { configurationName, urls })
    // Too late: the viewer sees content, whatever was found.
    const isLate = clock.monotonicMs() > request.dueMonotonicMs
    const seen = isLate ? { ...CONTENT, skipped: decision.skipped } : decision
    this.#countDecision(request, settings, seen)
    notes('FILLED_AVAIL', () => filledAvail(request, seen, filledMsOf(seen)))
    return isLate ? LATE : { outcome: 'made', decision: { ...seen, configurationName } }
  }

  async #converse(
    request: DecisionRequest,
    settings: AdSettings,
    notes: DecisionNotes,
  ): Promise<Conversation> {
    const { clock, outbound } = this.#options
    const wish = this.#templateOf(settings).fill({
      request,
      aliases: settings.aliases,
      random: this.#random,
      nowMs: clock.nowMs(),
    })
    if (!wish) {
      notes('ERROR_DISALLOWED_HOST', { reason: 'a variable in the host is no alias' })
      return UNASKED
    }
    if (wish.unknownVariables.length > 0) {
      this.counters.trouble('unknownVariables', wish.unknownVariables.length)
      notes('WARNING_URL_VARIABLE_SUBSTITUTION_FAILED', { variables: wish.unknownVariables.map(cleanText) })
    }
    const nowMs = clock.monotonicMs()
    const conversation = new AdConversation(
      { outbound, reader: this.#reader, resolutions: this.#resolutions, clock, random: this.#random },
      {
        wish,
        viewer: request.viewer,
        requestTimeoutMs: settings.requestTimeoutMs,
        maxAtOnce: settings.maxConcurrentRequests,
        endMonotonicMs: Math.min(nowMs + settings.totalTimeoutMs, request.dueMonotonicMs - RESERVE_MS),
        notes,
      },
    )
    return conversation.run()
  }

  #templateOf(settings: AdSettings): AdRequestTemplate {
    const template = this.#templates.get(settings) ?? new AdRequestTemplate(settings)
    this.#templates.set(settings, template)
    return template
  }

  #countAnswer(
    { durationMs, viewer: { accountId } }: DecisionRequest,
    { configurationName }: AdSettings,
    { outcome, latencyMs, slots }: Conversation,
  ): void {
    const observe = (...sample: [Parameters<DecisionCounters['observe']>[1], number?]): void =>
      this.counters.observe({ accountId, configurationName }, ...sample)
    if (outcome !== 'answered') observe('AdDecisionServer.Errors')
    if (outcome === 'timeout') observe('AdDecisionServer.Timeouts')
    if (latencyMs !== undefined) observe('AdDecisionServer.Latency', latencyMs)
    const ads = adsOf(slots)
    const offeredMs = sum(ads.map((ad) => ad.durationMs))
    observe('AdDecisionServer.Ads', ads.length)
    observe('AdDecisionServer.Duration', offeredMs)
    observe('AdDecisionServer.FillRate', Math.min(1, offeredMs / durationMs))
  }

  #countDecision(
    { durationMs, viewer: { accountId } }: DecisionRequest,
    { configurationName }: AdSettings,
    decision: AdDecision,
  ): void {
    const filledMs = filledMsOf(decision)
    const configuration = { accountId, configurationName }
    this.counters.observe(configuration, 'Avail.Duration', durationMs)
    this.counters.observe(configuration, 'Avail.FilledDuration', filledMs)
    this.counters.observe(configuration, 'Avail.FillRate', Math.min(1, filledMs / durationMs))
    for (const { reason } of decision.skipped) this.counters.skipped(configuration, reason)
  }
}

type Settled = { readonly outcome: DecisionOutcome; readonly decision: AdDecision }

const LATE: Settled = { outcome: 'late', decision: CONTENT }
const REFUSED: Settled = { outcome: 'refused', decision: CONTENT }
const UNWANTED: Settled = { outcome: 'unwanted', decision: CONTENT }
const NO_SLOTS: readonly AdSlot[] = []
const UNASKED: Conversation = {
  slots: NO_SLOTS,
  failures: [],
  errorBeacons: [],
  breakTracking: [],
  marks: new SessionMarks([]),
  outcome: 'failed',
  latencyMs: undefined,
}

/** What was decided on the ads that sessions share, with the ads of one session. */
function ownDecision({ items, skipped }: AdDecision, marks: SessionMarks): AdDecision {
  return {
    items: items.map((item) => (item.kind === 'ad' ? { ...item, ad: new OwnAd(item.ad, marks) } : item)),
    skipped: skipped.map(({ ad, reason }) => ({ ad: new OwnAd(ad, marks), reason })),
  }
}

function filledMsOf({ items }: AdDecision): number {
  return sum(items.flatMap((item) => (item.kind === 'ad' ? item.creative.durationTicks / 90 : [])))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
