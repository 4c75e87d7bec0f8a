/**
 * AAC as it travels in FLV and ISO BMFF: the AudioSpecificConfig.
 *
 * Spec: ISO/IEC 14496-3 §1.6.2.1 (AudioSpecificConfig), §4.4.1 (GASpecificConfig, program_config_element).
 */
import { BitReader } from './bit-reader.ts'
import { CodecError } from './codec-error.ts'

/** What the rest of the server needs to know of an AAC track. */
export type AacConfig = {
  /** AudioSpecificConfig (ISO/IEC 14496-3 §1.6.2.1). */
  readonly asc: Uint8Array
  /** Audio object type of the core layer: 2 is AAC-LC. */
  readonly objectType: number
  /** Core sampling rate in Hz: the grid of access units. */
  readonly sampleRate: number
  /** Index of `sampleRate` in the standard table, as ADTS wants it, 0 to 12. */
  readonly samplingFrequencyIndex: number
  /** Channels, 1 to 8. */
  readonly channels: number
  /** Samples a frame at `sampleRate`: 1024, or 960 when the config says so. */
  readonly samplesPerFrame: number
  /** RFC 6381 form, e.g. `mp4a.40.2`. */
  readonly codecString: string
}

const SAMPLE_RATES: readonly number[] = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
]
/** Lowest rate that still uses the tables of index 0, 1, … (ISO/IEC 14496-3 Table 4.82). */
const RATE_FLOORS: readonly number[] = [
  92_017, 75_132, 55_426, 46_009, 37_566, 27_713, 23_004, 18_783, 13_856, 11_502, 9_391, 7_500, 0,
]
/** Channels by channelConfiguration; 0 where the value is reserved. */
const CHANNELS_BY_CONFIGURATION: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 0, 8]
const MAX_CONFIG_BYTES = 512
const EXPLICIT_RATE = 15
const SYNC_EXTENSION_SBR = 0x2b7
const SYNC_EXTENSION_PS = 0x548

const OBJECT_TYPE = { main: 1, longTermPrediction: 4, sbr: 5, bsacExtension: 22, ps: 29 } as const

type Rate = { readonly sampleRate: number; readonly samplingFrequencyIndex: number }

/**
 * Reads an AudioSpecificConfig of AAC main, LC, SSR or LTP, plain or with SBR and PS signalled on top.
 *
 * The bytes are copied, so a view on a larger buffer may be passed.
 *
 * @throws {CodecError} when it is truncated, impossible, or of another audio object type.
 */
export function parseAacConfig(asc: Uint8Array): AacConfig {
  if (asc.length > MAX_CONFIG_BYTES) {
    throw new CodecError('CODEC_CONFIG_INVALID', `AAC config of ${asc.length} bytes is too large`)
  }
  const bits = new BitReader(asc)
  const signalledType = readObjectType(bits)
  const rate = readRate(bits)
  const channelConfiguration = bits.bits(4)
  let objectType = signalledType
  let outputType = signalledType
  if (signalledType === OBJECT_TYPE.sbr || signalledType === OBJECT_TYPE.ps) {
    readRate(bits) // extension sampling frequency: what the decoder puts out, not the grid of access units
    objectType = readObjectType(bits)
  }
  if (objectType < OBJECT_TYPE.main || objectType > OBJECT_TYPE.longTermPrediction) {
    throw new CodecError(
      'CODEC_CONFIG_UNSUPPORTED',
      `audio object type ${objectType} is not AAC as we carry it`,
    )
  }
  const shortFrames = bits.flag()
  if (bits.flag()) bits.skip(14) // coreCoderDelay
  bits.skip(1) // extensionFlag
  const channels =
    channelConfiguration === 0
      ? readProgramConfigChannels(bits)
      : (CHANNELS_BY_CONFIGURATION[channelConfiguration] ?? 0)
  if (channels < 1 || channels > 8) {
    throw new CodecError(
      'CODEC_CONFIG_INVALID',
      `AAC channel configuration ${channelConfiguration} gives no 1 to 8 channels`,
    )
  }
  // Behind a program config stand fields that are not read here, so a sync word could not be found reliably.
  if (outputType === objectType && channelConfiguration !== 0)
    outputType = readSyncExtension(bits) ?? objectType
  return {
    asc: Uint8Array.from(asc),
    objectType,
    ...rate,
    channels,
    samplesPerFrame: shortFrames ? 960 : 1024,
    codecString: `mp4a.40.${outputType}`,
  }
}

/** Whether two configurations are the same to the byte. */
export function sameAacConfig(a: AacConfig, b: AacConfig): boolean {
  return a === b || Buffer.compare(a.asc, b.asc) === 0
}

function readObjectType(bits: BitReader): number {
  const type = bits.bits(5)
  return type === 31 ? 32 + bits.bits(6) : type
}

function readRate(bits: BitReader): Rate {
  const index = bits.bits(4)
  const sampleRate = index === EXPLICIT_RATE ? bits.bits(24) : (SAMPLE_RATES[index] ?? 0)
  if (sampleRate < 7_350 || sampleRate > 96_000) {
    throw new CodecError(
      'CODEC_CONFIG_INVALID',
      `AAC sampling rate ${sampleRate} (index ${index}) is not possible`,
    )
  }
  return { sampleRate, samplingFrequencyIndex: RATE_FLOORS.findIndex((floor) => sampleRate >= floor) }
}

function readProgramConfigChannels(bits: BitReader): number {
  bits.skip(4 + 2 + 4) // element_instance_tag, object_type, sampling_frequency_index
  const frontCount = bits.bits(4)
  const sideCount = bits.bits(4)
  const backCount = bits.bits(4)
  const lfeCount = bits.bits(2)
  bits.skip(3 + 4) // num_assoc_data_elements, num_valid_cc_elements: they follow the channels and are not read
  for (const mixdownBits of [4, 4, 3]) if (bits.flag()) bits.skip(mixdownBits)
  let channels = lfeCount
  for (let i = 0; i < frontCount + sideCount + backCount; i++) {
    channels += bits.flag() ? 2 : 1
    bits.skip(4)
  }
  return channels
}

// Backward compatible signalling: after a plain config, a sync word and what SBR and PS add. Anything else there is padding.
function readSyncExtension(bits: BitReader): number | undefined {
  try {
    if (bits.remainingBits < 16 || bits.bits(11) !== SYNC_EXTENSION_SBR) return undefined
    if (readObjectType(bits) !== OBJECT_TYPE.sbr || !bits.flag()) return undefined
    readRate(bits)
    if (bits.remainingBits >= 12 && bits.bits(11) === SYNC_EXTENSION_PS && bits.flag()) return OBJECT_TYPE.ps
    return OBJECT_TYPE.sbr
  } catch (error) {
    if (error instanceof CodecError) return undefined
    throw error
  }
}
