/**
 * Every operation of the IVS contract that this server answers, in the contract's order.
 */
import type { Operation } from '../operation.ts'
import { batchGetChannel } from './batchGetChannel.ts'
import { batchGetStreamKey } from './batchGetStreamKey.ts'
import { batchStartViewerSessionRevocation } from './batchStartViewerSessionRevocation.ts'
import { createAdConfiguration } from './createAdConfiguration.ts'
import { createChannel } from './createChannel.ts'
import { createPlaybackRestrictionPolicy } from './createPlaybackRestrictionPolicy.ts'
import { createRecordingConfiguration } from './createRecordingConfiguration.ts'
import { createStreamKey } from './createStreamKey.ts'
import { deleteAdConfiguration } from './deleteAdConfiguration.ts'
import { deleteChannel } from './deleteChannel.ts'
import { deletePlaybackKeyPair } from './deletePlaybackKeyPair.ts'
import { deletePlaybackRestrictionPolicy } from './deletePlaybackRestrictionPolicy.ts'
import { deleteRecordingConfiguration } from './deleteRecordingConfiguration.ts'
import { deleteStreamKey } from './deleteStreamKey.ts'
import { getAdConfiguration } from './getAdConfiguration.ts'
import { getChannel } from './getChannel.ts'
import { getPlaybackKeyPair } from './getPlaybackKeyPair.ts'
import { getPlaybackRestrictionPolicy } from './getPlaybackRestrictionPolicy.ts'
import { getRecordingConfiguration } from './getRecordingConfiguration.ts'
import { getStream } from './getStream.ts'
import { getStreamKey } from './getStreamKey.ts'
import { getStreamSession } from './getStreamSession.ts'
import { importPlaybackKeyPair } from './importPlaybackKeyPair.ts'
import { insertAdBreak } from './insertAdBreak.ts'
import { listAdConfigurations } from './listAdConfigurations.ts'
import { listChannels } from './listChannels.ts'
import { listPlaybackKeyPairs } from './listPlaybackKeyPairs.ts'
import { listPlaybackRestrictionPolicies } from './listPlaybackRestrictionPolicies.ts'
import { listRecordingConfigurations } from './listRecordingConfigurations.ts'
import { listStreamKeys } from './listStreamKeys.ts'
import { listStreamSessions } from './listStreamSessions.ts'
import { listStreams } from './listStreams.ts'
import { listTagsForResource } from './listTagsForResource.ts'
import { putMetadata } from './putMetadata.ts'
import { startViewerSessionRevocation } from './startViewerSessionRevocation.ts'
import { stopStream } from './stopStream.ts'
import { tagResource } from './tagResource.ts'
import { untagResource } from './untagResource.ts'
import { updateAdConfiguration } from './updateAdConfiguration.ts'
import { updateChannel } from './updateChannel.ts'
import { updatePlaybackRestrictionPolicy } from './updatePlaybackRestrictionPolicy.ts'

/** The operations, by name. */
export const ivsOperations: readonly Operation[] = [
  batchGetChannel,
  batchGetStreamKey,
  batchStartViewerSessionRevocation,
  createAdConfiguration,
  createChannel,
  createPlaybackRestrictionPolicy,
  createRecordingConfiguration,
  createStreamKey,
  deleteAdConfiguration,
  deleteChannel,
  deletePlaybackKeyPair,
  deletePlaybackRestrictionPolicy,
  deleteRecordingConfiguration,
  deleteStreamKey,
  getAdConfiguration,
  getChannel,
  getPlaybackKeyPair,
  getPlaybackRestrictionPolicy,
  getRecordingConfiguration,
  getStream,
  getStreamKey,
  getStreamSession,
  importPlaybackKeyPair,
  insertAdBreak,
  listAdConfigurations,
  listChannels,
  listPlaybackKeyPairs,
  listPlaybackRestrictionPolicies,
  listRecordingConfigurations,
  listStreamKeys,
  listStreamSessions,
  listStreams,
  listTagsForResource,
  putMetadata,
  startViewerSessionRevocation,
  stopStream,
  tagResource,
  untagResource,
  updateAdConfiguration,
  updateChannel,
  updatePlaybackRestrictionPolicy,
]
