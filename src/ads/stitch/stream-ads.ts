/**
 * The ads of one stream: its sessions, its breaks, and what each session is shown.
 *
 * Everything moves with the content: whoever looks at a rendition brings the grid up to date first, and what stands at a
 * segment is settled the moment that segment is seen for the first time. Nothing is settled by time alone.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { AdBreak } from '../../domain/ad-break.ts'
import type { AdSampleSink } from '../../domain/ad-metrics.ts'
import type { PostRoll } from '../../domain/ad-configuration.ts'
import type { LiveMedia, LiveRendition } from '../../domain/live.ts'
import { contentOf, type NewViewer, type ShownRendition } from '../../domain/viewer-ads.ts'
import { MEDIA_TIMESCALE } from '../../media/access-unit.ts'
import type { AdDecider } from '../ad-decider.ts'
import type { AdDecision } from '../ad-decision.ts'
import type { AdViewer } from '../ad-viewer.ts'
import type { DueBeacon } from '../beacon.ts'
import type { PlacedAvail } from '../beacons/tracking-avail.ts'
import type { AdProfile, CreativeLibrary } from '../creative-library.ts'
import type { StreamPlans } from '../prefetch/prefetch-plans.ts'
import type { PrefetchPorts } from '../prefetch/prefetching.ts'
import { StreamPrefetches, type AdShape } from '../prefetch/stream-prefetches.ts'
import { inSteps } from '../in-steps.ts'
import type { AdMarkers } from './ad-date-ranges.ts'
import type { AdMedia } from './ad-media.ts'
import { newAdSession, type AdSession } from './ad-session.ts'
import { BreakRun, type UnfilledBreak } from './break-run.ts'
import { ContentGrid, type GridSegment } from './content-grid.ts'
import { GuidedBreaks, interstitialRange } from './guided-breaks.ts'
import { givenSamples, seenSamples, unfilledSamples, type ObservedSample } from './observed-breaks.ts'
import { ownAttributes } from './own-attributes.ts'
import { listedIn } from './pod.ts'
import { preRollBreak, PreRolls } from './pre-rolls.ts'
import { Program } from './program.ts'
import { StitchedRendition } from './stitched-rendition.ts'
import { StreamEnding } from './stream-ending.ts'
import { StreamPods } from './stream-pods.ts'
import { StreamTail } from './stream-tail.ts'

/** What the ads of every stream need. */
export type StreamAdsPorts = {
  readonly decider: AdDecider
  readonly library: Pick<CreativeLibrary, 'load'>
  /** What creatives of the stream look like; undefined while its ladder is not known. */
  readonly adProfileOf: (media: LiveMedia) => AdProfile | undefined
  /** Whether ads follow the end of the stream; undefined when its channel has no ad configuration any more. */
  readonly postRollOf: (media: LiveMedia) => Promise<PostRoll | undefined>
  /** Tracking for players that report themselves, as text for an attribute; undefined when there is none. */
  readonly trackingData: (avail: PlacedAvail) => string | undefined
  /** Asks ahead of breaks as schedules want it; default not. */
  readonly prefetching?: PrefetchPorts
  /** Takes what is measured; default none. */
  readonly onSample?: AdSampleSink
  readonly media: AdMedia
  readonly clock: Clock
  readonly logger: Logger
  readonly markers: AdMarkers
}

/** Segments that playlists name ahead, the newest one counted. */
const SEGMENTS_AHEAD = 3
/** A session that fetched nothing for so long is not asked for, and after the second time forgotten. */
const AWAY_AFTER_MS = 30_000
const FORGOTTEN_AFTER_MS = 600_000
/** After the end of the last ad, for viewers that are behind. */
const TAIL_KEPT_MS = 60_000

/** What was decided for a session whose player puts ads in by itself. */
export type GuidedAds = { readonly viewer: AdViewer; readonly decision: AdDecision }

/** The ads of one stream. */
export class StreamAds {
  readonly media: LiveMedia
  readonly #ports: StreamAdsPorts
  readonly #onGone: () => void
  readonly #sessions = new Map<string, AdSession>()
  readonly #grid: ContentGrid
  readonly #pods: StreamPods
  readonly #tail = new StreamTail()
  readonly #noPods = new Program([])
  readonly #guided: GuidedBreaks
  /** Decisions that their players have heard of. */
  readonly #given = new WeakSet<AdDecision>()
  readonly #preRolls = new PreRolls()
  readonly #prefetches: StreamPrefetches | undefined
  readonly #watched = new Set<LiveRendition>()
  #runs: BreakRun[] = []
  #isEnding = false
  /** Whether ads follow the end of the stream, as far as was known when a viewer came last. */
  #endsInAds = false

