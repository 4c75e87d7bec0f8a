/**
 * Every operation of the IVS contract that this server answers, in the contract's order.
 */
import type { Operation } from '../operation.ts'
import { batchGetChannel } from './batchGetChannel.ts'
import { batchGetStreamKey } from './batchGetStreamKey.ts'
import { createChannel } from './createChannel.ts'
import { createStreamKey } from './createStreamKey.ts'
import { deleteChannel } from './deleteChannel.ts'
import { deleteStreamKey } from './deleteStreamKey.ts'
import { getChannel } from './getChannel.ts'
import { getStream } from './getStream.ts'
import { getStreamKey } from './getStreamKey.ts'
import { listChannels } from './listChannels.ts'
import { listStreamKeys } from './listStreamKeys.ts'
import { listStreams } from './listStreams.ts'
import { stopStream } from './stopStream.ts'
import { updateChannel } from './updateChannel.ts'

/** The operations, by name. */
export const ivsOperations: readonly Operation[] = [
  batchGetChannel,
  batchGetStreamKey,
  createChannel,
  createStreamKey,
  deleteChannel,
  deleteStreamKey,
  getChannel,
  getStream,
  getStreamKey,
  listChannels,
  listStreamKeys,
  listStreams,
  stopStream,
  updateChannel,
]
