/**
 * The init section: what fragments of a pair of tracks need before them.
 *
 * There is no edit list: media time is presentation time. Brand `cmfc` is not claimed, since CMAF files hold one track.
 *
 * Spec: ISO/IEC 14496-12 §4.3, §8.2, §8.3, §8.4, §8.8.1 to §8.8.3; rfc8216bis §3.1.2.
 */
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import type { MuxedTracks } from '../timed-unit.ts'
import { box, fullBox, u16, u32, u8, zeros } from './box.ts'
import { aacSampleEntry, avcSampleEntry } from './sample-entry.ts'

/** Track ids in every file of this server. */
export const TRACK_ID = { video: 1, audio: 2 } as const

/** `ftyp` and `moov` of the given tracks; at least one is present. */
export function buildInitSection(tracks: MuxedTracks): Buffer {
  const present = [videoTrack(tracks), audioTrack(tracks)].filter((track) => track !== undefined)
  return Buffer.concat([
    box('ftyp', fourCc('iso6'), u32(0), fourCc('iso6'), fourCc('mp41')),
    box(
      'moov',
      movieHeader(),
      ...present.map((track) => trackBox(track)),
      box('mvex', ...present.map((track) => trackDefaults(track.trackId))),
    ),
  ])
}

/** What differs between the two kinds of track. */
type TrackDescription = {
  readonly trackId: number
  readonly timescale: number
  readonly handler: string
  readonly handlerName: string
  /** 8.8 fixed point. */
  readonly volume: number
  readonly width: number
  readonly height: number
  readonly mediaHeader: Buffer
  readonly sampleEntry: Buffer
}

const NO_FLAGS = { version: 0, flags: 0 } as const
const FULL_VOLUME = 0x0100
const UNITY_MATRIX = u32(0x1_0000, 0, 0, 0, 0x1_0000, 0, 0, 0, 0x4000_0000)
/** `und` in packed ISO 639-2. */
const LANGUAGE_UNDETERMINED = 0x55c4

function videoTrack({ video }: MuxedTracks): TrackDescription | undefined {
  return (
    video && {
      trackId: TRACK_ID.video,
      timescale: MEDIA_TIMESCALE,
      handler: 'vide',
      handlerName: 'video',
      volume: 0,
      width: video.avc.width,
      height: video.avc.height,
      mediaHeader: fullBox('vmhd', { version: 0, flags: 1 }, zeros(8)),
      sampleEntry: avcSampleEntry(video.avc),
    }
  )
}

function audioTrack({ audio }: MuxedTracks): TrackDescription | undefined {
  return (
    audio && {
      trackId: TRACK_ID.audio,
      timescale: audio.aac.sampleRate,
      handler: 'soun',
      handlerName: 'audio',
      volume: FULL_VOLUME,
      width: 0,
      height: 0,
      mediaHeader: fullBox('smhd', NO_FLAGS, zeros(4)),
      sampleEntry: aacSampleEntry(audio.aac),
    }
  )
}

function movieHeader(): Buffer {
  return fullBox(
    'mvhd',
    NO_FLAGS,
    // Created, changed, timescale, duration (a live movie has none), rate 1.
    u32(0, 0, MEDIA_TIMESCALE, 0, 0x1_0000),
    u16(FULL_VOLUME),
    zeros(10),
    UNITY_MATRIX,
    zeros(24),
    u32(TRACK_ID.audio + 1),
  )
}

function trackBox(track: TrackDescription): Buffer {
  return box(
    'trak',
    fullBox(
      'tkhd',
      // Enabled, in the movie, in the preview.
      { version: 0, flags: 7 },
      u32(0, 0, track.trackId, 0, 0),
      zeros(8),
      u16(0, 0, track.volume, 0),
      UNITY_MATRIX,
      u32((track.width & 0xffff) * 0x1_0000, (track.height & 0xffff) * 0x1_0000),
    ),
    box(
      'mdia',
      fullBox('mdhd', NO_FLAGS, u32(0, 0, track.timescale, 0), u16(LANGUAGE_UNDETERMINED, 0)),
      fullBox('hdlr', NO_FLAGS, u32(0), fourCc(track.handler), zeros(12), fourCc(track.handlerName), u8(0)),
      box('minf', track.mediaHeader, dataReference(), emptySampleTable(track.sampleEntry)),
    ),
  )
}

function dataReference(): Buffer {
  // Flag 1: the media is in this file.
  return box('dinf', fullBox('dref', NO_FLAGS, u32(1), fullBox('url ', { version: 0, flags: 1 })))
}

function emptySampleTable(sampleEntry: Buffer): Buffer {
  return box(
    'stbl',
    fullBox('stsd', NO_FLAGS, u32(1), sampleEntry),
    fullBox('stts', NO_FLAGS, u32(0)),
    fullBox('stsc', NO_FLAGS, u32(0)),
    fullBox('stsz', NO_FLAGS, u32(0, 0)),
    fullBox('stco', NO_FLAGS, u32(0)),
  )
}

/** Sample description 1; every fragment says the rest itself. */
function trackDefaults(trackId: number): Buffer {
  return fullBox('trex', NO_FLAGS, u32(trackId, 1, 0, 0, 0))
}

function fourCc(text: string): Buffer {
  return Buffer.from(text, 'latin1')
}
