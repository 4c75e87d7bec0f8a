/**
 * Turns stored tracks back into access units whose times begin at zero.
 *
 * The encoder of sound puts one frame in front in which nothing is heard yet. It is left out, so that the first sample of
 * the creative is at zero as its first picture is.
 */
import { rescaleTicks } from '../../base/ticks.ts'
import {
  MEDIA_TIMESCALE,
  type AccessUnit,
  type AudioTrack,
  type MediaTrack,
  type VideoTrack,
} from '../../media/access-unit.ts'
import { TsDemuxer } from '../../media/mpegts/ts-demuxer.ts'

/** A picture track in memory. */
export type CreativeVideo = { readonly track: VideoTrack; readonly units: readonly AccessUnit[] }

/** A sound track in memory. */
export type CreativeAudio = { readonly track: AudioTrack; readonly units: readonly AccessUnit[] }

/** Frames of sound before the first one that belongs to the creative. */
const PRIMING_FRAMES = 1
/** What is read in one go, so that live media is never kept waiting. */
const SLICE_BYTES = 256 * 1024

/** The pictures of a stored track; undefined when it is not whole. */
export async function readVideoTrack(bytes: Buffer): Promise<CreativeVideo | undefined> {
  const { tracks, units, isWhole } = await demux(bytes, 'video')
  const [track, ...others] = tracks
  const [first] = units
  if (!isWhole || track?.kind !== 'video' || others.length > 0 || !first?.keyframe) return undefined
  return {
    track,
    units: units.map((unit) => ({
      ...unit,
      dtsTicks: unit.dtsTicks - first.dtsTicks,
      ptsTicks: unit.ptsTicks - first.dtsTicks,
    })),
  }
}

/** The frames of a stored track that begin before `endTicks`; undefined when it is not whole. */
export async function readAudioTrack(bytes: Buffer, endTicks: number): Promise<CreativeAudio | undefined> {
  const { tracks, units, isWhole } = await demux(bytes, 'audio')
  const [track, ...others] = tracks
  if (!isWhole || track?.kind !== 'audio' || others.length > 0) return undefined
  const { samplesPerFrame, sampleRate } = track.aac
  const timed = units.slice(PRIMING_FRAMES).map((unit, index): AccessUnit => {
    const ticks = rescaleTicks(index * samplesPerFrame, sampleRate, MEDIA_TIMESCALE)
    return { ...unit, dtsTicks: ticks, ptsTicks: ticks }
  })
  return { track, units: timed.filter(({ ptsTicks }) => ptsTicks < endTicks) }
}

type Demuxed = { readonly tracks: MediaTrack[]; readonly units: AccessUnit[]; readonly isWhole: boolean }

async function demux(bytes: Buffer, kind: 'video' | 'audio'): Promise<Demuxed> {
  const tracks: MediaTrack[] = []
  const units: AccessUnit[] = []
  const demuxer = new TsDemuxer({
    onTrack: (track) => {
      if (track.kind === kind) tracks.push(track)
    },
    onUnit: (unit) => {
      if (unit.kind === kind) units.push(unit)
    },
    onEnd: () => undefined,
  })
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (at > 0) await new Promise(setImmediate)
    demuxer.push(bytes.subarray(at, at + SLICE_BYTES))
  }
  demuxer.end()
  const isWhole = Object.values(demuxer.faults).every((count) => count === 0)
  return { tracks, units, isWhole }
}
