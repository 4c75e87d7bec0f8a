/**
 * The live window of one rendition: the segments that a playlist lists now, and one or two that just left it.
 *
 * Bodies are immutable and held once, as parts; a segment's bytes are its parts' bytes in order. Readers see the window
 * only after its first segment is whole: an empty playlist makes players hang (reference ivs-behaviour §6.5).
 */
import type { ContainerFormat } from '../domain/channel.ts'
import type {
  InitSection,
  LivePart,
  LiveRendition,
  LiveSegment,
  RenditionDescription,
  RenditionListing,
} from '../domain/live.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import type { PlannedSegment } from './cut-plan.ts'

/** What stays the same for all segments of a window. */
export type WindowSettings = {
  readonly name: string
  /** What players show; undefined for the size and rate of the picture. */
  readonly displayName: string | undefined
  readonly hasVideo: boolean
  /** How it begins. */
  readonly listing: RenditionListing
  readonly container: ContainerFormat
  readonly windowTicks: number
  /** Most bytes held, listed or not; older segments go first. */
  readonly maxBytes: number
  /** What the rendition is made to need, in bits a second: its description never promises less. */
  readonly expectedBitrateBps: () => number
  /** A viewer was told of the rendition. */
  readonly onWanted: () => void
}

/** What is settled with the first segment. */
export type WindowCadence = { readonly targetDurationSeconds: number; readonly partTargetMs: number }

/** The facts of the tracks that a playlist shows. */
export type WindowTracks = Pick<RenditionDescription, 'codecs' | 'width' | 'height' | 'frameRate'>

/** Segments kept after they left the playlist, for readers that are on their way to them (rfc8216bis §6.2.2). */
const KEPT_AFTER_LISTING = 1

class WindowSegment implements LiveSegment {
  readonly plan: PlannedSegment
  readonly init: InitSection | undefined
  readonly gap: boolean
  readonly parts: LivePart[] = []
  durationTicks = 0
  sizeBytes = 0
  complete = false

  constructor(plan: PlannedSegment, init: InitSection | undefined, gap: boolean) {
    this.plan = plan
    this.init = init
    this.gap = gap
  }

  get msn(): number {
    return this.plan.msn
  }

  get programDateTimeMs(): number {
    return this.plan.programDateTimeMs
  }

  get startTicks(): number {
    return this.plan.startTicks
  }

  get elapsedTicks(): number {
    return this.plan.elapsedTicks
  }

  get discontinuity(): boolean {
    return this.plan.discontinuity
  }
}

/** The window, written by its packager and read by delivery. */
export class LiveWindow implements LiveRendition {
  readonly name: string
  readonly hasVideo: boolean
  readonly container: ContainerFormat
  readonly #settings: WindowSettings
  readonly #listeners = new Set<() => void>()
  #cadence: WindowCadence = { targetDurationSeconds: 0, partTargetMs: 0 }
  #tracks: WindowTracks | undefined
  readonly #listed: WindowSegment[] = []
  readonly #kept: WindowSegment[] = []
  #open: WindowSegment | undefined
  #bytes = 0
  #completeTicks = 0
  #totalTicks = 0
  #version = 0
  #published = false
  #unlisted = false
  #ended = false

  constructor(settings: WindowSettings) {
    this.#settings = settings
    this.name = settings.name
    this.hasVideo = settings.hasVideo
    this.container = settings.container
  }

