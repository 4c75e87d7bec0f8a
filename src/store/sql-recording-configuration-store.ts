/**
 * Recording configurations in SQL.
 */
import type { Kysely } from 'kysely'
import type { Tags } from '../domain/channel.ts'
import type {
  RecordingConfiguration,
  RenditionConfiguration,
  ThumbnailConfiguration,
} from '../domain/recording-configuration.ts'
import type { RecordingConfigurationStore } from '../domain/stores.ts'
import type { Database } from './database.ts'
import { createResource, getResource, listResources, removeUnreferenced } from './resource-tables.ts'
import type { ResourceTable } from './resource-tables.ts'
import type { Tables } from './schema.ts'

const TABLE: ResourceTable<RecordingConfiguration, 'recording_configuration'> = {
  name: 'recording_configuration',
  resourceType: 'recording-configuration',
  toRow: (configuration) => ({
    arn: configuration.arn,
    account_id: configuration.accountId,
    name: configuration.name,
    bucket_name: configuration.bucketName,
    state: configuration.state,
    thumbnails: JSON.stringify(configuration.thumbnails),
    renditions: JSON.stringify(configuration.renditions),
    reconnect_window_seconds: configuration.reconnectWindowSeconds,
    tags: JSON.stringify(configuration.tags),
    created_at_ms: configuration.createdAtMs,
  }),
  fromRow: (row) => ({
    arn: row.arn,
    accountId: row.account_id,
    name: row.name,
    bucketName: row.bucket_name,
    state: row.state as RecordingConfiguration['state'],
    thumbnails: JSON.parse(row.thumbnails) as ThumbnailConfiguration,
    renditions: JSON.parse(row.renditions) as RenditionConfiguration,
    reconnectWindowSeconds: row.reconnect_window_seconds,
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }),
}

/** The recording configurations of `database`. */
export function sqlRecordingConfigurationStore(database: Database): RecordingConfigurationStore {
  const { query, transaction } = database
  return {
    create: (configuration, limit) =>
      transaction(configuration.accountId, (open) => createResource(open, TABLE, configuration, limit)),
    get: (accountId, arn) => getResource(query, TABLE, accountId, arn),
    list: (accountId, page) => listResources(query, TABLE, accountId, page),
    delete: (accountId, arn) =>
      transaction(accountId, (open) =>
        removeUnreferenced(open, TABLE, 'recording_configuration_arn', { accountId, arn }),
      ),
    listCreating: (limit) => listCreating(query, limit),
    settle: (arn, state) => settle(query, arn, state),
  }
}

async function listCreating(
  database: Kysely<Tables>,
  limit: number,
): Promise<readonly RecordingConfiguration[]> {
  const rows = await database
    .selectFrom('recording_configuration')
    .selectAll()
    .where('state', '=', 'CREATING')
    .orderBy('created_at_ms')
    .orderBy('arn')
    .limit(limit)
    .execute()
  return rows.map(TABLE.fromRow)
}

async function settle(
  database: Kysely<Tables>,
  arn: string,
  state: 'ACTIVE' | 'CREATE_FAILED',
): Promise<void> {
  await database
    .updateTable('recording_configuration')
    .set({ state })
    .where('arn', '=', arn)
    .where('state', '=', 'CREATING')
    .execute()
}
