/**
 * Stream keys as answers show them (reference ivs-api §8, StreamKey and StreamKeySummary).
 */
import type { StreamKey } from '../../domain/channel.ts'

/** A stream key in a list: without its secret. */
export type StreamKeySummaryShape = Pick<StreamKey, 'arn' | 'channelArn' | 'tags'>

/** A stream key by itself. */
export type StreamKeyShape = StreamKeySummaryShape & Pick<StreamKey, 'value'>

/** Shows a stream key with its secret. */
export function toStreamKeyShape(streamKey: StreamKey): StreamKeyShape {
  return { ...toStreamKeySummary(streamKey), value: streamKey.value }
}

/** Shows a stream key in a list. */
export function toStreamKeySummary(streamKey: StreamKey): StreamKeySummaryShape {
  return { arn: streamKey.arn, channelArn: streamKey.channelArn, tags: streamKey.tags }
}
