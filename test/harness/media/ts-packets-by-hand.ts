/**
 * Transport stream packets written by hand: what our own muxer never writes and others may.
 */
import { SAMPLE_VIDEO } from './sample-tracks.ts'
import { buildPatPacket, buildPmtPacket, TS_PID, TS_STREAM_TYPE } from '../../../src/media/mpegts/psi.ts'
import { putTimestamp } from '../../../src/media/mpegts/timestamps.ts'

/** An access unit delimiter. */
export const DELIMITER: Buffer = Buffer.from([0x09, 0xf0])

/** A picture that decodes alone. */
export const IDR: Buffer = Buffer.from('6588840000ff', 'hex')

/** A picture that does not. */
export const SLICE: Buffer = Buffer.from('419a24', 'hex')

/** Parameter sets of the sample video. */
export const PARAMETER_SETS: readonly Buffer[] = [...SAMPLE_VIDEO.avc.sps, ...SAMPLE_VIDEO.avc.pps].map(
  (nal) => Buffer.from(nal),
)

/** NAL units behind start codes. */
export function annexB(...nals: readonly Uint8Array[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]))
}

/** PAT and PMT of one video and one audio stream. */
export function tables(): Buffer {
  const streams = [
    { streamType: TS_STREAM_TYPE.avc, pid: TS_PID.video },
    { streamType: TS_STREAM_TYPE.adtsAac, pid: TS_PID.audio },
  ]
  return Buffer.concat([buildPatPacket(), buildPmtPacket({ streams, clockPid: TS_PID.video, version: 0 })])
}

/** What can be chosen of a PES packet. */
export type PesFields = {
  readonly ptsTicks: number
  readonly body: Uint8Array
  readonly declared?: boolean
  readonly streamId?: number
}

/** A PES packet, open unless its length is `declared`. */
export function pesOf({ ptsTicks, body, declared = false, streamId = 0xe0 }: PesFields): Buffer {
  const header = Buffer.from([0, 0, 1, streamId, 0, 0, 0x84, 0x80, 5, 0, 0, 0, 0, 0])
  if (declared) header.writeUInt16BE(8 + body.length, 4)
  putTimestamp(header, 9, 2, ptsTicks)
  return Buffer.concat([header, body])
}

/** Packets of one payload, the last one stuffed. */
export function packetsOf(
  payload: Buffer,
  { pid = 0x100, counter = 0 }: { readonly pid?: number; readonly counter?: number } = {},
): Buffer {
  const packets: Buffer[] = []
  for (let at = 0; at < payload.length; at += 184) {
    const piece = payload.subarray(at, at + 184)
    const stuffing = Buffer.alloc(184 - piece.length, 0xff)
    if (stuffing.length > 0) stuffing[0] = stuffing.length - 1
    if (stuffing.length > 1) stuffing[1] = 0
    const control = (stuffing.length > 0 ? 0x30 : 0x10) | ((counter + packets.length) & 15)
    const head = Buffer.from([0x47, (at === 0 ? 0x40 : 0) | (pid >> 8), pid & 255, control])
    packets.push(Buffer.concat([head, stuffing, piece]))
  }
  return Buffer.concat(packets)
}

/** An AAC frame with its header. */
export function adtsFrame(body: Buffer): Buffer {
  const frameBytes = body.length + 7
  const head = Buffer.from([0xff, 0xf1, 0x4c, 0x80, frameBytes >> 3, ((frameBytes & 7) << 5) | 0x1f, 0xfc])
  return Buffer.concat([head, body])
}