  /** @param onGone called once, when nothing of the stream is shown any more. */
  constructor(media: LiveMedia, ports: StreamAdsPorts, onGone: () => void) {
    this.media = media
    this.#ports = ports
    const { prefetching, clock } = ports
    this.#prefetches = prefetching && new StreamPrefetches({ prefetcher: prefetching.prefetcher, clock })
    this.#onGone = onGone
    this.#pods = new StreamPods((seen) => this.#observe(seenSamples(seen)))
    this.#guided = new GuidedBreaks(ports.decider, ports.clock)
    this.#grid = new ContentGrid((segment) => this.#onSegment(segment))
    this.#watch()
  }

  /** Sessions known now. */
  get sessionCount(): number {
    return this.#sessions.size
  }

  /** Whether anything is shown after the content's end, or may be. */
  get isEnding(): boolean {
    return this.#isEnding
  }

  /** A session begins; inside a break it gets what is left of it. */
  open(viewer: NewViewer): void {
    // Whoever asks for his multivariant playlist again goes on where he was.
    if (this.#isEnding || this.#sessions.has(viewer.sessionNumber)) return
    this.#watch()
    const { clock } = this.#ports
    const now = { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() }
    const session = newAdSession(this.media, viewer, now)
    this.#sessions.set(viewer.sessionNumber, session)
    this.#askForPostRoll()
    const preRoll = this.#createPreRoll(session)
    if (isGuided(session)) {
      if (preRoll) this.#guided.offer(session, preRoll.announced)
    } else if (preRoll) this.#preRolls.begin(session, preRoll)
    else for (const run of this.#runs) run.ask(session)
  }

  /** A break is announced: asks for every session that watches. */
  insert(adBreak: AdBreak): void {
    if (this.#isEnding) return
    this.#watch()
    const run = this.#createRun(adBreak)
    if (!run) return
    this.#guided.add(run.announced, this.#grid.newest)
    this.#runs.push(run)
    run.askAll(this.#watching(isStitched))
    inSteps(this.#watching(isGuidedAhead), this.#ports.clock, (session) => {
      void this.#guided.decide(session, adBreak.id)
    })
    this.#prefetches?.announce(adBreak)
  }

  /** Asks ahead of breaks for the sessions whose schedules want it now. */
  prefetch(plans: StreamPlans): void {
    if (this.#isEnding) return
    this.#prefetches?.look(plans, { shape: () => this.#shape(), watching: () => this.#watching(isStitched) })
  }

  /** What a session is shown of `rendition` now. */
  show(rendition: LiveRendition, sessionNumber: string): ShownRendition {
    const session = this.#sessions.get(sessionNumber)
    if (!session) return contentOf(rendition)
    this.#look(rendition)
    session.lastSeenMs = this.#ports.clock.monotonicMs()
    if (isGuided(session)) return this.#guidedView(session, rendition)
    const firstMsn = rendition.segments()[0]?.msn ?? 0
    const program = session.program ?? this.#noPods
    const offset = session.settledDiscontinuities + program.introducedBefore(firstMsn)
    const hidesNext = this.#preRolls.mayBegin(session) || this.#mayChange(program)
    if (!this.#tail.isOpen && !program.reaches(firstMsn)) return contentOf(rendition, offset, hidesNext)
    return { ...this.#shown(session, program, rendition, offset), hidesNext }
  }

  /** What has to be reported now that a session fetches segment `msn`. */
  fetched(
    sessionNumber: string,
    msn: number,
  ): { readonly viewer: AdViewer; readonly due: readonly DueBeacon[] } | undefined {
    const session = this.#sessions.get(sessionNumber)
    if (!session || session.pods.length === 0 || session.viewer.claims.reportingMode === 'CLIENT')
      return undefined
    const due = session.pods.flatMap((pod) => pod.due(msn))
    return due.length === 0 ? undefined : { viewer: session.viewer, due }
  }

  /** When a session fetched something for the last time, monotonic milliseconds; undefined when it is not known. */
  lastSeenMs(sessionNumber: string): number | undefined {
    return this.#sessions.get(sessionNumber)?.lastSeenMs
  }

  /** The ads in the windows of a session, in order, for a player that reports by itself. */
  avails(sessionNumber: string): readonly PlacedAvail[] {
    const session = this.#sessions.get(sessionNumber)
    if (!session) return []
    const begun = session.pods.filter(({ pod }) => pod.placed.length > 0)
    return begun.flatMap((pod) => pod.avail(session.viewer.joinedAtMs) ?? [])
  }

  /** The ads of a break for a session whose player puts them in; undefined when there is no such break. */
  async guidedAds(sessionNumber: string, breakId: string): Promise<GuidedAds | undefined> {
    const session = this.#sessions.get(sessionNumber)
    const decision = session && isGuided(session) ? await this.#guided.decide(session, breakId) : undefined
    if (!session || !decision) return undefined
    if (!this.#given.has(decision)) this.#observe(givenSamples(decision))
    this.#given.add(decision)
    return { viewer: session.viewer, decision }
  }

  /** Forgets sessions that have been away for long. */
  forgetIdle(): void {
    const beforeMs = this.#ports.clock.monotonicMs() - FORGOTTEN_AFTER_MS
    for (const [number, session] of this.#sessions) {
      if (session.lastSeenMs < beforeMs && session.pods.length === 0) this.#sessions.delete(number)
    }
  }

  /** Ends everything at once. */
  close(): void {
    this.#closeRuns()
    this.#pods.clear()
    this.#sessions.clear()
  }

  #askForPostRoll(): void {
    this.#ports.postRollOf(this.media).then(
      (postRoll) => (this.#endsInAds = postRoll?.enabled === true),
      (error: unknown) => this.#ports.logger.warn('whether ads follow a stream is not known', { err: error }),
    )
  }

  /** Whether one of the next segments may be of another kind than the newest. */
  #mayChange(program: Program): boolean {
    const { newest } = this.#grid
    if (!newest) return false
    // Ads at the end come unannounced.
    if (this.#endsInAds || this.#tail.isOpen) return true
    const aheadTicks = SEGMENTS_AHEAD * newest.expectedTicks
    const slot = program.slot(newest.msn)
    if (slot) return slot.entry.creative.durationTicks - slot.offsetTicks <= aheadTicks
    const aheadMs = (aheadTicks * 1000) / MEDIA_TIMESCALE
    return this.#runs.some((run) => run.mayBegin(newest.programDateTimeMs, aheadMs))
  }

  #shown(
    session: AdSession,
    program: Program,
    content: LiveRendition,
    discontinuityOffset: number,
  ): Omit<ShownRendition, 'hidesNext'> {
    const { media, markers } = this.#ports
    const view = program.view(content, () => {
      const target = {
        key: `${this.media.streamId} ${content.name}`,
        name: content.name,
        hasVideo: content.hasVideo,
      }
      return new StitchedRendition({ content, program, target, media, tail: this.#tail })
    })
    return {
      rendition: view,
      isPersonal: true,
      discontinuityOffset,
      dateRanges: () => program.dateRanges(listedIn(view), markers),
      hasParts: true,
      ownAttributes: () => ownAttributes(session, listedIn(view), this.#ports),
      outlivesContent: content.ended(),
    }
  }

  #guidedView(session: AdSession, content: LiveRendition): ShownRendition {
    const breaks = this.#guided.listed(session, content.segments()[0]?.programDateTimeMs ?? 0)
    const shown = this.#shown(session, this.#guided.programOf(breaks), content, 0)
    const path = session.viewer.claims.direct?.interstitialsPath ?? ''
    return {
      ...shown,
      hidesNext: false,
      dateRanges: () => breaks.map(interstitialRange),
      hasParts: false,
      ownAttributes: () => breaks.map(({ id }) => ({ 'X-ASSET-LIST': `${path}/${id}` })),
    }
  }

  #watch(): void {
    for (const rendition of this.media.renditions) {
      if (this.#watched.has(rendition)) continue
      this.#watched.add(rendition)
      rendition.onChange(() => this.#look(rendition))
      this.#look(rendition)
    }
  }

  #look(rendition: LiveRendition): void {
    this.#grid.look(rendition)
    if (rendition.ended() && !this.#isEnding) this.#end()
  }

  #onSegment(segment: GridSegment): void {
    this.#pods.extend(segment)
    for (const { adBreak, group } of this.#preRolls.at(segment)) this.#pods.create(adBreak, group, segment)
    for (const run of this.#runs) {
      for (const group of run.at(segment)) this.#pods.create(run.adBreak, group, segment)
    }
    this.#runs = this.#runs.filter((run) => !run.isOver)
    if (!this.#pods.isEmpty) this.#pods.forgetBefore(this.#firstListedMsn())
  }

  #firstListedMsn(): number {
    let first = Infinity
    for (const rendition of this.media.renditions)
      first = Math.min(first, rendition.segments()[0]?.msn ?? Infinity)
    return first
  }

  #createPreRoll({ viewer }: AdSession): BreakRun | undefined {
    const seconds = viewer.claims.direct?.preRollSeconds
    const { newest } = this.#grid
    if (seconds === undefined || !newest) return undefined
    return this.#createRun(preRollBreak(seconds, newest, this.#ports.clock.nowMs()))
  }

  #createRun(adBreak: AdBreak): BreakRun | undefined {
    const { decider, library, clock } = this.#ports
    const shape = this.#shape()
    if (!shape) return undefined
    const onUnfilled = (unfilled: UnfilledBreak): void => this.#observe(unfilledSamples(unfilled))
    const prefetches = this.#prefetches
    const prefetchedFor = prefetches && ((session: AdSession) => prefetches.keptFor(session))
    return new BreakRun({ ...shape, adBreak, decider, library, clock, onUnfilled, prefetchedFor })
  }

  /** Undefined until the stream is known. */
  #shape(): AdShape | undefined {
    const profile = this.#ports.adProfileOf(this.media)
    const newest = this.#grid.newest
    if (!profile || !newest) return undefined
    return { profile, segmentMs: Math.round((newest.expectedTicks * 1000) / MEDIA_TIMESCALE) }
  }

  #watching(isMeant: (session: AdSession) => boolean): AdSession[] {
    const sinceMs = this.#ports.clock.monotonicMs() - AWAY_AFTER_MS
    return [...this.#sessions.values()].filter((session) => session.lastSeenMs >= sinceMs && isMeant(session))
  }

  #end(): void {
    this.#isEnding = true
    this.#closeRuns()
    this.#tail.open()
    const { clock, postRollOf, logger } = this.#ports
    const ending = new StreamEnding({
      media: this.media,
      grid: this.#grid,
      pods: this.#pods,
      tail: this.#tail,
      clock,
      postRoll: async () => (this.#sessions.size === 0 ? undefined : postRollOf(this.media)),
      begin: (adBreak) => this.#beginPostRoll(adBreak),
    })
    ending.run().then(
      (lengthMs) => this.#closeTail(lengthMs),
      (error: unknown) => {
        logger.error('no ads after the end of the stream', { err: error })
        this.#closeTail(0)
      },
    )
  }

  #observe(samples: readonly ObservedSample[]): void {
    const { onSample } = this.#ports
    if (!onSample) return
    const { accountId } = this.media.channel
    for (const sample of samples) onSample({ ...sample, accountId, adTrackingDomain: undefined })
  }

  #closeRuns(): void {
    for (const run of this.#runs) run.close()
    this.#runs = []
    this.#preRolls.close()
  }

  #beginPostRoll(adBreak: AdBreak): BreakRun | undefined {
    const run = this.#createRun(adBreak)
    if (!run) return undefined
    this.#guided.add(run.announced)
    run.askAll(this.#watching(isStitched))
    return run
  }

  #closeTail(lengthMs: number): void {
    this.#tail.close()
    this.#ports.clock.after(lengthMs + TAIL_KEPT_MS, () => {
      this.close()
      this.#onGone()
    })
  }
}

function isGuided({ viewer }: AdSession): boolean {
  return viewer.claims.direct?.interstitialsPath !== undefined
}

function isStitched(session: AdSession): boolean {
  return !isGuided(session)
}

function isGuidedAhead({ viewer }: AdSession): boolean {
  return viewer.claims.direct?.isGuidedAhead === true
}
