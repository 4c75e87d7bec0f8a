/**
 * Ports to what must last. `store/` fills them; every answered write is durable.
 */
import type { AdConfiguration } from './ad-configuration.ts'
import type { Channel, ChannelSummary, StreamKey, Tags } from './channel.ts'
import type { PlaybackConfiguration } from './playback-configuration.ts'
import type { PlaybackKeyPair } from './playback-key-pair.ts'
import type { PlaybackRestrictionPolicy } from './playback-restriction-policy.ts'
import type { PrefetchSchedule } from './prefetch-schedule.ts'
import type { RecordingConfiguration } from './recording-configuration.ts'
import type {
  OpenStreamSession,
  SessionEntry,
  StreamEvent,
  StreamSession,
  StreamSessionSummary,
} from './stream-session.ts'
import type { ViewerSessionRevocation } from './viewer-session-revocation.ts'

/** A slice of a list, in a stable order. */
export type Page<Item> = { readonly items: readonly Item[]; readonly next: string | undefined }

/** Where a page starts and how long it is. */
export type PageRequest = {
  /** `next` of the page before; undefined for the first. */
  readonly after: string | undefined
  /** 1 to 100. */
  readonly limit: number
}

/** At most one filter at a time. */
export type ChannelFilter = Partial<
  Pick<Channel, 'name' | 'recordingConfigurationArn' | 'playbackRestrictionPolicyArn' | 'adConfigurationArn'>
>

/** Channels and their stream keys, which live and die together. */
export type ChannelStore = {
  /**
   * Adds both in one transaction, unless the account has `limit` channels already.
   *
   * @throws {DomainError} `RESOURCE_NOT_FOUND` when the channel refers to what the account does not have.
   */
  readonly create: (
    channel: Channel,
    streamKey: StreamKey,
    limit: number,
  ) => Promise<'created' | 'over-limit'>
  readonly get: (accountId: string, arn: string) => Promise<Channel | undefined>
  /** Those that exist, in the order of `arns`, each once. */
  readonly getMany: (accountId: string, arns: readonly string[]) => Promise<readonly Channel[]>
  readonly list: (
    accountId: string,
    filter: ChannelFilter,
    page: PageRequest,
  ) => Promise<Page<ChannelSummary>>
  /**
   * Applies `change` to the stored channel in one transaction; undefined when there is none. An error thrown by
   * `change` leaves it as it was.
   *
   * @throws {DomainError} `RESOURCE_NOT_FOUND` when it then refers to what the account does not have.
   */
  readonly update: (
    accountId: string,
    arn: string,
    change: (channel: Channel) => Channel,
  ) => Promise<Channel | undefined>
  /** Removes the channel and its stream keys; false when there was none. */
  readonly delete: (accountId: string, arn: string) => Promise<boolean>
}

/** Stream keys. */
export type StreamKeyStore = {
  /** Adds a key unless its channel has `limit` keys already. */
  readonly create: (streamKey: StreamKey, limit: number) => Promise<'created' | 'no-channel' | 'over-limit'>
  readonly get: (accountId: string, arn: string) => Promise<StreamKey | undefined>
  readonly getMany: (accountId: string, arns: readonly string[]) => Promise<readonly StreamKey[]>
  readonly listByChannel: (
    accountId: string,
    channelArn: string,
    page: PageRequest,
  ) => Promise<Page<StreamKey>>
  readonly delete: (accountId: string, arn: string) => Promise<boolean>
  /** The channel that the secret `value` publishes to, in whatever account. */
  readonly findChannelByValue: (value: string) => Promise<Channel | undefined>
}

/** A session entry as it is written: an opening one tells where the session runs and how it is recorded. */
export type WrittenEntry =
  | Extract<SessionEntry, { kind: 'changed' }>
  | (Extract<SessionEntry, { kind: 'opened' }> & {
      /** The server that the publisher is connected to. */
      readonly nodeId: string
      readonly recordingConfiguration: RecordingConfiguration | undefined
    })

/** Which open sessions: those of one server, or those of all others that gave no sign of life since a moment. */
export type OpenSessionFilter =
  { readonly nodeId: string } | { readonly otherThanNodeId: string; readonly silentSinceMs: number }

