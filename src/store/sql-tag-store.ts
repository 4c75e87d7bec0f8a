/**
 * Tags in SQL: every resource keeps its own, in the row it has anyway.
 */
import type { Kysely, Transaction } from 'kysely'
import { parseArn } from '../domain/arn.ts'
import type { ResourceType } from '../domain/arn.ts'
import type { Tags } from '../domain/channel.ts'
import type { TagStore } from '../domain/stores.ts'
import type { Database } from './database.ts'
import type { Tables } from './schema.ts'

const MEDIA_TAILOR_TABLES = {
  playbackConfiguration: 'playback_configuration',
  prefetchSchedule: 'prefetch_schedule',
} as const satisfies Record<string, keyof Tables>

const TABLES = {
  channel: 'channel',
  'stream-key': 'stream_key',
  'playback-key': 'playback_key_pair',
  'playback-restriction-policy': 'playback_restriction_policy',
  'recording-configuration': 'recording_configuration',
  'ad-configuration': 'ad_configuration',
} as const satisfies Record<ResourceType, keyof Tables>

type Place = {
  readonly table:
    (typeof TABLES)[ResourceType] | (typeof MEDIA_TAILOR_TABLES)[keyof typeof MEDIA_TAILOR_TABLES]
  readonly accountId: string
  readonly arn: string
}

/** The tags in `database`. */
export function sqlTagStore({ query, transaction }: Database): TagStore {
  return {
    get: async (accountId, arn) => {
      const place = placeOf(accountId, arn)
      return place && get(query, place)
    },
    update: async (accountId, arn, change) => {
      const place = placeOf(accountId, arn)
      return place && transaction(accountId, (open) => update(open, place, change))
    },
  }
}

function placeOf(accountId: string, arn: string): Place | undefined {
  const { resourceType = '' } = parseArn(arn) ?? {}
  if (Object.hasOwn(TABLES, resourceType)) {
    return { table: TABLES[resourceType as ResourceType], accountId, arn }
  }
  const [, mediaTailorType = ''] = /^arn:aws:mediatailor:[^:]*:[^:]*:([^/]*)\//.exec(arn) ?? []
  if (!Object.hasOwn(MEDIA_TAILOR_TABLES, mediaTailorType)) return undefined
  return {
    table: MEDIA_TAILOR_TABLES[mediaTailorType as keyof typeof MEDIA_TAILOR_TABLES],
    accountId,
    arn,
  }
}

async function get(database: Kysely<Tables>, place: Place): Promise<Tags | undefined> {
  const row = await database
    .selectFrom(place.table)
    .select('tags')
    .where('arn', '=', place.arn)
    .where('account_id', '=', place.accountId)
    .executeTakeFirst()
  return row && (JSON.parse(row.tags) as Tags)
}

async function update(
  transaction: Transaction<Tables>,
  place: Place,
  change: (tags: Tags) => Tags,
): Promise<Tags | undefined> {
  const stored = await get(transaction, place)
  if (!stored) return undefined
  const changed = change(stored)
  await transaction
    .updateTable(place.table)
    .set({ tags: JSON.stringify(changed) })
    .where('arn', '=', place.arn)
    .execute()
  return changed
}
