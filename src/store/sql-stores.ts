/**
 * All stores of one database.
 */
import type { BeaconQueue } from '../domain/beacon-queue.ts'
import type { EventOutbox } from '../domain/event-outbox.ts'
import type {
  AdConfigurationStore,
  ChannelStore,
  PlaybackConfigurationStore,
  PlaybackKeyPairStore,
  PlaybackRestrictionPolicyStore,
  PrefetchScheduleStore,
  RecordingConfigurationStore,
  RevocationStore,
  SecretStore,
  SpentTokenStore,
  StreamKeyStore,
  StreamSessionStore,
  TagStore,
} from '../domain/stores.ts'
import type { Database } from './database.ts'
import { sqlAdConfigurationStore } from './sql-ad-configuration-store.ts'
import { sqlBeaconQueue } from './sql-beacon-queue.ts'
import { sqlChannelStore } from './sql-channel-store.ts'
import { sqlEventOutbox } from './sql-event-outbox.ts'
import { sqlPlaybackConfigurationStore } from './sql-playback-configuration-store.ts'
import { sqlPlaybackKeyPairStore } from './sql-playback-key-pair-store.ts'
import { sqlPlaybackRestrictionPolicyStore } from './sql-playback-restriction-policy-store.ts'
import { sqlPrefetchScheduleStore } from './sql-prefetch-schedule-store.ts'
import { sqlRecordingConfigurationStore } from './sql-recording-configuration-store.ts'
import { sqlRevocationStore } from './sql-revocation-store.ts'
import { sqlSecretStore } from './sql-secret-store.ts'
import { sqlSpentTokenStore } from './sql-spent-token-store.ts'
import { sqlStreamKeyStore } from './sql-stream-key-store.ts'
import { sqlStreamSessionStore } from './sql-stream-session-store.ts'
import { sqlTagStore } from './sql-tag-store.ts'

/** What lasts, by kind. */
export type Stores = {
  readonly channels: ChannelStore
  readonly streamKeys: StreamKeyStore
  readonly playbackKeyPairs: PlaybackKeyPairStore
  readonly playbackRestrictionPolicies: PlaybackRestrictionPolicyStore
  readonly recordingConfigurations: RecordingConfigurationStore
  readonly adConfigurations: AdConfigurationStore
  readonly playbackConfigurations: PlaybackConfigurationStore
  readonly prefetchSchedules: PrefetchScheduleStore
  readonly tags: TagStore
  readonly streamSessions: StreamSessionStore
  readonly revocations: RevocationStore
  readonly spentTokens: SpentTokenStore
  readonly eventOutbox: EventOutbox
  readonly beacons: BeaconQueue
  readonly secrets: SecretStore
}

/**
 * The stores of `database`, whose tables are up to date.
 *
 * @param nowMs wall clock that dates what is written.
 */
export function sqlStores(database: Database, nowMs: () => number = Date.now): Stores {
  return {
    channels: sqlChannelStore(database),
    streamKeys: sqlStreamKeyStore(database),
    playbackKeyPairs: sqlPlaybackKeyPairStore(database),
    playbackRestrictionPolicies: sqlPlaybackRestrictionPolicyStore(database),
    recordingConfigurations: sqlRecordingConfigurationStore(database),
    adConfigurations: sqlAdConfigurationStore(database),
    playbackConfigurations: sqlPlaybackConfigurationStore(database),
    prefetchSchedules: sqlPrefetchScheduleStore(database),
    tags: sqlTagStore(database),
    streamSessions: sqlStreamSessionStore(database, nowMs),
    revocations: sqlRevocationStore(database),
    spentTokens: sqlSpentTokenStore(database),
    eventOutbox: sqlEventOutbox(database, nowMs),
    beacons: sqlBeaconQueue(database),
    secrets: sqlSecretStore(database),
  }
}