  readonly segments = (): readonly LiveSegment[] => (this.#published ? this.#listed : [])
  readonly version = (): number => this.#version
  readonly ended = (): boolean => this.#ended
  readonly totalTicks = (): number => this.#totalTicks
  readonly targetDurationSeconds = (): number => this.#cadence.targetDurationSeconds
  readonly partTargetMs = (): number => this.#cadence.partTargetMs
  readonly want = (): void => this.#settings.onWanted()

  readonly displayName = (): string => {
    const { displayName, name } = this.#settings
    const { width, height, frameRate } = this.#tracks ?? {}
    if (displayName !== undefined || width === undefined || height === undefined) return displayName ?? name
    return `${Math.min(width, height)}p${Math.round(frameRate ?? 30)}`
  }

  readonly elapsedTicks = (): number => this.#listed[0]?.plan.elapsedTicks ?? this.#totalTicks

  /** The tag of a segment counts once that segment has left (rfc8216bis §6.2.2). */
  readonly discontinuitySequence = (): number => {
    const first = this.#listed[0]?.plan
    return first ? first.discontinuities - (first.discontinuity ? 1 : 0) : 0
  }

  readonly find = (msn: number): LiveSegment | undefined => {
    if (!this.#published) return undefined
    const firstMsn = this.#listed[0]?.msn ?? 0
    if (msn >= firstMsn) return this.#listed[msn - firstMsn]
    return this.#kept.find((segment) => segment.msn === msn)
  }

  readonly description = (): RenditionDescription | undefined => {
    const expectedBps = this.#settings.expectedBitrateBps()
    if (!this.#tracks) return undefined
    if (!this.#published) {
      if (this.listing !== 'on-request') return undefined
      return { ...this.#tracks, peakBitrateBps: expectedBps, averageBitrateBps: expectedBps }
    }
    let peakBitrateBps = expectedBps
    let bytes = 0
    let ticks = 0
    for (const segment of this.#listed) {
      if (!segment.complete || segment.durationTicks === 0 || segment.gap) continue
      peakBitrateBps = Math.max(peakBitrateBps, bitrateBps(segment.sizeBytes, segment.durationTicks))
      bytes += segment.sizeBytes
      ticks += segment.durationTicks
    }
    return { ...this.#tracks, peakBitrateBps, averageBitrateBps: bitrateBps(bytes, ticks) }
  }

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  get listing(): RenditionListing {
    return this.#unlisted ? 'never' : this.#settings.listing
  }

  /** Whether new viewers are told of it, if they would be at all. */
  setListed(isListed: boolean): void {
    this.#unlisted = !isListed
  }

  /** Whether the first segment is whole. */
  get isPublished(): boolean {
    return this.#published
  }

  /** Settles what a playlist may not change later; called once, before the first segment. */
  settle(cadence: WindowCadence): void {
    this.#cadence = cadence
  }

  /** Facts of the tracks from the next segment on. */
  describe(tracks: WindowTracks): void {
    this.#tracks = tracks
  }

  /** Begins a segment; the one before is complete. */
  openSegment(plan: PlannedSegment, init: InitSection | undefined): void {
    this.#open = new WindowSegment(plan, init, false)
    this.#listed.push(this.#open)
    this.#version++
  }

  /** Adds a part to the open segment and, when it `completes` it, closes it; then tells the listeners. */
  addPart(part: LivePart, completes: boolean): void {
    const segment = this.#open
    if (!segment) throw new Error('a part needs an open segment')
    segment.parts.push(part)
    segment.durationTicks += part.durationTicks
    segment.sizeBytes += part.body.length
    this.#bytes += part.body.length
    if (completes) this.#complete(segment)
    this.#changed()
  }

  /** Closes the open segment as it is; its media may last `moreTicks` beyond its last part. */
  completeSegment(moreTicks = 0): void {
    if (this.#open) {
      this.#open.durationTicks += moreTicks
      this.#complete(this.#open)
    }
    this.#changed()
  }

  /** Lists a whole segment without media, so that numbers agree with the other renditions; never the first one. */
  addGap(plan: PlannedSegment, durationTicks: number): void {
    if (!this.#published) return
    const segment = new WindowSegment(plan, this.#listed.at(-1)?.init, true)
    segment.durationTicks = durationTicks
    this.#listed.push(segment)
    this.#complete(segment)
    this.#changed()
  }

  /** No segment will follow. */
  end(): void {
    if (this.#open) this.#listed.pop()
    this.#open = undefined
    this.#ended = true
    this.#changed()
  }

  #complete(segment: WindowSegment): void {
    segment.complete = true
    this.#open = undefined
    this.#published = true
    this.#completeTicks += segment.durationTicks
    this.#totalTicks = segment.plan.elapsedTicks + segment.durationTicks
    while (this.#isTooLong()) this.#unlistFirst()
    while (this.#kept.length > KEPT_AFTER_LISTING) this.#bytes -= this.#kept.shift()?.sizeBytes ?? 0
  }

  #isTooLong(): boolean {
    const first = this.#listed[0]
    if (!first || this.#listed.length === 1) return false
    return (
      this.#completeTicks - first.durationTicks >= this.#settings.windowTicks ||
      this.#bytes > this.#settings.maxBytes
    )
  }

  #unlistFirst(): void {
    const segment = this.#listed.shift()
    if (!segment) return
    this.#completeTicks -= segment.durationTicks
    if (this.#bytes > this.#settings.maxBytes) this.#bytes -= segment.sizeBytes
    else this.#kept.push(segment)
  }

  #changed(): void {
    this.#version++
    if (!this.#published) return
    for (const listener of this.#listeners) listener()
  }
}

function bitrateBps(bytes: number, ticks: number): number {
  return ticks === 0 ? 0 : Math.round((bytes * 8 * MEDIA_TIMESCALE) / ticks)
}