/** What is remembered of broadcasts. It outlives the channels they ran on. */
export type StreamSessionStore = {
  /** Writes the entries in order, all or none. An entry that was written before changes nothing. */
  readonly write: (entries: readonly WrittenEntry[]) => Promise<void>
  /** One session of a channel; without `streamId` the one that began last. */
  readonly get: (
    accountId: string,
    channelArn: string,
    streamId: string | undefined,
  ) => Promise<StreamSession | undefined>
  /** Newest first, at most `MAX_STREAM_EVENTS`. */
  readonly events: (streamId: string) => Promise<readonly StreamEvent[]>
  /** Those of a channel, newest first. */
  readonly list: (
    accountId: string,
    channelArn: string,
    page: PageRequest,
  ) => Promise<Page<StreamSessionSummary>>
  /** At most `limit` sessions that no end is written of. */
  readonly listOpen: (filter: OpenSessionFilter, limit: number) => Promise<readonly OpenStreamSession[]>
  /** Notes that a server is at work on all of its open sessions. */
  readonly markAlive: (nodeId: string, nowMs: number) => Promise<void>
  /** Forgets at most `limit` sessions that ended before `cutoffMs`; how many it were. */
  readonly removeEndedBefore: (cutoffMs: number, limit: number) => Promise<number>
}

/** Viewers who may not watch any more. */
export type RevocationStore = {
  /** Adds all or none. Of several for one viewer and channel the highest version counts. */
  readonly add: (revocations: readonly ViewerSessionRevocation[]) => Promise<void>
  readonly find: (channelArn: string, viewerId: string) => Promise<ViewerSessionRevocation | undefined>
  /** Those made or repeated since `sinceMs`, oldest first. */
  readonly listSince: (sinceMs: number, page: PageRequest) => Promise<Page<ViewerSessionRevocation>>
  /** Forgets at most `limit` made before `cutoffMs`; how many it were. */
  readonly removeBefore: (cutoffMs: number, limit: number) => Promise<number>
}

/** A single-use playback token. */
export type SpentToken = {
  readonly channelArn: string
  /** Its `aws:single-use-uuid`, in lower case. */
  readonly tokenId: string
  /** From then on nobody takes the token for valid; milliseconds since the Unix epoch. */
  readonly expiresAtMs: number
}

/** Single-use playback tokens that were used. */
export type SpentTokenStore = {
  /** True once for each channel and token id, for all nodes together. */
  readonly spend: (token: SpentToken) => Promise<boolean>
  /** Forgets at most `limit` that expired before `cutoffMs`; how many it were. */
  readonly removeExpiredBefore: (cutoffMs: number, limit: number) => Promise<number>
}

/** What became of the wish to delete a resource that channels may refer to. */
export type DeleteOutcome = 'deleted' | 'missing' | 'in-use'

/** Resources of one type that channels may refer to. */
export type AttachableStore<Resource> = {
  /** Adds a resource unless the account has `limit` of its type already. */
  readonly create: (resource: Resource, limit: number) => Promise<'created' | 'over-limit'>
  readonly get: (accountId: string, arn: string) => Promise<Resource | undefined>
  readonly list: (accountId: string, page: PageRequest) => Promise<Page<Resource>>
  /** Removes the resource unless a channel refers to it. */
  readonly delete: (accountId: string, arn: string) => Promise<DeleteOutcome>
}

/** Attachable resources that their owner may change. */
export type ChangeableStore<Resource> = AttachableStore<Resource> & {
  /** Applies `change` in one transaction; undefined when there is none. An error thrown by `change` leaves it as it was. */
  readonly update: (
    accountId: string,
    arn: string,
    change: (resource: Resource) => Resource,
  ) => Promise<Resource | undefined>
}

/** Playback restriction policies. */
export type PlaybackRestrictionPolicyStore = ChangeableStore<PlaybackRestrictionPolicy>

/**
 * Ad configurations. `create` and `update` throw `RESOURCE_NOT_FOUND` for a playback configuration that the account does
 * not have.
 */
export type AdConfigurationStore = ChangeableStore<AdConfiguration>

