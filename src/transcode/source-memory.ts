/**
 * The end of the source that a new child may have to be fed again: from the last keyframe that begins before anything
 * is missing.
 *
 * Bounded in time and bytes: what does not fit is forgotten from the oldest keyframe on, and a single run of pictures
 * that does not fit is forgotten whole, until the next keyframe.
 */
import { MEDIA_TIMESCALE, type AccessUnit, type MediaTrack } from '../media/access-unit.ts'

/** Something that was fed: a unit, or the track that holds from the next unit of its kind on. */
export type SourceItem =
  | { readonly kind: 'unit'; readonly unit: AccessUnit }
  | { readonly kind: 'track'; readonly track: MediaTrack; readonly dtsTicks: number }

/** The tracks in force. */
export type SourceTracks = {
  readonly video: Extract<MediaTrack, { kind: 'video' }> | undefined
  readonly audio: Extract<MediaTrack, { kind: 'audio' }> | undefined
}

/** How much is remembered at most. */
export type SourceMemoryLimits = { readonly maxMs: number; readonly maxBytes: number }

/** A keyframe and everything up to the next one, in order of arrival. */
type PictureGroup = {
  readonly tracks: SourceTracks
  readonly keyframe: AccessUnit
  readonly items: SourceItem[]
  newestAudioTicks: number
  bytes: number
}

/** One stream's memory. */
export class SourceMemory {
  readonly #limits: SourceMemoryLimits
  #tracks: SourceTracks = { video: undefined, audio: undefined }
  #groups: PictureGroup[] = []
  #bytes = 0

  constructor(limits: SourceMemoryLimits) {
    this.#limits = limits
  }

  /** Tracks in force for the next unit. */
  get tracks(): SourceTracks {
    return this.#tracks
  }

  /** The keyframe that everything begins with. */
  get firstPicture(): AccessUnit | undefined {
    return this.#groups[0]?.keyframe
  }

  /** Tracks in force at the first picture. */
  get firstTracks(): SourceTracks {
    return this.#groups[0]?.tracks ?? this.#tracks
  }

  /** What is remembered, in order of arrival, the first keyframe first. */
  *items(): Generator<SourceItem> {
    for (const group of this.#groups) yield* group.items
  }

  /** Notes a track; it holds from the next unit of its kind on. */
  setTrack(track: MediaTrack, dtsTicks: number): void {
    this.#tracks = { ...this.#tracks, [track.kind]: track }
    this.#groups.at(-1)?.items.push({ kind: 'track', track, dtsTicks })
  }

  /** Notes a unit; what comes before the first keyframe is not remembered. */
  push(unit: AccessUnit): void {
    if (unit.kind === 'video' && unit.keyframe) this.#openGroup(unit)
    const group = this.#groups.at(-1)
    if (!group) return
    group.items.push({ kind: 'unit', unit })
    if (unit.kind === 'audio') group.newestAudioTicks = Math.max(group.newestAudioTicks, unit.ptsTicks)
    group.bytes += unit.data.length
    this.#bytes += unit.data.length
    this.#keepBounds(unit.dtsTicks)
  }

  /** Everything up to these times was delivered; undefined for a kind that nobody waits for. */
  forget(delivered: {
    readonly videoTicks: number | undefined
    readonly audioTicks: number | undefined
  }): void {
    const { videoTicks = Infinity, audioTicks = Infinity } = delivered
    for (;;) {
      const [first, second] = this.#groups
      if (!first || !second) return
      if (second.keyframe.ptsTicks > videoTicks || first.newestAudioTicks > audioTicks) return
      this.#dropFirst()
    }
  }

  /** Forgets the first keyframe and what depends on it. */
  skipFirst(): void {
    this.#dropFirst()
  }

  /** Forgets everything before the newest keyframe. */
  skipToNewest(): void {
    while (this.#groups.length > 1) this.#dropFirst()
  }

  /** Forgets all units; tracks stay in force. */
  clear(): void {
    this.#groups = []
    this.#bytes = 0
  }

  #openGroup(keyframe: AccessUnit): void {
    this.#groups.push({
      tracks: this.#tracks,
      keyframe,
      items: [],
      newestAudioTicks: -Infinity,
      bytes: 0,
    })
  }

  #keepBounds(newestTicks: number): void {
    const maxTicks = (this.#limits.maxMs * MEDIA_TIMESCALE) / 1000
    for (;;) {
      const [first] = this.#groups
      if (!first) return
      if (this.#bytes <= this.#limits.maxBytes && newestTicks - first.keyframe.dtsTicks <= maxTicks) return
      this.#dropFirst()
    }
  }

  #dropFirst(): void {
    const dropped = this.#groups.shift()
    this.#bytes -= dropped?.bytes ?? 0
  }
}
