/**
 * What a rung is made to need on the wire, for the time in which too little has been sent to measure it.
 */
import type { ContainerFormat } from '../domain/channel.ts'
import type { Rung } from '../domain/ladder.ts'
import { MEDIA_TIMESCALE, type AccessUnit } from '../media/access-unit.ts'

/** A packet's header, and what a picture or a run of audio frames takes beside its bytes, in MPEG-TS. */
const TS_PACKET_RATIO = 188 / 184
const TS_BYTES_PER_PICTURE = 120
const TS_BYTES_PER_FRAME = 25
/** Three parts a second, each with tables or boxes of its own. */
const TABLE_BYTES_PER_SECOND = { TS: 3 * 2 * 188, FRAGMENTED_MP4: 3 * 250 } as const
const FMP4_BYTES_PER_UNIT = 16
const AUDIO_FRAMES_PER_SECOND = 47

/** Bits a second that `rung` is encoded for, with its container; zero when it passes the source's picture through. */
export function nominalBitrateBps(rung: Rung, container: ContainerFormat, passedAudioBps: number): number {
  const { video, audio } = rung
  if (video?.kind === 'passthrough') return 0
  const audioBps = audio.kind === 'transcode' ? audio.bitrateBps : passedAudioBps
  const pictures = video?.frameRate ?? 0
  return Math.round(
    (video?.bitrateBps ?? 0) +
      audioBps +
      8 * overheadBytes(container, pictures, audioBps + (video?.bitrateBps ?? 0)),
  )
}

function overheadBytes(container: ContainerFormat, pictures: number, mediaBps: number): number {
  const tables = TABLE_BYTES_PER_SECOND[container]
  if (container === 'FRAGMENTED_MP4')
    return tables + FMP4_BYTES_PER_UNIT * (pictures + AUDIO_FRAMES_PER_SECOND)
  const packets = (mediaBps / 8) * (TS_PACKET_RATIO - 1)
  return tables + packets + TS_BYTES_PER_PICTURE * pictures + TS_BYTES_PER_FRAME * AUDIO_FRAMES_PER_SECOND
}

/** Measures the sound of the source: the most that one second of it took. */
export class AudioMeter {
  #fromTicks = 0
  #bytes = 0
  #peakBytes = 0

  /** Counts a unit; pictures are passed over. */
  count(unit: AccessUnit): void {
    if (unit.kind !== 'audio') return
    if (unit.dtsTicks - this.#fromTicks >= MEDIA_TIMESCALE) {
      this.#peakBytes = Math.max(this.#peakBytes, this.#bytes)
      this.#bytes = 0
      this.#fromTicks = unit.dtsTicks
    }
    this.#bytes += unit.data.length
  }

  /** Bits a second. */
  get peakBps(): number {
    return 8 * Math.max(this.#peakBytes, this.#bytes)
  }
}
