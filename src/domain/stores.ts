/**
 * Ports to what must last. `store/` fills them; every answered write is durable.
 */
import type { Channel, StreamKey } from './channel.ts'
import type {
  OpenStreamSession,
  RecordingSnapshot,
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
  /** Adds both in one transaction, unless the account has `limit` channels already. */
  readonly create: (
    channel: Channel,
    streamKey: StreamKey,
    limit: number,
  ) => Promise<'created' | 'over-limit'>
  readonly get: (accountId: string, arn: string) => Promise<Channel | undefined>
  /** Those that exist, in the order of `arns`, each once. */
  readonly getMany: (accountId: string, arns: readonly string[]) => Promise<readonly Channel[]>
  readonly list: (accountId: string, filter: ChannelFilter, page: PageRequest) => Promise<Page<Channel>>
  /** Applies `change` to the stored channel in one transaction; undefined when there is none. An error thrown by `change` leaves it as it was. */
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
      readonly recordingConfiguration: RecordingSnapshot | undefined
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

/** Random secrets the service makes for itself and keeps for ever. */
export type SecretStore = {
  /** The secret called `name`; 32 random bytes made on first use. */
  readonly getOrCreate: (name: string) => Promise<Uint8Array>
}
