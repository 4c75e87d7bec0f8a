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
} from '../domain/live.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'

/** What stays the same for all segments of a window. */
export type WindowSettings = {
  readonly name: string
  readonly container: ContainerFormat
  readonly windowTicks: number
  /** Most bytes held, listed or not; older segments go first. */
  readonly maxBytes: number
}

/** What is settled with the first segment. */
export type WindowCadence = { readonly targetDurationSeconds: number; readonly partTargetMs: number }

/** The facts of the tracks that a playlist shows. */
export type WindowTracks = Pick<RenditionDescription, 'codecs' | 'width' | 'height' | 'frameRate'>

/** How a new segment begins. */
export type SegmentStart = Pick<LiveSegment, 'programDateTimeMs' | 'discontinuity' | 'init'>

/** Segments kept after they left the playlist, for readers that are on their way to them (rfc8216bis §6.2.2). */
const KEPT_AFTER_LISTING = 1

class WindowSegment implements LiveSegment {
  readonly msn: number
  readonly programDateTimeMs: number
  readonly discontinuity: boolean
  readonly init: InitSection | undefined
  readonly parts: LivePart[] = []
  durationTicks = 0
  sizeBytes = 0
  complete = false

  constructor(msn: number, start: SegmentStart) {
    this.msn = msn
    this.programDateTimeMs = start.programDateTimeMs
    this.discontinuity = start.discontinuity
    this.init = start.init
  }
}

/** The window, written by its packager and read by delivery. */
export class LiveWindow implements LiveRendition {
  readonly name: string
  readonly container: ContainerFormat
  readonly #settings: WindowSettings
  readonly #listeners = new Set<() => void>()
  #cadence: WindowCadence = { targetDurationSeconds: 0, partTargetMs: 0 }
  #tracks: WindowTracks | undefined
  readonly #listed: WindowSegment[] = []
  readonly #kept: WindowSegment[] = []
  #open: WindowSegment | undefined
  #nextMsn = 0
  #discontinuitySequence = 0
  #bytes = 0
  #completeTicks = 0
  #totalTicks = 0
  #elapsedTicks = 0
  #version = 0
  #published = false
  #ended = false

  constructor(settings: WindowSettings) {
    this.#settings = settings
    this.name = settings.name
    this.container = settings.container
  }

  readonly segments = (): readonly LiveSegment[] => (this.#published ? this.#listed : [])
  readonly version = (): number => this.#version
  readonly ended = (): boolean => this.#ended
  readonly totalTicks = (): number => this.#totalTicks
  readonly elapsedTicks = (): number => this.#elapsedTicks
  readonly discontinuitySequence = (): number => this.#discontinuitySequence
  readonly targetDurationSeconds = (): number => this.#cadence.targetDurationSeconds
  readonly partTargetMs = (): number => this.#cadence.partTargetMs

  readonly find = (msn: number): LiveSegment | undefined => {
    if (!this.#published) return undefined
    const firstMsn = this.#listed[0]?.msn ?? 0
    if (msn >= firstMsn) return this.#listed[msn - firstMsn]
    return this.#kept.find((segment) => segment.msn === msn)
  }

  readonly description = (): RenditionDescription | undefined => {
    if (!this.#tracks || !this.#published) return undefined
    let peakBitrateBps = 0
    let bytes = 0
    for (const segment of this.#listed) {
      if (!segment.complete || segment.durationTicks === 0) continue
      peakBitrateBps = Math.max(peakBitrateBps, bitrateBps(segment.sizeBytes, segment.durationTicks))
      bytes += segment.sizeBytes
    }
    return { ...this.#tracks, peakBitrateBps, averageBitrateBps: bitrateBps(bytes, this.#completeTicks) }
  }

  readonly onChange = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
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
  openSegment(start: SegmentStart): void {
    this.#open = new WindowSegment(this.#nextMsn++, start)
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

  /** Closes the open segment as it is. */
  completeSegment(): void {
    if (this.#open) this.#complete(this.#open)
    this.#changed()
  }

  /** Bytes of the open segment so far. */
  get openBytes(): number {
    return this.#open?.sizeBytes ?? 0
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
    this.#totalTicks += segment.durationTicks
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
    this.#elapsedTicks += segment.durationTicks
    if (this.#bytes > this.#settings.maxBytes) this.#bytes -= segment.sizeBytes
    else this.#kept.push(segment)
    // The tag of a segment counts once that segment has left (rfc8216bis §6.2.2).
    if (segment.discontinuity) this.#discontinuitySequence++
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
