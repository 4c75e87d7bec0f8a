/**
 * A demuxer with a sink that remembers, for the tests of what it reads.
 */
import type { AccessUnit, MediaSink, MediaTrack } from '../../../src/media/access-unit.ts'
import { TsDemuxer, type TsDemuxerOptions, type TsFaults } from '../../../src/media/mpegts/ts-demuxer.ts'

/** Length of a transport stream packet. */
export const PACKET_BYTES = 188

/** What a demuxer counts when nothing is wrong. */
export const NO_FAULTS: TsFaults = {
  syncLosses: 0,
  damagedPackets: 0,
  continuityErrors: 0,
  droppedPes: 0,
  droppedUnits: 0,
}

/** Keeps everything that a demuxer gives. */
export class RecordingSink implements MediaSink {
  readonly tracks: MediaTrack[] = []
  readonly units: AccessUnit[] = []
  ends = 0
  readonly onTrack = (track: MediaTrack): void => void this.tracks.push(track)
  readonly onUnit = (unit: AccessUnit): void => void this.units.push(unit)
  readonly onEnd = (): void => {
    this.ends++
  }

  of(kind: AccessUnit['kind']): AccessUnit[] {
    return this.units.filter((unit) => unit.kind === kind)
  }
}

/** A demuxer and what it has given so far. */
export function openDemuxer(options: TsDemuxerOptions = {}): { sink: RecordingSink; demuxer: TsDemuxer } {
  const sink = new RecordingSink()
  return { sink, demuxer: new TsDemuxer(sink, options) }
}

/** All that a demuxer makes of `bytes`. */
export function demux(
  bytes: Uint8Array,
  options: TsDemuxerOptions = {},
): { sink: RecordingSink; faults: TsFaults } {
  const { sink, demuxer: reader } = openDemuxer(options)
  reader.push(bytes)
  reader.end()
  return { sink, faults: reader.faults }
}

/** What a unit looks like after it went through a transport stream. */
export function plainUnit(unit: AccessUnit, shiftTicks = 0): object {
  const { kind, dtsTicks, ptsTicks, keyframe, data } = unit
  return {
    kind,
    dtsTicks: dtsTicks + shiftTicks,
    ptsTicks: ptsTicks + shiftTicks,
    keyframe,
    data: Buffer.from(data).toString('hex'),
  }
}

/** Picks the pictures or the sound. */
export function kindOf(kind: AccessUnit['kind']): (unit: AccessUnit) => boolean {
  return (unit) => unit.kind === kind
}
