/**
 * The bodies of FLV audio and video tags, which are also the payloads of RTMP audio and video messages.
 *
 * Reads H.264 and AAC; every other codec, the four-character codes of Enhanced RTMP among them, comes out as
 * `unsupported` with its name, so that the caller can refuse it in words. Payloads are views on the body.
 *
 * Spec: Adobe FLV 10.1 §E.4.2 (audio), §E.4.3 (video); Enhanced RTMP v2 (ExVideoTagHeader, ExAudioTagHeader).
 */

/** What a video tag body holds. */
export type FlvVideo =
  /** AVCDecoderConfigurationRecord. */
  | { readonly kind: 'sequence-header'; readonly record: Uint8Array }
  | {
      readonly kind: 'picture'
      /** As flagged by the publisher, which is not always true. */
      readonly keyframe: boolean
      /** Presentation minus decoding time, signed. */
      readonly compositionOffsetMs: number
      /** NAL units in the form that the sequence header announced. */
      readonly payload: Uint8Array
    }
  | { readonly kind: 'end-of-sequence' }
  /** Nothing to decode: an empty body or a player command. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unsupported'; readonly codec: string }

/** What an audio tag body holds. */
export type FlvAudio =
  /** AudioSpecificConfig. */
  | { readonly kind: 'sequence-header'; readonly asc: Uint8Array }
  | { readonly kind: 'frame'; readonly payload: Uint8Array }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'unsupported'; readonly codec: string }

const VIDEO_HEADER_BYTES = 5
const AUDIO_HEADER_BYTES = 2
const EXTENDED_VIDEO_FLAG = 0x80
const KEYFRAME = 1
const PLAYER_COMMAND = 5
const AVC = 7
const AAC = 10
const EXTENDED_AUDIO = 9

const VIDEO_CODECS: Readonly<Record<number, string>> = {
  1: 'JPEG',
  2: 'Sorenson H.263',
  3: 'Screen video',
  4: 'VP6',
  5: 'VP6 with alpha',
  6: 'Screen video 2',
  12: 'HEVC',
}

const AUDIO_CODECS: Readonly<Record<number, string>> = {
  0: 'PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711 A-law',
  8: 'G.711 mu-law',
  11: 'Speex',
  13: 'Opus',
  14: 'MP3',
}

const IGNORED = { kind: 'ignored' } as const
const END_OF_SEQUENCE = { kind: 'end-of-sequence' } as const

/** Reads a video tag body; never throws, a body too short for its header is `ignored`. */
export function readFlvVideo(body: Uint8Array): FlvVideo {
  const first = body[0]
  if (first === undefined) return IGNORED
  if (first & EXTENDED_VIDEO_FLAG) return { kind: 'unsupported', codec: fourCc(body) }
  const frameType = first >> 4
  if (frameType === PLAYER_COMMAND) return IGNORED
  const codecId = first & 0x0f
  if (codecId !== AVC)
    return { kind: 'unsupported', codec: VIDEO_CODECS[codecId] ?? `video codec ${codecId}` }
  if (body[1] === 2) return END_OF_SEQUENCE
  if (body.length <= VIDEO_HEADER_BYTES) return IGNORED
  const payload = body.subarray(VIDEO_HEADER_BYTES)
  if (body[1] === 0) return { kind: 'sequence-header', record: payload }
  if (body[1] !== 1) return IGNORED
  return {
    kind: 'picture',
    keyframe: frameType === KEYFRAME,
    compositionOffsetMs: signed24(body, 2),
    payload,
  }
}

/** Reads an audio tag body; never throws, a body too short for its header is `ignored`. */
export function readFlvAudio(body: Uint8Array): FlvAudio {
  const first = body[0]
  if (first === undefined) return IGNORED
  const format = first >> 4
  if (format === EXTENDED_AUDIO) return { kind: 'unsupported', codec: fourCc(body) }
  if (format !== AAC) return { kind: 'unsupported', codec: AUDIO_CODECS[format] ?? `audio format ${format}` }
  if (body.length <= AUDIO_HEADER_BYTES) return IGNORED
  const payload = body.subarray(AUDIO_HEADER_BYTES)
  if (body[1] === 0) return { kind: 'sequence-header', asc: payload }
  return body[1] === 1 ? { kind: 'frame', payload } : IGNORED
}

function signed24(bytes: Uint8Array, offset: number): number {
  const high = bytes[offset] ?? 0
  const low = ((bytes[offset + 1] ?? 0) << 8) | (bytes[offset + 2] ?? 0)
  return ((high << 24) >> 8) | low
}

// The code sits behind the first byte for every packet type that a publisher opens with.
function fourCc(body: Uint8Array): string {
  const text = Buffer.from(body.subarray(1, 5)).toString('latin1')
  return /^[ -~]{4}$/.test(text) ? `${text} (Enhanced RTMP)` : 'Enhanced RTMP'
}
