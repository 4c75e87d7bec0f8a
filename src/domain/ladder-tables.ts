/**
 * The documented ladders as tables: which rungs a channel type makes, and with what bitrates
 * (reference ivs-behaviour §2.1–2.3).
 *
 * Data only; what of it a given source gets is `ladder-policy.ts`.
 */
import type { ChannelType, TranscodePreset } from './channel.ts'
import type { RungAudio } from './ladder.ts'

/** One possible rung of a ladder. */
export type LadderRow = {
  /** Shorter edge of the picture, in pixels. */
  readonly shortEdge: number
  /** For up to 30 frames a second, and for up to 60; a row without the latter has 30 at most. */
  readonly videoBps: { readonly upTo30: number; readonly upTo60?: number }
  readonly audio: RungAudio
}

/** Every rung that a channel type can make of a source. */
export type LadderTable = {
  /** Whether a source above the first row is passed through, besides its rungs. */
  readonly passesLargeSource: boolean
  /** Best first. */
  readonly rows: readonly LadderRow[]
  /** A rung as large as the source, for a source between the first two rows. */
  readonly sourceSized?: Omit<LadderRow, 'shortEdge'>
  /** The sound of `audio_only`. */
  readonly audioOnly: RungAudio
}

/** The channel types whose input is transcoded. */
export type TranscodingType = Exclude<ChannelType, 'BASIC'>

/** Video bits a second of the rows that the ADVANCED types have, by preset. */
type AdvancedRates = {
  readonly p720at60: number
  readonly p720at30: number
  readonly p480: number
  readonly p360: number
  readonly p160: number
}

const SOURCE_AUDIO: RungAudio = { kind: 'passthrough' }
const AUDIO_128K: RungAudio = { kind: 'transcode', bitrateBps: 128_000 }
const AUDIO_64K: RungAudio = { kind: 'transcode', bitrateBps: 64_000 }
const AUDIO_48K: RungAudio = { kind: 'transcode', bitrateBps: 48_000 }

const STANDARD: LadderTable = {
  passesLargeSource: true,
  rows: [
    { shortEdge: 720, videoBps: { upTo30: 2_400_000, upTo60: 3_400_000 }, audio: SOURCE_AUDIO },
    { shortEdge: 480, videoBps: { upTo30: 1_400_000 }, audio: SOURCE_AUDIO },
    { shortEdge: 360, videoBps: { upTo30: 630_000 }, audio: AUDIO_64K },
    { shortEdge: 160, videoBps: { upTo30: 230_000 }, audio: AUDIO_48K },
  ],
  audioOnly: SOURCE_AUDIO,
}

const HIGHER_RATES: AdvancedRates = {
  p720at60: 3_000_000,
  p720at30: 2_300_000,
  p480: 1_300_000,
  p360: 700_000,
  p160: 270_000,
}
const CONSTRAINED_RATES: AdvancedRates = {
  p720at60: 2_200_000,
  p720at30: 1_900_000,
  p480: 800_000,
  p360: 400_000,
  p160: 220_000,
}

/** The ladder of a channel type; without a preset the ADVANCED types have the higher bitrates. */
export function ladderTable(type: TranscodingType, preset: TranscodePreset): LadderTable {
  if (type === 'STANDARD') return STANDARD
  const rates = preset === 'CONSTRAINED_BANDWIDTH_DELIVERY' ? CONSTRAINED_RATES : HIGHER_RATES
  return type === 'ADVANCED_HD' ? advancedHd(rates) : advancedSd(rates)
}

function advancedSd(rates: AdvancedRates): LadderTable {
  return {
    passesLargeSource: false,
    rows: [
      { shortEdge: 480, videoBps: { upTo30: rates.p480 }, audio: AUDIO_128K },
      { shortEdge: 360, videoBps: { upTo30: rates.p360 }, audio: AUDIO_64K },
      { shortEdge: 160, videoBps: { upTo30: rates.p160 }, audio: AUDIO_48K },
    ],
    audioOnly: AUDIO_64K,
  }
}

function advancedHd(rates: AdvancedRates): LadderTable {
  const { p720at30, p720at60 } = rates
  const { rows, ...rest } = advancedSd(rates)
  return {
    ...rest,
    rows: [{ shortEdge: 720, videoBps: { upTo30: p720at30, upTo60: p720at60 }, audio: AUDIO_128K }, ...rows],
    // One bitrate is documented for any frame rate.
    sourceSized: { videoBps: { upTo30: p720at30, upTo60: p720at30 }, audio: AUDIO_128K },
  }
}
