/**
 * Muxes one H.264 and one AAC track into fragmented MP4 parts.
 *
 * Input: the units of a part, and timed metadata that applies in it. Output: one `moof` and one `mdat`, video before
 * audio, and around them `emsg` for the metadata. After the init section a part can be
 * played alone when it begins with a keyframe; segments are their parts put together. Where parts are cut is the
 * packager's business.
 *
 * Spec: ISO/IEC 14496-12 §8.8.4 (moof), §8.8.5 (mfhd), §8.1.1 (mdat); rfc8216bis §3.1.2.
 */
import { rescaleTicks } from '../../base/ticks.ts'
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { TimedMetadata } from '../timed-metadata.ts'
import type { MuxedTracks, TimedUnit } from '../timed-unit.ts'
import { AudioSampleGrid, videoTimes } from './decode-times.ts'
import { ivsMessages, standardMessages } from './event-message.ts'
import { TRACK_ID } from './init-section.ts'
import { putBoxHeader, putU32 } from './put.ts'
import type { RunLayout, SampleRun } from './sample-run.ts'
import { layOutRun, putRun } from './sample-run.ts'

const MOOF_HEADER_BYTES = 8
const MFHD_BYTES = 16
const MDAT_HEADER_BYTES = 8

/** Writes the parts of one pair of tracks; a track change asks for a new muxer and a new init section. */
export class FragmentMuxer {
  readonly #hasVideo: boolean
  readonly #grid: AudioSampleGrid | undefined
  readonly #audioTimescale: number
  #sequenceNumber = 0

  constructor(tracks: MuxedTracks) {
    this.#hasVideo = tracks.video !== undefined
    this.#audioTimescale = tracks.audio?.aac.sampleRate ?? MEDIA_TIMESCALE
    this.#grid = tracks.audio && new AudioSampleGrid(tracks.audio.aac)
  }

  /**
   * One part of `units`, any mix of kinds in decode order within each.
   *
   * Times are media time as it is, video in 90 kHz and audio in its sampling rate. Never throws, whatever the units hold:
   * units of a kind without a track are left out, and so is metadata larger than `MAX_METADATA_PAYLOAD_BYTES`.
   */
  writePart(units: readonly TimedUnit[], metadata: readonly TimedMetadata[] = []): Buffer {
    const runs = this.#runs(units)
    const fragment = this.#writeFragment(runs)
    if (metadata.length === 0) return fragment
    return Buffer.concat([
      ...standardMessages(metadata),
      fragment,
      ...ivsMessages(metadata, this.#lastTrackTicks(runs)),
    ])
  }

  #writeFragment(runs: readonly PlannedRun[]): Buffer {
    const moofBytes = runs.reduce((sum, { layout }) => sum + layout.trafBytes, MOOF_HEADER_BYTES + MFHD_BYTES)
    const mdatBytes = runs.reduce((sum, { dataBytes }) => sum + dataBytes, MDAT_HEADER_BYTES)
    const out = Buffer.allocUnsafeSlow(moofBytes + mdatBytes)
    this.#putMovieFragmentHeader(out, moofBytes)
    putBoxHeader(out, moofBytes, mdatBytes, 'mdat')
    let headerAt = MOOF_HEADER_BYTES + MFHD_BYTES
    let dataAt = moofBytes + MDAT_HEADER_BYTES
    for (const { run, layout } of runs) {
      putRun(out, headerAt, run, layout, dataAt)
      headerAt += layout.trafBytes
      for (const unit of run.units) {
        out.set(unit.data, dataAt)
        dataAt += unit.data.length
      }
    }
    return out
  }

  #runs(units: readonly TimedUnit[]): PlannedRun[] {
    const runs: PlannedRun[] = []
    const video = this.#hasVideo ? units.filter((unit) => unit.kind === 'video') : []
    if (video.length > 0) {
      const times = videoTimes(video)
      const reordered = video.some((unit, index) => unit.ptsTicks !== times[index])
      runs.push(plan({ trackId: TRACK_ID.video, units: video, times, reordered }))
    }
    const audio = this.#grid ? units.filter((unit) => unit.kind === 'audio') : []
    if (this.#grid && audio.length > 0) {
      runs.push(
        plan({ trackId: TRACK_ID.audio, units: audio, times: this.#grid.times(audio), reordered: false }),
      )
    }
    return runs
  }

  /** Where the last track of a fragment begins, 90 kHz. */
  #lastTrackTicks(runs: readonly PlannedRun[]): number {
    const last = runs.at(-1)?.run
    const time = last?.times[0] ?? 0
    return last?.trackId === TRACK_ID.audio ? rescaleTicks(time, this.#audioTimescale, MEDIA_TIMESCALE) : time
  }

  #putMovieFragmentHeader(out: Buffer, moofBytes: number): void {
    this.#sequenceNumber++
    putBoxHeader(out, 0, moofBytes, 'moof')
    putBoxHeader(out, MOOF_HEADER_BYTES, MFHD_BYTES, 'mfhd')
    putU32(out, MOOF_HEADER_BYTES + 8, 0)
    putU32(out, MOOF_HEADER_BYTES + 12, this.#sequenceNumber)
  }
}

type PlannedRun = { readonly run: SampleRun; readonly layout: RunLayout; readonly dataBytes: number }

function plan(run: SampleRun): PlannedRun {
  return {
    run,
    layout: layOutRun(run),
    dataBytes: run.units.reduce((sum, unit) => sum + unit.data.length, 0),
  }
}
