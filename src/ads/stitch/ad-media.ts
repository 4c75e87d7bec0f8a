/**
 * The bytes of ad segments: each part is muxed when it is first asked for, and shared by all who see the same ad at the
 * same segment.
 *
 * A segment is muxed from its beginning, so its bytes are the same however often and in whatever order it is asked for:
 * what is dropped to make room can be made again.
 */
import type { TimedMetadata } from '../../media/timed-metadata.ts'
import { segmentClock } from '../../media/segment-clock.ts'
import { TsMuxer } from '../../media/mpegts/ts-muxer.ts'
import type { CreativeRendition, LoadedCreative } from '../creative-library.ts'
import { AdCutter, type AdPlace, type Stretch } from './ad-cutter.ts'
import type { AdSlot } from './pod.ts'

/** A rendition that ads are shown in. */
export type AdTarget = {
  /** Tells renditions of all streams apart. */
  readonly key: string
  readonly name: string
  readonly hasVideo: boolean
}

/** A segment of an ad in one rendition. */
export type AdSegmentSource = {
  readonly target: AdTarget
  readonly slot: AdSlot
  /** Length of the first `count` parts, which never changes once there are so many. */
  readonly partTicks: (part: number) => number
}

type Muxed = { readonly muxer: TsMuxer; readonly parts: Buffer[]; doneTicks: number; bytes: number }

const NO_METADATA: readonly TimedMetadata[] = []

/** The muxed segments of all streams, bounded in bytes. */
export class AdMedia {
  readonly #maxBytes: number
  readonly #cutters = new WeakMap<CreativeRendition, AdCutter>()
  /** In the order of their last use. */
  readonly #segments = new Map<string, Muxed>()
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** The bytes of part number `part`. */
  part(source: AdSegmentSource, part: number): Buffer {
    const key = keyOf(source)
    const muxed = this.#segments.get(key) ?? this.#begin(source)
    this.#segments.delete(key)
    this.#segments.set(key, muxed)
    while (muxed.parts.length <= part) this.#mux(source, muxed)
    const body = muxed.parts[part] ?? Buffer.alloc(0)
    this.#makeRoom()
    return body
  }

  /** Whether decoding can begin with a part that begins `fromTicks` into its segment. */
  isIndependent({ target, slot }: AdSegmentSource, stretch: Stretch): boolean {
    return this.#cutter(renditionFor(slot.entry.creative, target)).isIndependent(placeOf(slot), stretch)
  }

  #begin({ target, slot }: AdSegmentSource): Muxed {
    const { video, audio } = renditionFor(slot.entry.creative, target)
    const muxer = new TsMuxer({ video: video?.track, audio: audio.track })
    return { muxer, parts: [], doneTicks: 0, bytes: 0 }
  }

  #mux({ target, slot, partTicks }: AdSegmentSource, muxed: Muxed): void {
    const toTicks = muxed.doneTicks + partTicks(muxed.parts.length)
    const cutter = this.#cutter(renditionFor(slot.entry.creative, target))
    const units = cutter.units(placeOf(slot), { fromTicks: muxed.doneTicks, toTicks })
    const metadata = muxed.parts.length === 0 ? [segmentClock(slot.segment)] : NO_METADATA
    const body = muxed.muxer.writePart(units, metadata)
    muxed.parts.push(body)
    muxed.doneTicks = toTicks
    muxed.bytes += body.length
    this.#bytes += body.length
  }

  #makeRoom(): void {
    for (const [key, { bytes }] of this.#segments) {
      if (this.#bytes <= this.#maxBytes || this.#segments.size === 1) return
      this.#segments.delete(key)
      this.#bytes -= bytes
    }
  }

  #cutter(rendition: CreativeRendition): AdCutter {
    let cutter = this.#cutters.get(rendition)
    if (!cutter) {
      cutter = new AdCutter(rendition)
      this.#cutters.set(rendition, cutter)
    }
    return cutter
  }
}

/**
 * The media of a creative for a rendition. One that it was not made for gets the nearest that there is: an ad in another
 * size is better than content in one rendition where the others have an ad.
 */
function renditionFor({ renditions }: LoadedCreative, { name, hasVideo }: AdTarget): CreativeRendition {
  const own = renditions.get(name)
  if (own) return own
  const all = [...renditions.values()]
  const nearest = all.find(({ video }) => (video !== undefined) === hasVideo) ?? all[0]
  if (!nearest) throw new Error('a conditioned creative has no rendition')
  return nearest
}

function placeOf({ offsetTicks, segment }: AdSlot): AdPlace {
  return { offsetTicks, startTicks: segment.startTicks }
}

function keyOf({ target, slot }: AdSegmentSource): string {
  const { entry, segment } = slot
  return `${target.key} ${segment.msn} ${entry.creative.key} ${entry.from.msn}`
}
