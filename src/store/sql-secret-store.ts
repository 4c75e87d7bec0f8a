/**
 * The service's own secrets in SQL.
 */
import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { SecretStore } from '../domain/stores.ts'
import type { Tables } from './schema.ts'

const SECRET_BYTES = 32

/** The secrets of `database`. */
export function sqlSecretStore(database: Kysely<Tables>): SecretStore {
  return {
    getOrCreate: async (name) => {
      const fresh = randomBytes(SECRET_BYTES).toString('base64')
      await database
        .insertInto('secret')
        .values({ name, value: fresh })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      const kept = await database
        .selectFrom('secret')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirstOrThrow()
      return Buffer.from(kept.value, 'base64')
    },
  }
}
