/**
 * Every operation of the IVS contract that this server answers, in the contract's order.
 */
import type { Operation } from '../operation.ts'
import { batchGetChannel } from './batchGetChannel.ts'
import { batchGetStreamKey } from './batchGetStreamKey.ts'
import { batchStartViewerSessionRevocation } from './batchStartViewerSessionRevocation.ts'
import { createChannel } from './createChannel.ts'
import { createStreamKey } from './createStreamKey.ts'
import { deleteChannel } from './deleteChannel.ts'
import { deleteStreamKey } from './deleteStreamKey.ts'
import { getChannel } from './getChannel.ts'
import { getStream } from './getStream.ts'
import { getStreamKey } from './getStreamKey.ts'
import { getStreamSession } from './getStreamSession.ts'
import { insertAdBreak } from './insertAdBreak.ts'
import { listChannels } from './listChannels.ts'
import { listStreamKeys } from './listStreamKeys.ts'
import { listStreamSessions } from './listStreamSessions.ts'
import { listStreams } from './listStreams.ts'
import { putMetadata } from './putMetadata.ts'
import { startViewerSessionRevocation } from './startViewerSessionRevocation.ts'
import { stopStream } from './stopStream.ts'
import { updateChannel } from './updateChannel.ts'

/** The operations, by name. */
export const ivsOperations: readonly Operation[] = [
  batchGetChannel,
  batchGetStreamKey,
  batchStartViewerSessionRevocation,
  createChannel,
  createStreamKey,
  deleteChannel,
  deleteStreamKey,
  getChannel,
  getStream,
  getStreamKey,
  getStreamSession,
  insertAdBreak,
  listChannels,
  listStreamKeys,
  listStreamSessions,
  listStreams,
  putMetadata,
  startViewerSessionRevocation,
  stopStream,
  updateChannel,
]
