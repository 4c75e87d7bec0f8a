/**
 * Playback key pairs in SQL.
 */
import type { Transaction } from 'kysely'
import type { PlaybackKeyPair } from '../domain/playback-key-pair.ts'
import type { PlaybackKeyPairStore } from '../domain/stores.ts'
import type { Tags } from '../domain/channel.ts'
import type { Database } from './database.ts'
import { createResource, getResource, listResources, removeResource } from './resource-tables.ts'
import type { ResourceTable } from './resource-tables.ts'
import type { Tables } from './schema.ts'

const TABLE: ResourceTable<PlaybackKeyPair, 'playback_key_pair'> = {
  name: 'playback_key_pair',
  resourceType: 'playback-key',
  toRow: (keyPair) => ({
    arn: keyPair.arn,
    account_id: keyPair.accountId,
    name: keyPair.name,
    fingerprint: keyPair.fingerprint,
    public_key_pem: keyPair.publicKeyPem,
    tags: JSON.stringify(keyPair.tags),
    created_at_ms: keyPair.createdAtMs,
  }),
  fromRow: (row) => ({
    arn: row.arn,
    accountId: row.account_id,
    name: row.name,
    fingerprint: row.fingerprint,
    publicKeyPem: row.public_key_pem,
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }),
}

/** The playback key pairs of `database`. */
export function sqlPlaybackKeyPairStore({ query, transaction }: Database): PlaybackKeyPairStore {
  return {
    create: (keyPair, limit) => transaction(keyPair.accountId, (open) => create(open, keyPair, limit)),
    get: (accountId, arn) => getResource(query, TABLE, accountId, arn),
    list: (accountId, page) => listResources(query, TABLE, accountId, page),
    delete: (accountId, arn) => transaction(accountId, (open) => removeResource(open, TABLE, accountId, arn)),
  }
}

async function create(
  transaction: Transaction<Tables>,
  keyPair: PlaybackKeyPair,
  limit: number,
): Promise<'created' | 'duplicate' | 'over-limit'> {
  const same = await transaction
    .selectFrom('playback_key_pair')
    .select('arn')
    .where('account_id', '=', keyPair.accountId)
    .where('fingerprint', '=', keyPair.fingerprint)
    .executeTakeFirst()
  if (same) return 'duplicate'
  return createResource(transaction, TABLE, keyPair, limit)
}
