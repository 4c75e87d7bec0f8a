/**
 * An ad as one viewer has it: what was read of the answer is shared by all whose answers are alike, and what is the
 * viewer's own is put in when somebody asks for it.
 *
 * Thousands of decisions are made for one break and kept until it is over; most of their texts are asked for much later,
 * if ever.
 */
import type { ResolvedAd } from '../../media/vast/resolved-ad.ts'
import type { SessionMarks } from './session-marks.ts'

/** Marks in `shared` stand for the values of one session. */
export class OwnAd implements ResolvedAd {
  readonly #shared: ResolvedAd
  readonly #marks: SessionMarks

  constructor(shared: ResolvedAd, marks: SessionMarks) {
    this.#shared = shared
    this.#marks = marks
  }

  get adId(): string {
    return this.#marks.unmark(this.#shared.adId)
  }

  get sequence(): number | undefined {
    return this.#shared.sequence
  }

  get adSystem(): string {
    return this.#marks.unmark(this.#shared.adSystem)
  }

  get adTitle(): string {
    return this.#marks.unmark(this.#shared.adTitle)
  }

  get creativeId(): string {
    return this.#marks.unmark(this.#shared.creativeId)
  }

  get creativeAdId(): string {
    return this.#marks.unmark(this.#shared.creativeAdId)
  }

  get creativeSequence(): string {
    return this.#marks.unmark(this.#shared.creativeSequence)
  }

  get durationMs(): number {
    return this.#shared.durationMs
  }

  get skipOffset(): string | undefined {
    return this.#marks.unmark(this.#shared.skipOffset)
  }

  get mediaFiles(): ResolvedAd['mediaFiles'] {
    return this.#marks.unmark(this.#shared.mediaFiles)
  }

  get tracking(): ResolvedAd['tracking'] {
    return this.#marks.unmark(this.#shared.tracking)
  }

  get errorUrls(): readonly string[] {
    return this.#marks.unmark(this.#shared.errorUrls)
  }

  get clickThrough(): string | undefined {
    return this.#marks.unmark(this.#shared.clickThrough)
  }

  get clickTracking(): readonly string[] {
    return this.#marks.unmark(this.#shared.clickTracking)
  }

  get adParameters(): string {
    return this.#marks.unmark(this.#shared.adParameters)
  }

  get extensions(): readonly unknown[] {
    return this.#marks.unmark(this.#shared.extensions)
  }

  get adVerifications(): readonly unknown[] {
    return this.#marks.unmark(this.#shared.adVerifications)
  }

  get companionAds(): readonly unknown[] {
    return this.#marks.unmark(this.#shared.companionAds)
  }

  get icons(): readonly unknown[] {
    return this.#marks.unmark(this.#shared.icons)
  }
}