/** Playback configurations, known by their names. */
export type PlaybackConfigurationStore = {
  /**
   * Keeps what `change` makes of the stored configuration, or of none, in one transaction; a new one unless the account
   * has `limit` already. An error thrown by `change` leaves everything as it was.
   */
  readonly put: (
    accountId: string,
    name: string,
    change: (stored: PlaybackConfiguration | undefined) => PlaybackConfiguration,
    limit: number,
  ) => Promise<PlaybackConfiguration | 'over-limit'>
  readonly get: (accountId: string, name: string) => Promise<PlaybackConfiguration | undefined>
  /** Those that exist, in the order of `arns`, each once. */
  readonly getMany: (accountId: string, arns: readonly string[]) => Promise<readonly PlaybackConfiguration[]>
  /** The one that players' addresses name, in whatever account. */
  readonly findByAddress: (accountHash: string, name: string) => Promise<PlaybackConfiguration | undefined>
  readonly list: (accountId: string, page: PageRequest) => Promise<Page<PlaybackConfiguration>>
  /** Applies `change` in one transaction; undefined when there is none. */
  readonly update: (
    accountId: string,
    name: string,
    change: (stored: PlaybackConfiguration) => PlaybackConfiguration,
  ) => Promise<PlaybackConfiguration | undefined>
  /** Removes it and its prefetch schedules, unless an ad configuration refers to it. */
  readonly delete: (accountId: string, name: string) => Promise<DeleteOutcome>
}

/** Where a prefetch schedule is found. */
export type PrefetchSchedulePlace = Pick<PrefetchSchedule, 'accountId' | 'configurationName' | 'name'>

/** Which prefetch schedules of a playback configuration. */
export type PrefetchScheduleFilter = Partial<Pick<PrefetchSchedule, 'scheduleType' | 'streamId'>> & {
  /** Those that ended before are left out. */
  readonly endedSinceMs: number
}

/** Prefetch schedules. */
export type PrefetchScheduleStore = {
  /** Adds a schedule unless its configuration has `limit` that end after `nowMs`, or one of this name. */
  readonly create: (
    schedule: PrefetchSchedule,
    limit: number,
    nowMs: number,
  ) => Promise<'created' | 'no-configuration' | 'duplicate' | 'over-limit'>
  readonly get: (place: PrefetchSchedulePlace) => Promise<PrefetchSchedule | undefined>
  readonly list: (
    accountId: string,
    configurationName: string,
    filter: PrefetchScheduleFilter,
    page: PageRequest,
  ) => Promise<Page<PrefetchSchedule>>
  /** At most `limit` that end after `nowMs`, of all accounts, those that end first. */
  readonly listActive: (nowMs: number, limit: number) => Promise<readonly PrefetchSchedule[]>
  readonly delete: (place: PrefetchSchedulePlace) => Promise<boolean>
  /** Forgets at most `limit` that ended before `cutoffMs`; how many it were. */
  readonly removeEndedBefore: (cutoffMs: number, limit: number) => Promise<number>
}

/** Recording configurations. */
export type RecordingConfigurationStore = AttachableStore<RecordingConfiguration> & {
  /** At most `limit` in state `CREATING`, of all accounts, oldest first. */
  readonly listCreating: (limit: number) => Promise<readonly RecordingConfiguration[]>
  /** Ends `CREATING`; one that has ended it already, or is gone, stays as it is. */
  readonly settle: (arn: string, state: 'ACTIVE' | 'CREATE_FAILED') => Promise<void>
}

/** Playback key pairs. */
export type PlaybackKeyPairStore = {
  /** Adds a key pair unless the account has `limit` already, or has the same key. */
  readonly create: (
    keyPair: PlaybackKeyPair,
    limit: number,
  ) => Promise<'created' | 'duplicate' | 'over-limit'>
  readonly get: (accountId: string, arn: string) => Promise<PlaybackKeyPair | undefined>
  readonly list: (accountId: string, page: PageRequest) => Promise<Page<PlaybackKeyPair>>
  readonly delete: (accountId: string, arn: string) => Promise<boolean>
}

/** Tags of resources of every type, by ARN. */
export type TagStore = {
  /** Undefined when the account has no such resource. */
  readonly get: (accountId: string, arn: string) => Promise<Tags | undefined>
  /** Applies `change` in one transaction; undefined when there is no such resource. An error thrown by `change` leaves the tags as they were. */
  readonly update: (accountId: string, arn: string, change: (tags: Tags) => Tags) => Promise<Tags | undefined>
}

/** Random secrets the service makes for itself; every node has the same. */
export type SecretStore = {
  /** The secret called `name`; 32 random bytes made on first use. */
  readonly getOrCreate: (name: string) => Promise<Uint8Array>
  /** Forgets the secrets whose names sort from `from` on and before `before`. */
  readonly removeBetween: (from: string, before: string) => Promise<void>
}
