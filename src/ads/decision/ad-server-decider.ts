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
import type { AdDecider, DecisionRequest, PrefetchedAds } from '../ad-decider.ts'
import { CONTENT, type AdDecision, type BreakPart } from '../ad-decision.ts'
import type { AdPrefetcher, PrefetchWish } from '../ad-prefetcher.ts'
import type { AdViewer } from '../ad-viewer.ts'
import type { BeaconSink } from '../beacon.ts'
import type { CreativeLibrary } from '../creative-library.ts'
import type { OutboundClient } from '../outbound/outbound-client.ts'
import { AdConversation, type Conversation } from './ad-conversation.ts'
import { AdRequestTemplate } from './ad-request.ts'
import { AnswerTimes } from './answer-times.ts'
import { chooseConfiguration, type AdSources } from './ad-sources.ts'
import type { AdSampleSink } from '../../domain/ad-metrics.ts'
import { chosenSuppression } from './chosen-suppression.ts'
import { countAnswer, countDecision, countOffer, filledMsOf } from './counted-decision.ts'
import { DecisionCounters, type DecisionOutcome, type PrefetchOutcome } from './decision-counters.ts'
import { DecisionGate, type Entry, type GateLimits } from './decision-gate.ts'
import { cleanText, notesOf, type AdLog, type DecisionNotes } from './decision-log.ts'
import { sendErrorBeacons, skipBeacons } from './error-beacons.ts'
import { fillBreak } from './fill-break.ts'
import { withFilledFillers } from './filler-urls.ts'
import { filledAvail } from './filled-avail.ts'
import { OwnAd } from './own-ad.ts'
import { PrefetchedAnswers, requestAhead } from './prefetched-answers.ts'
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
export class AdServerDecider implements AdDecider, AdPrefetcher, AsyncDisposable {
  readonly counters: DecisionCounters
  readonly #options: DeciderOptions
  readonly #random: () => number
  readonly #gate: DecisionGate
  readonly #beginnings: TurnBudget
  readonly #thread = new ReadingThread()
  readonly #reader: ResponseReader
  readonly #resolutions = new SharedResolutions()
  readonly #answerTimes = new AnswerTimes()
  readonly #prefetched = new PrefetchedAnswers()
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

  /** Thousands wait for their turn in this one function: each further call that waits would keep half a kilobyte for each. */
  readonly decide = async (request: DecisionRequest): Promise<AdDecision> => {
    try {
      const asking = await this.#askingFor(request)
      if ('outcome' in asking) return this.#settled(asking)
      const known = this.#prefetched.take(asking.request, asking.settings.configurationName)
      if (known) return this.#settled(await this.#use(asking, known))
      const entry = await this.#enter(asking, this.#spreadMs(asking.request, asking.settings))
      const turn = async (): Promise<Settled> => this.#fill(asking, await this.#ask(asking))
      return this.#settled(settledOf(await this.#inTurn(asking, entry, turn)))
    } catch (error) {
      this.#warn(request.viewer, error)
      return this.#settled({ outcome: 'failed', decision: CONTENT })
    }
  }

