/**
 * What a change of the tables is.
 */
import type { Kysely } from 'kysely'
import type { Tables } from '../schema.ts'

/** One change, made once and whole or not at all. A published one is never edited. */
export type Migration = {
  /** Four digits and a word; sorts in the order of application. */
  readonly name: string
  readonly up: (database: Kysely<Tables>) => Promise<void>
}
