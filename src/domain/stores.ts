/**
 * Ports to what must last. `store/` fills them; every answered write is durable.
 */
import type { Channel, StreamKey } from './channel.ts'

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

/** Random secrets the service makes for itself and keeps for ever. */
export type SecretStore = {
  /** The secret called `name`; 32 random bytes made on first use. */
  readonly getOrCreate: (name: string) => Promise<Uint8Array>
}
