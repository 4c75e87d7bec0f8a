/**
 * Playback configurations that ad configurations name must be there. Whoever asks holds the turn of the account, so that
 * they also stay there.
 */
import type { Transaction } from 'kysely'
import { resourceNotFound } from '../domain/errors.ts'
import type { Tables } from './schema.ts'

/**
 * Makes sure that the account has all playback configurations in `arns`.
 *
 * @throws {DomainError} `RESOURCE_NOT_FOUND`.
 */
export async function requirePlaybackConfigurations(
  transaction: Transaction<Tables>,
  accountId: string,
  arns: readonly string[],
): Promise<void> {
  for (const arn of arns) {
    const found = await transaction
      .selectFrom('playback_configuration')
      .select('arn')
      .where('arn', '=', arn)
      .where('account_id', '=', accountId)
      .executeTakeFirst()
    if (!found) throw resourceNotFound(arn)
  }
}

/** Whether an ad configuration of the account names this playback configuration. There are few, so all are looked at. */
export async function namesPlaybackConfiguration(
  transaction: Transaction<Tables>,
  accountId: string,
  arn: string,
): Promise<boolean> {
  const rows = await transaction
    .selectFrom('ad_configuration')
    .select('playback_configuration_arns')
    .where('account_id', '=', accountId)
    .execute()
  return rows.some((row) => (JSON.parse(row.playback_configuration_arns) as string[]).includes(arn))
}
