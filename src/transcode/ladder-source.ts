/**
 * All that a ladder keeps of its source: what a new child is fed again, and what its pictures are given back of it.
 */
import { MEDIA_TIMESCALE, type AccessUnit, type MediaTrack } from '../media/access-unit.ts'
import { sameAacConfig } from '../media/codec/aac.ts'
import { PictureOrder } from '../media/picture-order.ts'
import { GridCount } from './grid-count.ts'
import type { LadderPlan } from './ladder-arguments.ts'
import { SourceCaptions } from './source-captions.ts'
import { SourceMemory, type SourceTracks } from './source-memory.ts'

/** What a new child may have to be fed again. */
const MEMORY = { maxMs: 12_000, maxBytes: 32 * 1024 * 1024 }

/** One stream's source. */
export class LadderSource {
  readonly memory: SourceMemory = new SourceMemory(MEMORY)
  readonly pictures: PictureOrder = new PictureOrder()
  readonly captions: SourceCaptions = new SourceCaptions()
  readonly #grid = new GridCount()
  #newestDtsTicks = 0

  /** Decoding time of the newest unit. */
  get newestDtsTicks(): number {
    return this.#newestDtsTicks
  }

  /** The keyframe that a new child begins with; undefined while there is none. */
  get firstPicture(): LadderPlan['firstPicture'] | undefined {
    const first = this.memory.firstPicture
    if (!first) return undefined
    return {
      ptsMs: Math.round((first.ptsTicks * 1000) / MEDIA_TIMESCALE),
      indexInCell: this.#grid.indexInCell(first.ptsTicks),
    }
  }

  /** Takes a track; whether a child that was made for what was before cannot go on with it. */
  setTrack(track: MediaTrack): boolean {
    const before = this.memory.tracks
    this.memory.setTrack(track, this.#newestDtsTicks)
    return needsNewChild(before, track)
  }

  /** Takes the next unit. */
  push(unit: AccessUnit): void {
    this.#newestDtsTicks = unit.dtsTicks
    this.memory.push(unit)
    if (unit.kind !== 'video' || !this.memory.firstPicture) return
    this.pictures.feed(unit)
    this.captions.feed(unit)
    this.#grid.feed(unit)
  }
}

function needsNewChild(before: SourceTracks, track: MediaTrack): boolean {
  if (track.kind === 'audio') return !before.audio || !sameAacConfig(before.audio.aac, track.aac)
  return before.video?.avc.width !== track.avc.width || before.video.avc.height !== track.avc.height
}
