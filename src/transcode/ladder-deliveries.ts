/**
 * The deliveries of all tracks that a ladder encodes, from its first child to its last.
 */
import type { LadderOutput } from '../domain/transcoding.ts'
import { trackName, type EncodedTrack } from './encoded-track.ts'
import { TrackDelivery, type TrackDeliveryOptions } from './track-delivery.ts'

/** What the deliveries need. */
export type LadderDeliveriesOptions = Pick<TrackDeliveryOptions, 'pictures' | 'captions'> & {
  readonly output: LadderOutput
}

/** One ladder's deliveries. */
export class LadderDeliveries {
  readonly #deliveries = new Map<string, TrackDelivery>()

  constructor(tracks: readonly EncodedTrack[], { output, ...sources }: LadderDeliveriesOptions) {
    for (const track of tracks) {
      const names = track.kind === 'video' ? [track.rung] : track.rungs
      const sinks = names.map((name) => output.rungSink(name))
      this.#deliveries.set(trackName(track), new TrackDelivery({ track, sinks, ...sources }))
    }
  }

  /** The delivery of a track, which is one of those given, whatever its size is now. */
  of(track: EncodedTrack): TrackDelivery {
    const delivery = this.#deliveries.get(trackName(track))
    if (!delivery) throw new Error(`no delivery is named ${trackName(track)}`)
    return delivery
  }

  /** Up to where every one of `tracks` that is of this kind is delivered; undefined when there is none. */
  deliveredTicks(tracks: readonly EncodedTrack[], kind: EncodedTrack['kind']): number | undefined {
    const times = tracks
      .filter((track) => track.kind === kind)
      .map((track) => this.of(track).newestTicks ?? -Infinity)
    return times.length === 0 ? undefined : Math.min(...times)
  }

  /** No unit will follow. */
  end(): void {
    for (const delivery of this.#deliveries.values()) delivery.end()
  }
}
