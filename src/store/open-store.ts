/**
 * Opens everything that lasts: a SQLite file in the data directory, or a PostgreSQL database.
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
import { lockDataDir } from './directory-lock.ts'
import { migrate, MIGRATIONS } from './migrations/migrate.ts'
import { openDatabase } from './open-database.ts'
import type { StoreOptions } from './open-database.ts'
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
import type { StoreError } from './store-error.ts'

/** All durable stores; what is under way when it is disposed is done whole or not at all. */
export type Store = AsyncDisposable & {
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
  /** Resolves when the database is gone for good and only a new start of the process helps. */
  readonly lost: Promise<StoreError>
}

/**
 * Opens the store and brings its tables up to date.
 *
 * @throws {StoreError} `DATA_DIR_IN_USE`, `DATA_DIR_UNUSABLE`, `DATABASE_UNREACHABLE`, `DATABASE_REFUSED` or
 *   `SCHEMA_TOO_NEW`.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  // What was opened is closed again if a later step fails.
  await using opening = new AsyncDisposableStack()
  opening.use(await lockDataDir(options.dataDir))
  const database = opening.use(await openDatabase(options))
  await migrate(database, MIGRATIONS, () => Date.now())
  const opened = opening.move()
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
    lost: database.lost,
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  }
}
