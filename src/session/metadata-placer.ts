/**
 * Puts texts onto the media timeline as timed metadata: at the newest picture, in the order they come.
 *
 * What a publisher sends in its stream is held to the limits that callers of PutMetadata have; they are counted in media
 * time, so that a pause of the network makes no burst.
 *
 * Spec: reference ivs-behaviour §14.
 */
import type { DropCounts } from '../domain/drops.ts'
import { MEDIA_TIMESCALE } from '../media/access-unit.ts'
import { METADATA_OWNER, type TimedMetadata } from '../media/timed-metadata.ts'

/** Most texts of a publisher in one second of media. */
export const MAX_IN_BAND_PER_SECOND = 5
/** Longest text of a publisher, in bytes of UTF-8. */
export const MAX_IN_BAND_BYTES = 1024

/** One session's placer. */
export class MetadataPlacer {
  readonly #drops: DropCounts
  #pictureTicks: number | undefined
  #lastTicks = -Infinity
  /** Times of the publisher's last texts. */
  #inBandTicks: number[] = []
  #put = 0
  #inBand = 0
  #droppedInBand = 0

  constructor(drops: DropCounts) {
    this.#drops = drops
  }

  /** The newest picture of the source is shown at `ptsTicks`. */
  notePicture(ptsTicks: number): void {
    this.#pictureTicks = ptsTicks
  }

  /** How many texts came by which way, for logs. */
  get counts(): {
    readonly metadataPut: number
    readonly metadataInBand: number
    readonly metadataDropped: number
  } {
    return {
      metadataPut: this.#put,
      metadataInBand: this.#inBand,
      metadataDropped: this.#droppedInBand,
    }
  }

  /** A text put through the API; undefined before the first picture. */
  put(text: string): TimedMetadata | undefined {
    if (this.#pictureTicks === undefined) return undefined
    this.#put++
    return this.#place(this.#pictureTicks, METADATA_OWNER.api, Buffer.from(text, 'utf8'))
  }

  /** A text that came in the publisher's stream; undefined, and counted, when it is beyond the limits or too early. */
  takeInBand(text: string): TimedMetadata | undefined {
    const payload = Buffer.from(text, 'utf8')
    const ticks = this.#pictureTicks
    const isTaken =
      ticks !== undefined && payload.length > 0 && payload.length <= MAX_IN_BAND_BYTES && this.#hasRoom(ticks)
    if (!isTaken) {
      this.#droppedInBand++
      this.#drops.count('ingest-metadata')
      return undefined
    }
    this.#inBand++
    this.#inBandTicks = [...this.#inBandTicks, ticks].slice(-MAX_IN_BAND_PER_SECOND)
    return this.#place(ticks, METADATA_OWNER.inBand, payload)
  }

  #hasRoom(ticks: number): boolean {
    const [oldest] = this.#inBandTicks
    if (this.#inBandTicks.length < MAX_IN_BAND_PER_SECOND || oldest === undefined) return true
    return ticks - oldest >= MEDIA_TIMESCALE
  }

  /** Pictures are not shown in the order they come, and several texts may meet one: each gets a tick of its own. */
  #place(ticks: number, owner: string, payload: Buffer): TimedMetadata {
    this.#lastTicks = Math.max(ticks, this.#lastTicks + 1)
    return { ptsTicks: this.#lastTicks, owner, payload }
  }
}
