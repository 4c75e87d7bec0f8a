/**
 * A segment of a view: an ad in place of the content's segment, or the content's own with a discontinuity that the ad
 * before it brings.
 *
 * An ad's segment has the number, time and parts of the one it stands for, and grows with it.
 */
import type { InitSection, LivePart, LiveSegment } from '../../domain/live.ts'
import type { AdMedia, AdSegmentSource, AdTarget } from './ad-media.ts'
import type { AdSlot } from './pod.ts'

/** What an ad's segment takes from the one it stands for. */
export type SegmentShape = Pick<
  LiveSegment,
  | 'msn'
  | 'programDateTimeMs'
  | 'startTicks'
  | 'elapsedTicks'
  | 'discontinuity'
  | 'gap'
  | 'durationTicks'
  | 'complete'
> & { readonly parts: readonly Pick<LivePart, 'durationTicks'>[] }

/** An ad's segment in one rendition. */
export class AdSegment implements LiveSegment {
  readonly init: InitSection | undefined = undefined
  readonly msn: number
  readonly programDateTimeMs: number
  readonly startTicks: number
  readonly elapsedTicks: number
  readonly discontinuity: boolean
  readonly gap: boolean
  readonly assetId: string
  readonly #shape: SegmentShape
  readonly #media: AdMedia
  readonly #source: AdSegmentSource
  readonly #parts: LivePart[] = []
  #partsTicks = 0

  constructor(shape: SegmentShape, slot: AdSlot, target: AdTarget, media: AdMedia) {
    this.msn = shape.msn
    this.programDateTimeMs = shape.programDateTimeMs
    this.startTicks = shape.startTicks
    this.elapsedTicks = shape.elapsedTicks
    this.discontinuity = shape.discontinuity || slot.entry.from.msn === shape.msn
    this.gap = shape.gap
    this.assetId = slot.entry.creative.assetId
    this.#shape = shape
    this.#media = media
    this.#source = { target, slot, partTicks: (part) => shape.parts[part]?.durationTicks ?? 0 }
  }

  get complete(): boolean {
    return this.#shape.complete
  }

  get durationTicks(): number {
    return this.#shape.durationTicks
  }

  get parts(): readonly LivePart[] {
    const { parts } = this.#shape
    for (let part = parts[this.#parts.length]; part; part = parts[this.#parts.length]) this.#add(part)
    return this.#parts
  }

  /** Muxes what is not muxed yet. */
  get sizeBytes(): number {
    return this.parts.reduce((sum, { body }) => sum + body.length, 0)
  }

  #add({ durationTicks }: Pick<LivePart, 'durationTicks'>): void {
    const part = this.#parts.length
    const fromTicks = this.#partsTicks
    const media = this.#media
    const source = this.#source
    this.#partsTicks += durationTicks
    this.#parts.push({
      durationTicks,
      independent:
        part === 0 || media.isIndependent(source, { fromTicks, toTicks: fromTicks + durationTicks }),
      get body() {
        return media.part(source, part)
      },
    })
  }
}

/** A segment of content that does not go on where the one before it ended. */
export class ReturnSegment implements LiveSegment {
  readonly discontinuity = true
  readonly #content: LiveSegment

  constructor(content: LiveSegment) {
    this.#content = content
  }

  get msn(): number {
    return this.#content.msn
  }

  get programDateTimeMs(): number {
    return this.#content.programDateTimeMs
  }

  get startTicks(): number {
    return this.#content.startTicks
  }

  get elapsedTicks(): number {
    return this.#content.elapsedTicks
  }

  get gap(): boolean {
    return this.#content.gap
  }

  get init(): InitSection | undefined {
    return this.#content.init
  }

  get parts(): readonly LivePart[] {
    return this.#content.parts
  }

  get durationTicks(): number {
    return this.#content.durationTicks
  }

  get sizeBytes(): number {
    return this.#content.sizeBytes
  }

  get complete(): boolean {
    return this.#content.complete
  }
}
