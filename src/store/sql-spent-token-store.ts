/**
 * Single-use playback tokens that were used, in SQL.
 */
import type { SpentTokenStore } from '../domain/stores.ts'
import type { Database } from './database.ts'

/** Nodes forget one after the other. */
const FORGETTING = 'forget spent tokens'

/** The spent tokens of `database`. */
export function sqlSpentTokenStore({ query, batch, transaction }: Database): SpentTokenStore {
  return {
    spend: async ({ channelArn, tokenId, expiresAtMs }) => {
      const insert = query
        .insertInto('spent_token')
        .values({ channel_arn: channelArn, token_id: tokenId, expires_at_ms: expiresAtMs })
        .onConflict((conflict) => conflict.columns(['channel_arn', 'token_id']).doNothing())
      // The key of the table decides who was first, so requests for different tokens need not wait for each other.
      const outcome = await batch(`spend ${tokenId}`, [{ query: insert, orElse: () => 'spent' as const }])
      return outcome === 'done'
    },
    removeExpiredBefore: (cutoffMs, limit) =>
      transaction(FORGETTING, async (open) => {
        const deleted = await open
          .deleteFrom('spent_token')
          .where((row) =>
            row(
              row.refTuple('channel_arn', 'token_id'),
              'in',
              row
                .selectFrom('spent_token')
                .select(['channel_arn', 'token_id'])
                .where('expires_at_ms', '<', cutoffMs)
                .limit(limit)
                .$asTuple('channel_arn', 'token_id'),
            ),
          )
          .executeTakeFirst()
        return Number(deleted.numDeletedRows)
      }),
  }
}
