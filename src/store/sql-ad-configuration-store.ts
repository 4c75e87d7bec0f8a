/**
 * Ad configurations in SQL.
 */
import type { AdConfiguration, PostRoll } from '../domain/ad-configuration.ts'
import type { Tags } from '../domain/channel.ts'
import type { AdConfigurationStore } from '../domain/stores.ts'
import type { Database } from './database.ts'
import { requirePlaybackConfigurations } from './playback-configuration-references.ts'
import {
  createResource,
  getResource,
  listResources,
  removeUnreferenced,
  updateResource,
} from './resource-tables.ts'
import type { ResourceTable } from './resource-tables.ts'

const TABLE: ResourceTable<AdConfiguration, 'ad_configuration'> = {
  name: 'ad_configuration',
  resourceType: 'ad-configuration',
  toRow: (configuration) => ({
    arn: configuration.arn,
    account_id: configuration.accountId,
    name: configuration.name,
    playback_configuration_arns: JSON.stringify(configuration.playbackConfigurationArns),
    post_roll: JSON.stringify(configuration.postRoll),
    tags: JSON.stringify(configuration.tags),
    created_at_ms: configuration.createdAtMs,
  }),
  fromRow: (row) => ({
    arn: row.arn,
    accountId: row.account_id,
    name: row.name,
    playbackConfigurationArns: JSON.parse(row.playback_configuration_arns) as string[],
    postRoll: JSON.parse(row.post_roll) as PostRoll,
    tags: JSON.parse(row.tags) as Tags,
    createdAtMs: row.created_at_ms,
  }),
}

/** The ad configurations of `database`. */
export function sqlAdConfigurationStore({ query, transaction }: Database): AdConfigurationStore {
  return {
    create: (configuration, limit) =>
      transaction(configuration.accountId, async (open) => {
        const { accountId, playbackConfigurationArns: arns } = configuration
        await requirePlaybackConfigurations(open, accountId, arns)
        return createResource(open, TABLE, configuration, limit)
      }),
    get: (accountId, arn) => getResource(query, TABLE, accountId, arn),
    list: (accountId, page) => listResources(query, TABLE, accountId, page),
    update: (accountId, arn, change) =>
      transaction(accountId, async (open) => {
        const updated = await updateResource(open, TABLE, { accountId, arn }, change)
        if (updated) await requirePlaybackConfigurations(open, accountId, updated.playbackConfigurationArns)
        return updated
      }),
    delete: (accountId, arn) =>
      transaction(accountId, (open) =>
        removeUnreferenced(open, TABLE, 'ad_configuration_arn', { accountId, arn }),
      ),
  }
}
