/**
 * The clock at the beginning of every segment: when its first picture arrived here.
 *
 * The IVS player makes its live latency of it, together with the server's time in the multivariant playlist. It is a
 * text named `segmentmetadata` that holds JSON: the command that says what it is, the moments in milliseconds since the
 * Unix epoch at which the media came in and went through the transcoder, and how far into the stream it is, in seconds.
 * All moments are that of arrival, so that the latency is that of the whole way and every rendition says the same.
 */
import { MEDIA_TIMESCALE } from './access-unit.ts'
import type { TimedMetadata } from './timed-metadata.ts'

/** Where a segment stands: in media time, by the wall clock, and by the play time before it. */
export type SegmentPlace = {
  readonly startTicks: number
  readonly programDateTimeMs: number
  readonly elapsedTicks: number
}

/** Name of the text by which players know the clock. */
export const SEGMENT_CLOCK = 'segmentmetadata'
const LATENCY_COMMAND = 'ld_lat_data'

/** The clock of a segment, at its beginning. */
export function segmentClock({ startTicks, programDateTimeMs, elapsedTicks }: SegmentPlace): TimedMetadata {
  const arrivalMs = Math.round(programDateTimeMs)
  const clock = {
    cmd: LATENCY_COMMAND,
    ingest_r: arrivalMs,
    ingest_s: arrivalMs,
    transc_r: arrivalMs,
    transc_s: arrivalMs,
    stream_offset: Math.round((elapsedTicks * 1000) / MEDIA_TIMESCALE) / 1000,
  }
  return {
    ptsTicks: startTicks,
    owner: SEGMENT_CLOCK,
    payload: Buffer.from(JSON.stringify(clock)),
    frame: 'text',
  }
}
