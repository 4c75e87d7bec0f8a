/**
 * The two containers behind one face: what a rendition's parts are written with.
 */
import type { ContainerFormat } from '../domain/channel.ts'
import type { InitSection } from '../domain/live.ts'
import type { AudioTrack, VideoTrack } from '../media/access-unit.ts'
import { FragmentMuxer } from '../media/fmp4/fragment-muxer.ts'
import { buildInitSection } from '../media/fmp4/init-section.ts'
import { TsMuxer } from '../media/mpegts/ts-muxer.ts'
import type { TimedUnit } from '../media/timed-unit.ts'

/** The tracks of a rendition; one that carries segments always has video. */
export type RenditionTracks = {
  readonly video: VideoTrack | undefined
  readonly audio: AudioTrack | undefined
}

/** Writes the parts of one run of segments with the same tracks. */
export type PartMuxer = {
  /** Undefined for MPEG-TS. */
  readonly init: InitSection | undefined
  readonly writePart: (units: readonly TimedUnit[]) => Buffer
}

/** A muxer for `container`; `initId` tells its init section from those of earlier runs. */
export function createPartMuxer(
  container: ContainerFormat,
  tracks: RenditionTracks,
  initId: number,
): PartMuxer {
  if (container === 'TS') {
    const muxer = new TsMuxer(tracks)
    return { init: undefined, writePart: (units) => muxer.writePart(units) }
  }
  const muxer = new FragmentMuxer(tracks)
  return {
    init: { id: initId, body: buildInitSection(tracks) },
    writePart: (units) => muxer.writePart(units),
  }
}
