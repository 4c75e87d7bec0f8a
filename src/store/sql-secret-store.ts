/**
 * The service's own secrets in SQL.
 */
import { randomBytes } from 'node:crypto'
import type { SecretStore } from '../domain/stores.ts'
import type { Database } from './database.ts'

const SECRET_BYTES = 32

/** The secrets of `database`. */
export function sqlSecretStore({ query }: Database): SecretStore {
  return {
    getOrCreate: async (name) => {
      const fresh = randomBytes(SECRET_BYTES).toString('base64')
      await query
        .insertInto('secret')
        .values({ name, value: fresh })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .execute()
      const kept = await query
        .selectFrom('secret')
        .select('value')
        .where('name', '=', name)
        .executeTakeFirstOrThrow()
      return Buffer.from(kept.value, 'base64')
    },
    removeBetween: async (from, before) => {
      await query.deleteFrom('secret').where('name', '>=', from).where('name', '<', before).execute()
    },
  }
}
