/**
 * A rendition in which ads stand for some segments: delivery prints and serves it with the code it has.
 *
 * Numbers, parts and changes are the content's. After the content's end a view may go on with ads (`stream-tail.ts`).
 */
import type { LiveRendition, LiveSegment, RenditionDescription, RenditionListing } from '../../domain/live.ts'
import { AdSegment, ReturnSegment, type SegmentShape } from './ad-segment.ts'
import type { AdMedia, AdTarget } from './ad-media.ts'
import type { Program } from './program.ts'
import type { StreamTail } from './stream-tail.ts'

/** What a view is made of. */
export type StitchedRenditionOptions = {
  readonly content: LiveRendition
  readonly program: Program
  readonly target: AdTarget
  readonly media: AdMedia
  readonly tail: StreamTail
}

/** Segments kept after they left the list, for readers that are on their way to them. */
const KEPT_AFTER_LISTING = 2

/** The view of one rendition that the sessions of one program share. */
export class StitchedRendition implements LiveRendition {
  readonly name: string
  readonly hasVideo: boolean
  readonly container: LiveRendition['container']
  readonly #options: StitchedRenditionOptions
  readonly #made = new Map<number, LiveSegment>()
  #listed: readonly LiveSegment[] = []
  #listedVersion = -1

  constructor(options: StitchedRenditionOptions) {
    this.#options = options
    this.name = options.content.name
    this.hasVideo = options.content.hasVideo
    this.container = options.content.container
  }

  readonly displayName = (): string => this.#options.content.displayName()
  readonly want = (): void => this.#options.content.want()
  readonly description = (): RenditionDescription | undefined => this.#options.content.description()
  readonly discontinuitySequence = (): number => this.#options.content.discontinuitySequence()
  readonly targetDurationSeconds = (): number => this.#options.content.targetDurationSeconds()
  readonly partTargetMs = (): number => this.#options.content.partTargetMs()
  readonly elapsedTicks = (): number => this.#options.content.elapsedTicks()
  readonly version = (): number => this.#options.content.version() + this.#options.tail.version
  readonly ended = (): boolean => this.#options.content.ended() && !this.#options.tail.isOpen

  get listing(): RenditionListing {
    return this.#options.content.listing
  }

  readonly totalTicks = (): number => {
    const last = this.segments().at(-1)
    const endTicks = last?.complete ? last.elapsedTicks + last.durationTicks : 0
    return Math.max(this.#options.content.totalTicks(), endTicks)
  }

  readonly segments = (): readonly LiveSegment[] => {
    const version = this.version()
    if (version !== this.#listedVersion) {
      this.#listedVersion = version
      this.#listed = this.#list()
    }
    return this.#listed
  }

  readonly find = (msn: number): LiveSegment | undefined => {
    const content = this.#options.content.find(msn)
    if (content) return this.#shown(content)
    return this.#options.content.ended() ? this.segments().find((segment) => segment.msn === msn) : undefined
  }

  readonly onChange = (listener: () => void): (() => void) => {
    const { content, tail } = this.#options
    const stops = [content.onChange(listener), tail.onChange(listener)]
    return () => {
      for (const stop of stops) stop()
    }
  }

  #list(): LiveSegment[] {
    const { content, tail } = this.#options
    const segments = content.segments().map((segment) => this.#shown(segment))
    const firstMsn = segments[0]?.msn ?? 0
    for (const msn of this.#made.keys()) if (msn < firstMsn - KEPT_AFTER_LISTING) this.#made.delete(msn)
    const nextMsn = (segments.at(-1)?.msn ?? -1) + 1
    return [...segments, ...tail.after(nextMsn, this.#options.program).map((shape) => this.#ofTail(shape))]
  }

  #shown(content: LiveSegment): LiveSegment {
    const made = this.#made.get(content.msn)
    if (made) return made
    const segment = this.#ad(content) ?? this.#returned(content)
    if (segment === undefined) return content
    this.#made.set(content.msn, segment)
    return segment
  }

  #ad(shape: SegmentShape): LiveSegment | undefined {
    const { program, target, media } = this.#options
    const slot = program.slot(shape.msn)
    return slot && new AdSegment(shape, slot, target, media)
  }

  #returned(content: LiveSegment): LiveSegment | undefined {
    return this.#options.program.introduces(content.msn) ? new ReturnSegment(content) : undefined
  }

  #ofTail(shape: SegmentShape): LiveSegment {
    const made = this.#made.get(shape.msn)
    if (made) return made
    const segment = this.#ad(shape) ?? this.#gap(shape)
    this.#made.set(shape.msn, segment)
    return segment
  }

  #gap(shape: SegmentShape): LiveSegment {
    const discontinuity = shape.discontinuity || this.#options.program.introduces(shape.msn)
    return { ...shape, discontinuity, gap: true, init: undefined, parts: [], sizeBytes: 0 }
  }
}
