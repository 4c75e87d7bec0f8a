/**
 * Tracks for the muxer and views on what it wrote, for its tests.
 */
import { SAMPLE_AUDIO, SAMPLE_VIDEO } from './sample-tracks.ts'
import type { WalkedPes } from './ts-walker.ts'
import type { MuxedTracks } from '../../../src/media/timed-unit.ts'
import { TS_PID } from '../../../src/media/mpegts/psi.ts'
import { TS_CLOCK_TICKS } from '../../../src/media/mpegts/timestamps.ts'

/** Pictures alone. */
export const VIDEO_ONLY: MuxedTracks = { video: SAMPLE_VIDEO, audio: undefined }

/** Sound alone. */
export const AUDIO_ONLY: MuxedTracks = { video: undefined, audio: SAMPLE_AUDIO }

/** The PES packets of pictures. */
export function videoOf(pes: readonly WalkedPes[]): WalkedPes[] {
  return pes.filter((packet) => packet.pid === TS_PID.video)
}

/** The PES packets of sound. */
export function audioOf(pes: readonly WalkedPes[]): WalkedPes[] {
  return pes.filter((packet) => packet.pid === TS_PID.audio)
}

/** Ticks as a 33-bit field shows them. */
export function wrap(ticks: number): number {
  return ((ticks % TS_CLOCK_TICKS) + TS_CLOCK_TICKS) % TS_CLOCK_TICKS
}
