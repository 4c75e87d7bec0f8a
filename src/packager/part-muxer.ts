/**
 * The two containers behind one face: what a rendition's parts are written with.
 */
import type { ContainerFormat } from '../domain/channel.ts'
import type { InitSection } from '../domain/live.ts'
import { FragmentMuxer } from '../media/fmp4/fragment-muxer.ts'
import { buildInitSection } from '../media/fmp4/init-section.ts'
import { TsMuxer, type TsContinuation } from '../media/mpegts/ts-muxer.ts'
import type { TimedMetadata } from '../media/timed-metadata.ts'
import type { MuxedTracks, TimedUnit } from '../media/timed-unit.ts'

/** Writes the parts of one run of segments with the same tracks. */
export type PartMuxer = {
  /** Undefined for MPEG-TS. */
  readonly init: InitSection | undefined
  readonly writePart: (units: readonly TimedUnit[], metadata: readonly TimedMetadata[]) => Buffer
  /** A muxer that goes on with other tracks. */
  readonly continueWith: (tracks: MuxedTracks) => PartMuxer
}

/** A muxer for `container`. */
export function createPartMuxer(container: ContainerFormat, tracks: MuxedTracks): PartMuxer {
  return container === 'TS' ? tsPartMuxer(tracks, undefined) : fragmentPartMuxer(tracks, 0)
}

function tsPartMuxer(tracks: MuxedTracks, before: TsContinuation | undefined): PartMuxer {
  const muxer = new TsMuxer(tracks, before)
  return {
    init: undefined,
    writePart: (units, metadata) => muxer.writePart(units, metadata),
    continueWith: (nextTracks) => tsPartMuxer(nextTracks, muxer.continuation),
  }
}

function fragmentPartMuxer(tracks: MuxedTracks, initId: number): PartMuxer {
  const muxer = new FragmentMuxer(tracks)
  return {
    init: { id: initId, body: buildInitSection(tracks) },
    writePart: (units, metadata) => muxer.writePart(units, metadata),
    continueWith: (nextTracks) => fragmentPartMuxer(nextTracks, initId + 1),
  }
}
