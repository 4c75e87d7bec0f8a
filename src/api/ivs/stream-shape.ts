/**
 * Live streams as answers show them (reference ivs-api §8, Stream and StreamSummary).
 */
import type { LiveStream } from '../../domain/live.ts'
import { playbackUrl } from '../../domain/service-identity.ts'
import type { ServiceIdentity } from '../../domain/service-identity.ts'
import { toTimestamp } from './timestamp.ts'

/** A stream in a list. Only live ones are ever shown. */
export type StreamSummaryShape = Pick<LiveStream, 'channelArn' | 'streamId' | 'health' | 'viewerCount'> & {
  readonly state: 'LIVE'
  /** ISO 8601, UTC, whole seconds. */
  readonly startTime: string
}

/** A stream by itself. */
export type StreamShape = StreamSummaryShape & { readonly playbackUrl: string }

/** Shows a stream with its playback URL. */
export function toStreamShape(identity: ServiceIdentity, stream: LiveStream): StreamShape {
  return { ...toStreamSummary(stream), playbackUrl: playbackUrl(identity, { arn: stream.channelArn }) }
}

/** Shows a stream in a list. */
export function toStreamSummary(stream: LiveStream): StreamSummaryShape {
  return {
    channelArn: stream.channelArn,
    streamId: stream.streamId,
    startTime: toTimestamp(stream.startTimeMs),
    state: 'LIVE',
    health: stream.health,
    viewerCount: stream.viewerCount,
  }
}
