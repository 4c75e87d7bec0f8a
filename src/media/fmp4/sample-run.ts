/**
 * The samples of one track in one fragment: `traf` with `tfhd`, `tfdt` and `trun`, as small as they can be.
 *
 * What all samples share stands once in `tfhd`; only what differs is written for each.
 *
 * Spec: ISO/IEC 14496-12 §8.8.6 (traf), §8.8.7 (tfhd), §8.8.12 (tfdt), §8.8.8 (trun), §8.8.3.1 (sample flags).
 */
import type { TimedUnit } from '../timed-unit.ts'
import { putBoxHeader, putU32, putU64 } from './put.ts'

/** Samples of one track that lie one behind another in `mdat`. */
export type SampleRun = {
  readonly trackId: number
  /** At least one. */
  readonly units: readonly TimedUnit[]
  /** Decoding time of each sample and the end of the last, in the track's timescale; never falls. */
  readonly times: readonly number[]
  /** Whether presentation differs from decoding time; then `times` are 90 kHz. */
  readonly reordered: boolean
}

/** How a run is written: the fields every sample shares, and those that each has for itself. */
export type RunLayout = {
  readonly durationTicks: number | undefined
  readonly sizeBytes: number | undefined
  readonly flags: 'shared' | 'first-differs' | 'each'
  readonly trafBytes: number
}

const TFHD = { defaultDuration: 0x8, defaultSize: 0x10, defaultFlags: 0x20, baseIsMoof: 0x2_0000 } as const
const TRUN = {
  offset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  shift: 0x800,
} as const

/** Depends on no other sample. */
const SYNC_SAMPLE = 0x0200_0000
/** Depends on others; not a sync sample. */
const OTHER_SAMPLE = 0x0101_0000

const TRAF_HEADER_BYTES = 8
const TFHD_BYTES = 16
const TFDT_BYTES = 20
const TRUN_BYTES = 20

/** Chooses the smallest form of `run`. */
export function layOutRun(run: SampleRun): RunLayout {
  const durationTicks = sharedDuration(run.times)
  const sizeBytes = sharedSize(run.units)
  const flags = flagsForm(run.units)
  const each =
    (durationTicks === undefined ? 4 : 0) +
    (sizeBytes === undefined ? 4 : 0) +
    (flags === 'each' ? 4 : 0) +
    (run.reordered ? 4 : 0)
  const trafBytes =
    TRAF_HEADER_BYTES +
    TFHD_BYTES +
    (durationTicks === undefined ? 0 : 4) +
    (sizeBytes === undefined ? 0 : 4) +
    (flags === 'each' ? 0 : 4) +
    TFDT_BYTES +
    TRUN_BYTES +
    (flags === 'first-differs' ? 4 : 0) +
    each * run.units.length
  return { durationTicks, sizeBytes, flags, trafBytes }
}

/** Writes the `traf` of `run` at `at`; `dataOffset` is where its samples begin, counted from the `moof`. */
export function putRun(out: Buffer, at: number, run: SampleRun, layout: RunLayout, dataOffset: number): void {
  putBoxHeader(out, at, layout.trafBytes, 'traf')
  const afterHeader = putTrackFragmentHeader(out, at + TRAF_HEADER_BYTES, run, layout)
  const afterTime = putDecodeTime(out, afterHeader, run.times[0] ?? 0)
  putTrackRun(out, afterTime, { run, layout, dataOffset, sizeBytes: at + layout.trafBytes - afterTime })
}

function putTrackFragmentHeader(out: Buffer, at: number, run: SampleRun, layout: RunLayout): number {
  let flags: number = TFHD.baseIsMoof
  let to = at + TFHD_BYTES
  if (layout.durationTicks !== undefined) {
    flags |= TFHD.defaultDuration
    to = putU32(out, to, layout.durationTicks)
  }
  if (layout.sizeBytes !== undefined) {
    flags |= TFHD.defaultSize
    to = putU32(out, to, layout.sizeBytes)
  }
  if (layout.flags !== 'each') {
    flags |= TFHD.defaultFlags
    to = putU32(out, to, sampleFlags(run.units.at(-1)))
  }
  putBoxHeader(out, at, to - at, 'tfhd')
  putU32(out, at + 8, flags)
  putU32(out, at + 12, run.trackId)
  return to
}

function putDecodeTime(out: Buffer, at: number, decodeTime: number): number {
  putBoxHeader(out, at, TFDT_BYTES, 'tfdt')
  putU32(out, at + 8, 0x0100_0000)
  return putU64(out, at + 12, decodeTime)
}

type TrackRunFields = {
  readonly run: SampleRun
  readonly layout: RunLayout
  readonly dataOffset: number
  readonly sizeBytes: number
}

function putTrackRun(out: Buffer, at: number, { run, layout, dataOffset, sizeBytes }: TrackRunFields): void {
  const ownDuration = layout.durationTicks === undefined
  const ownSize = layout.sizeBytes === undefined
  const ownFlags = layout.flags === 'each'
  const flags =
    TRUN.offset |
    (layout.flags === 'first-differs' ? TRUN.firstFlags : 0) |
    (ownDuration ? TRUN.duration : 0) |
    (ownSize ? TRUN.size : 0) |
    (ownFlags ? TRUN.flags : 0) |
    (run.reordered ? TRUN.shift : 0)
  putBoxHeader(out, at, sizeBytes, 'trun')
  // Version 1: a sample may be shown before it is decoded.
  putU32(out, at + 8, 0x0100_0000 | flags)
  putU32(out, at + 12, run.units.length)
  let to = putU32(out, at + 16, dataOffset)
  if (layout.flags === 'first-differs') to = putU32(out, to, sampleFlags(run.units[0]))
  for (const [index, unit] of run.units.entries()) {
    const time = run.times[index] ?? 0
    if (ownDuration) to = putU32(out, to, (run.times[index + 1] ?? time) - time)
    if (ownSize) to = putU32(out, to, unit.data.length)
    if (ownFlags) to = putU32(out, to, sampleFlags(unit))
    if (run.reordered) to = putU32(out, to, unit.ptsTicks - time)
  }
}

function sampleFlags(unit: TimedUnit | undefined): number {
  return unit?.keyframe ? SYNC_SAMPLE : OTHER_SAMPLE
}

function sharedDuration(times: readonly number[]): number | undefined {
  const durationTicks = (times[1] ?? 0) - (times[0] ?? 0)
  for (let i = 2; i < times.length; i++) {
    if ((times[i] ?? 0) - (times[i - 1] ?? 0) !== durationTicks) return undefined
  }
  return durationTicks
}

function sharedSize(units: readonly TimedUnit[]): number | undefined {
  const sizeBytes = units[0]?.data.length
  for (const unit of units) if (unit.data.length !== sizeBytes) return undefined
  return sizeBytes
}

function flagsForm(units: readonly TimedUnit[]): RunLayout['flags'] {
  const others = units[1]?.keyframe ?? units[0]?.keyframe
  for (let i = 1; i < units.length; i++) if (units[i]?.keyframe !== others) return 'each'
  return units[0]?.keyframe === others ? 'shared' : 'first-differs'
}
