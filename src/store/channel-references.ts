/**
 * What channels refer to must be there. Whoever asks holds the turn of the account, so that it also stays there.
 */
import type { Kysely, SelectQueryBuilder, Transaction } from 'kysely'
import type { Channel } from '../domain/channel.ts'
import { resourceNotFound } from '../domain/errors.ts'
import type { BatchStep } from './database.ts'
import type { Tables } from './schema.ts'

const TABLES = {
  recordingConfigurationArn: 'recording_configuration',
  playbackRestrictionPolicyArn: 'playback_restriction_policy',
  adConfigurationArn: 'ad_configuration',
} as const satisfies Partial<Record<keyof Channel, keyof Tables>>

type Reference = { readonly table: (typeof TABLES)[keyof typeof TABLES]; readonly arn: string }

/**
 * Makes sure that the account has everything that `channel` refers to and `before` did not.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND`.
 */
export async function requireReferences(
  transaction: Transaction<Tables>,
  channel: Channel,
  before: Channel,
): Promise<void> {
  for (const reference of referencesOf(channel, before)) {
    const found = await queryFor(transaction, channel.accountId, reference).executeTakeFirst()
    if (!found) throw resourceNotFound(reference.arn)
  }
}

/** The same for a new channel, as steps of the batch that adds it. */
export function referenceSteps(database: Kysely<Tables>, channel: Channel): readonly BatchStep<never>[] {
  return referencesOf(channel).map((reference) => ({
    query: queryFor(database, channel.accountId, reference),
    orElse: () => {
      throw resourceNotFound(reference.arn)
    },
  }))
}

function referencesOf(channel: Channel, before?: Channel): readonly Reference[] {
  return Object.entries(TABLES).flatMap(([member, table]) => {
    const arn = channel[member as keyof typeof TABLES]
    // What was referred to before is still there: nobody can delete it meanwhile.
    return arn === '' || arn === before?.[member as keyof typeof TABLES] ? [] : [{ table, arn }]
  })
}

function queryFor(
  database: Kysely<Tables>,
  accountId: string,
  { table, arn }: Reference,
): SelectQueryBuilder<Tables, Reference['table'], { arn: string }> {
  return database.selectFrom(table).select('arn').where('arn', '=', arn).where('account_id', '=', accountId)
}
