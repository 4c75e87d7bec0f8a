/**
 * All stores of one database.
 */
import type {
  AdConfigurationStore,
  ChannelStore,
  PlaybackKeyPairStore,
  PlaybackRestrictionPolicyStore,
  RecordingConfigurationStore,
  RevocationStore,
  SecretStore,
  StreamKeyStore,
  StreamSessionStore,
  TagStore,
} from '../domain/stores.ts'
import type { Database } from './database.ts'
import { sqlAdConfigurationStore } from './sql-ad-configuration-store.ts'
import { sqlChannelStore } from './sql-channel-store.ts'
import { sqlPlaybackKeyPairStore } from './sql-playback-key-pair-store.ts'
import { sqlPlaybackRestrictionPolicyStore } from './sql-playback-restriction-policy-store.ts'
import { sqlRecordingConfigurationStore } from './sql-recording-configuration-store.ts'
import { sqlRevocationStore } from './sql-revocation-store.ts'
import { sqlSecretStore } from './sql-secret-store.ts'
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
  readonly tags: TagStore
  readonly streamSessions: StreamSessionStore
  readonly revocations: RevocationStore
  readonly secrets: SecretStore
}

/** The stores of `database`, whose tables are up to date. */
export function sqlStores(database: Database): Stores {
  return {
    channels: sqlChannelStore(database),
    streamKeys: sqlStreamKeyStore(database),
    playbackKeyPairs: sqlPlaybackKeyPairStore(database),
    playbackRestrictionPolicies: sqlPlaybackRestrictionPolicyStore(database),
    recordingConfigurations: sqlRecordingConfigurationStore(database),
    adConfigurations: sqlAdConfigurationStore(database),
    tags: sqlTagStore(database),
    streamSessions: sqlStreamSessionStore(database),
    revocations: sqlRevocationStore(database),
    secrets: sqlSecretStore(database),
  }
}
