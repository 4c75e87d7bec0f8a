/**
 * Playback restriction policies in SQL.
 */
import type { Tags } from '../domain/channel.ts'
import type { PlaybackRestrictionPolicy } from '../domain/playback-restriction-policy.ts'
import type { PlaybackRestrictionPolicyStore } from '../domain/stores.ts'
import type { Database } from './database.ts'
import {
  createResource,
  getResource,
  listResources,
  removeUnreferenced,
  updateResource,
} from './resource-tables.ts'
import type { ResourceTable } from './resource-tables.ts'

const TABLE: ResourceTable<PlaybackRestrictionPolicy, 'playback_restriction_policy'> = {
  name: 'playback_restriction_policy',
  resourceType: 'playback-restriction-policy',
  toRow: (policy) => ({
    arn: policy.arn,
    account_id: policy.accountId,
    name: policy.name,
    allowed_countries: JSON.stringify(policy.allowedCountries),
    allowed_origins: JSON.stringify(policy.allowedOrigins),
    strict_origin: Number(policy.enableStrictOriginEnforcement),
    tags: JSON.stringify(policy.tags),
    created_at_ms: policy.createdAtMs,
  }),
  fromRow: (row) => ({
    arn: row.arn,
    accountId: row.account_id,
    name: row.name,
    allowedCountries: JSON.parse(row.allowed_countries) as string[],
    allowedOrigins: JSON.parse(row.allowed_origins) as string[],
    enableStrictOriginEnforcement: row.strict_origin === 1,
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }),
}

/** The playback restriction policies of `database`. */
export function sqlPlaybackRestrictionPolicyStore(database: Database): PlaybackRestrictionPolicyStore {
  const { query, transaction } = database
  return {
    create: (policy, limit) =>
      transaction(policy.accountId, (open) => createResource(open, TABLE, policy, limit)),
    get: (accountId, arn) => getResource(query, TABLE, accountId, arn),
    list: (accountId, page) => listResources(query, TABLE, accountId, page),
    update: (accountId, arn, change) =>
      transaction(accountId, (open) => updateResource(open, TABLE, { accountId, arn }, change)),
    delete: (accountId, arn) =>
      transaction(accountId, (open) =>
        removeUnreferenced(open, TABLE, 'playback_restriction_policy_arn', { accountId, arn }),
      ),
  }
}
