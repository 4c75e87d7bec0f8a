/**
 * What channels refer to must be there. Whoever asks holds the turn of the account, so that it also stays there.
 */
import type { Transaction } from 'kysely'
import type { Channel } from '../domain/channel.ts'
import { resourceNotFound } from '../domain/errors.ts'
import type { Tables } from './schema.ts'

const TABLES = {
  recordingConfigurationArn: 'recording_configuration',
  playbackRestrictionPolicyArn: 'playback_restriction_policy',
  adConfigurationArn: 'ad_configuration',
} as const satisfies Partial<Record<keyof Channel, keyof Tables>>

/**
 * Makes sure that the account has everything that `channel` refers to and `before`, if any, did not.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND`.
 */
export async function requireReferences(
  transaction: Transaction<Tables>,
  channel: Channel,
  before?: Channel,
): Promise<void> {
  for (const [member, table] of Object.entries(TABLES)) {
    const arn = channel[member as keyof typeof TABLES]
    // What was referred to before is still there: nobody can delete it meanwhile.
    if (arn === '' || arn === before?.[member as keyof typeof TABLES]) continue
    const found = await transaction
      .selectFrom(table)
      .select('arn')
      .where('arn', '=', arn)
      .where('account_id', '=', channel.accountId)
      .executeTakeFirst()
    if (!found) throw resourceNotFound(arn)
  }
}
