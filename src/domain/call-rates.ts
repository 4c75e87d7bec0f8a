/**
 * How often an account may call each operation (reference ivs-api §6).
 */

/** Calls per second of one account, by operation; what counts for each resource has a name of its own. */
export type CallRates = Readonly<Record<string, number>>

/**
 * The documented defaults; none is documented for UpdateAdConfiguration, which gets that of its siblings, and for playback
 * configurations and prefetch schedules, which get ours. The tag operations of all services count together.
 */
export const DEFAULT_CALL_RATES: CallRates = {
  BatchGetChannel: 5,
  BatchGetStreamKey: 5,
  BatchStartViewerSessionRevocation: 2,
  ConfigureLogsForPlaybackConfiguration: 5,
  CreateAdConfiguration: 3,
  CreateChannel: 5,
  CreatePlaybackRestrictionPolicy: 5,
  CreatePrefetchSchedule: 5,
  CreateRecordingConfiguration: 3,
  CreateStreamKey: 5,
  DeleteAdConfiguration: 3,
  DeleteChannel: 5,
  DeletePlaybackConfiguration: 5,
  DeletePlaybackKeyPair: 3,
  DeletePlaybackRestrictionPolicy: 5,
  DeletePrefetchSchedule: 5,
  DeleteRecordingConfiguration: 3,
  DeleteStreamKey: 5,
  GetAdConfiguration: 3,
  GetChannel: 5,
  GetMetricData: 50,
  GetPlaybackConfiguration: 10,
  GetPlaybackKeyPair: 3,
  GetPlaybackRestrictionPolicy: 5,
  GetPrefetchSchedule: 10,
  GetRecordingConfiguration: 3,
  GetStream: 5,
  GetStreamKey: 5,
  GetStreamSession: 5,
  ImportPlaybackKeyPair: 3,
  InsertAdBreak: 1,
  ListAdConfigurations: 3,
  ListChannels: 5,
  ListMetrics: 25,
  ListPlaybackConfigurations: 5,
  ListPlaybackKeyPairs: 3,
  ListPlaybackRestrictionPolicies: 5,
  ListPrefetchSchedules: 5,
  ListRecordingConfigurations: 3,
  ListStreamKeys: 5,
  ListStreamSessions: 5,
  ListStreams: 5,
  ListTagsForResource: 10,
  PutMetadata: 155,
  PutMetadataPerChannel: 5,
  PutPlaybackConfiguration: 5,
  StartViewerSessionRevocation: 10,
  StopStream: 5,
  TagResource: 10,
  UntagResource: 10,
  UpdateAdConfiguration: 3,
  UpdateChannel: 5,
  UpdatePlaybackRestrictionPolicy: 5,
}