  readonly prefetch = async (wish: PrefetchWish): Promise<PrefetchedAds | undefined> => {
    const { outcome, ads } = await this.#askAhead(wish).catch((error: unknown): SettledAhead => {
      this.#warn(wish.viewer, error)
      return { outcome: 'failed' }
    })
    this.counters.prefetched(outcome)
    return ads
  }

  #warn({ channelArn }: AdViewer, error: unknown): void {
    this.#options.logger.warn('ad decision failed', { channelArn, error: nameOf(error) })
  }

  /** What comes of `work`; undefined when it is not done by the time the decision is due. */
  #inTime<Result>({ dueMonotonicMs }: DecisionRequest, work: Promise<Result>): Promise<Result | undefined> {
    const { clock } = this.#options
    // Thousands at once: `Promise.race` would make twice as many objects.
    return new Promise((resolve, reject) => {
      const timer = clock.after(Math.max(0, dueMonotonicMs - clock.monotonicMs()), () => resolve(undefined))
      work.then(resolve, reject).finally(() => timer.cancel())
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.close()
  }

  #settled({ outcome, decision }: Settled): AdDecision {
    this.counters.settled(outcome)
    return decision
  }

  /** Who is to be asked for what, or what there is to say at once. */
  async #askingFor(request: DecisionRequest): Promise<Asking | Settled> {
    const forBreaks = await this.#inTime(request, this.#settingsFor(request))
    if (!forBreaks) return LATE
    const settings = request.adBreak.rollType === 'PREROLL' ? forBreaks.found?.preRoll : forBreaks.found
    const part = settings && fillablePart(chosenSuppression(settings, request), request)
    if (!settings || !part) return UNWANTED
    const notes = notesOf(this.#options.log, request, settings)
    if (part === 'all') return { request, settings, notes }
    const { durationMs, beginsAtMs: contentTimeMs } = part
    return { request: { ...request, durationMs, contentTimeMs }, settings, notes, part }
  }

  async #use(asking: Asking, known: Conversation): Promise<Settled> {
    this.counters.prefetchUsed()
    const filled = this.#beginnings.run(() => this.#fill(asking, known))
    return (await this.#inTime(asking.request, filled)) ?? LATE
  }

  #enter({ request, settings }: Asking, spreadMs: number): Promise<Entry> {
    const untilMonotonicMs = request.dueMonotonicMs - RESERVE_MS - MIN_CONVERSATION_MS
    return this.#gate.enter({ share: shareOf(request, settings), spreadMs, untilMonotonicMs })
  }

  /** What comes of `work`, for one who waited for his turn. */
  async #inTurn<Result>(
    { request, settings, notes }: Asking,
    entry: Entry,
    work: () => Promise<Result>,
  ): Promise<Result | Exclude<Entry, 'entered'>> {
    if (entry !== 'entered') {
      notes('ERROR_PERSONALIZATION_DISABLED', { reason: entry })
      return entry
    }
    // Many may be let in at once: they are begun a few at a time, so that media is sent in between.
    const done = this.#beginnings.run(async () => {
      try {
        return await work()
      } finally {
        this.#gate.leave(shareOf(request, settings))
      }
    })
    return (await this.#inTime(request, done)) ?? 'too-late'
  }

  async #askAhead(wish: PrefetchWish): Promise<SettledAhead> {
    const { clock, log, beacons } = this.#options
    const request = requestAhead(wish, clock)
    const { configurationName } = wish.plan
    const settings = (await this.#settingsFor(request)).found?.prefetch
    if (settings?.configurationName !== configurationName) return { outcome: 'unwanted' }
    const asking = { request, settings, notes: notesOf(log, request, settings) }
    const entry = await this.#enter(asking, wish.spreadMs)
    const answer = await this.#inTurn(asking, entry, () => this.#ask(asking))
    if (answer === 'full') return { outcome: 'refused' }
    if (answer === 'too-late') return { outcome: 'late' }
    sendErrorBeacons(beacons, request, { configurationName, urls: answer.errorBeacons })
    if (adsOf(answer.slots).length === 0) {
      const isAnswered = answer.outcome === 'answered' || answer.outcome === 'empty'
      return { outcome: isAnswered ? 'empty' : 'failed' }
    }
    // Asks for the creatives, so that the break finds them ready.
    this.#choose(asking, answer)
    const told = { answer: { ...answer, errorBeacons: [] }, nowMs: clock.nowMs() }
    return { outcome: 'kept', ads: this.#prefetched.keep(wish, request, told) }
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

  async #ask({ request, settings, notes }: Asking): Promise<Conversation> {
    const conversation = await this.#converse(request, settings, notes)
    countAnswer(this.counters, { request, settings }, conversation)
    this.#answerTimes.observe(request.viewer.accountId, settings, conversation)
    return conversation
  }

  /** What of the answer is ready and fits; asks for creatives that are not ready. */
  #choose({ request, settings }: Asking, { slots, breakTracking, marks }: Conversation): AdDecision {
    const { library } = this.#options
    const shared = fillBreak({
      request,
      settings: withFilledFillers(settings, request.viewer),
      library: { request: (source, profile) => library.request(marks.unmark(source), profile) },
      ads: sequenceAds(slots, settings.sequencing),
      breakTracking,
    })
    return ownDecision(shared, marks)
  }

  #fill(asking: Asking, conversation: Conversation): Settled {
    const { clock, beacons } = this.#options
    const { request, settings, notes, part } = asking
    const { configurationName } = settings
    const { slots, errorBeacons } = conversation
    countOffer(this.counters, asking, slots)
    const decision = this.#choose(asking, conversation)
    const urls = [...errorBeacons, ...skipBeacons(decision.skipped)]
    sendErrorBeacons(beacons, request, { configurationName, urls })
    // Too late: the viewer sees content, whatever was found.
    const isLate = clock.monotonicMs() > request.dueMonotonicMs
    const seen = isLate ? { ...CONTENT, skipped: decision.skipped } : decision
    countDecision(this.counters, asking, seen)
    notes('FILLED_AVAIL', () => filledAvail(request, seen, filledMsOf(seen)))
    if (isLate) return LATE
    return { outcome: 'made', decision: { ...seen, configurationName, ...(part && { part }) } }
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
}

type Asking = {
  readonly request: DecisionRequest
  readonly settings: AdSettings
  readonly notes: DecisionNotes
  /** Of the break, when not all of it may be filled. */
  readonly part?: BreakPart
}
type SettledAhead = { readonly outcome: PrefetchOutcome; readonly ads?: PrefetchedAds }
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

function settledOf(asked: Settled | Exclude<Entry, 'entered'>): Settled {
  if (asked === 'full') return REFUSED
  return asked === 'too-late' ? LATE : asked
}

/** Whose places at the gate a decision takes. */
function shareOf({ viewer }: DecisionRequest, { configurationName }: AdSettings): string {
  return `${viewer.accountId} ${configurationName}`
}

/** What was decided on the ads that sessions share, with the ads of one session. */
function ownDecision({ items, skipped }: AdDecision, marks: SessionMarks): AdDecision {
  return {
    items: items.map((item) => (item.kind === 'ad' ? { ...item, ad: new OwnAd(item.ad, marks) } : item)),
    skipped: skipped.map(({ ad, reason }) => ({ ad: new OwnAd(ad, marks), reason })),
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown'
}
