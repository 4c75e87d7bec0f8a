/**
 * Revocations of viewer sessions in SQL.
 */
import type { Kysely } from 'kysely'
import type { Page, PageRequest, RevocationStore } from '../domain/stores.ts'
import type { ViewerSessionRevocation } from '../domain/viewer-session-revocation.ts'
import type { Database } from './database.ts'
import type { Tables, ViewerSessionRevocationRow } from './schema.ts'

/** Nodes forget one after the other. */
const FORGETTING = 'forget revocations'

/** The revocations of `database`. */
export function sqlRevocationStore({ query, transaction }: Database): RevocationStore {
  return {
    add: async (revocations) => {
      const [first] = revocations
      if (first) await transaction(first.accountId, (open) => add(open, revocations))
    },
    find: (channelArn, viewerId) => find(query, channelArn, viewerId),
    listSince: (sinceMs, page) => listSince(query, sinceMs, page),
    removeBefore: (cutoffMs, limit) => transaction(FORGETTING, (open) => removeBefore(open, cutoffMs, limit)),
  }
}

async function add(database: Kysely<Tables>, revocations: readonly ViewerSessionRevocation[]): Promise<void> {
  await database
    .insertInto('viewer_session_revocation')
    .values(highestOfEach(revocations).map(toRow))
    .onConflict((conflict) =>
      conflict.columns(['channel_arn', 'viewer_id']).doUpdateSet((row) => ({
        version: row
          .case()
          .when('excluded.version', '>', row.ref('viewer_session_revocation.version'))
          .then(row.ref('excluded.version'))
          .else(row.ref('viewer_session_revocation.version'))
          .end(),
        revoked_at_ms: row.ref('excluded.revoked_at_ms'),
      })),
    )
    .execute()
}

// One statement may meet a row only once.
function highestOfEach(revocations: readonly ViewerSessionRevocation[]): readonly ViewerSessionRevocation[] {
  const highest = new Map<string, ViewerSessionRevocation>()
  for (const revocation of revocations) {
    const key = JSON.stringify([revocation.channelArn, revocation.viewerId])
    const known = highest.get(key)
    if (!known || known.version < revocation.version) highest.set(key, revocation)
  }
  return [...highest.values()]
}

async function find(
  database: Kysely<Tables>,
  channelArn: string,
  viewerId: string,
): Promise<ViewerSessionRevocation | undefined> {
  const row = await database
    .selectFrom('viewer_session_revocation')
    .selectAll()
    .where('channel_arn', '=', channelArn)
    .where('viewer_id', '=', viewerId)
    .executeTakeFirst()
  return row && fromRow(row)
}

async function listSince(
  database: Kysely<Tables>,
  sinceMs: number,
  page: PageRequest,
): Promise<Page<ViewerSessionRevocation>> {
  const after = page.after === undefined ? undefined : readPlace(page.after)
  let query = database
    .selectFrom('viewer_session_revocation')
    .selectAll()
    .where('revoked_at_ms', '>=', sinceMs)
  if (after) {
    query = query.where((row) =>
      row(
        row.refTuple('revoked_at_ms', 'channel_arn', 'viewer_id'),
        '>',
        row.tuple(after.revokedAtMs, after.channelArn, after.viewerId),
      ),
    )
  }
  const rows = await query
    .orderBy('revoked_at_ms')
    .orderBy('channel_arn')
    .orderBy('viewer_id')
    .limit(page.limit + 1)
    .execute()
  const items = rows.slice(0, page.limit).map(fromRow)
  const last = items.at(-1)
  return { items, next: rows.length > page.limit && last ? writePlace(last) : undefined }
}

async function removeBefore(database: Kysely<Tables>, cutoffMs: number, limit: number): Promise<number> {
  const deleted = await database
    .deleteFrom('viewer_session_revocation')
    // Said twice, for one that is repeated between the choice and the delete.
    .where('revoked_at_ms', '<', cutoffMs)
    .where((row) =>
      row(
        row.refTuple('channel_arn', 'viewer_id'),
        'in',
        row
          .selectFrom('viewer_session_revocation')
          .select(['channel_arn', 'viewer_id'])
          .where('revoked_at_ms', '<', cutoffMs)
          .limit(limit)
          .$asTuple('channel_arn', 'viewer_id'),
      ),
    )
    .executeTakeFirst()
  return Number(deleted.numDeletedRows)
}

type Place = Pick<ViewerSessionRevocation, 'revokedAtMs' | 'channelArn' | 'viewerId'>

function writePlace({ revokedAtMs, channelArn, viewerId }: Place): string {
  return JSON.stringify([revokedAtMs, channelArn, viewerId])
}

function readPlace(text: string): Place {
  const [revokedAtMs, channelArn, viewerId] = JSON.parse(text) as [number, string, string]
  return { revokedAtMs, channelArn, viewerId }
}

function toRow(revocation: ViewerSessionRevocation): ViewerSessionRevocationRow {
  return {
    channel_arn: revocation.channelArn,
    viewer_id: revocation.viewerId,
    account_id: revocation.accountId,
    version: revocation.version,
    revoked_at_ms: revocation.revokedAtMs,
  }
}

function fromRow(row: ViewerSessionRevocationRow): ViewerSessionRevocation {
  return {
    accountId: row.account_id,
    channelArn: row.channel_arn,
    viewerId: row.viewer_id,
    version: row.version,
    revokedAtMs: row.revoked_at_ms,
  }
}
