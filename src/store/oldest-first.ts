/**
 * Pages of rows in the order in which they were made (see `page-cursor.ts`), the same for every table of resources; and
 * batches of rows in the order in which they were asked for.
 */
import type { SelectQueryBuilder } from 'kysely'
import type { PageRequest } from '../domain/stores.ts'
import { readCursor } from './page-cursor.ts'
import type { Tables } from './schema.ts'

/** Tables whose rows have an ARN and a time of creation. */
export type AgedTable = {
  [Name in keyof Tables]: Tables[Name] extends { arn: string; created_at_ms: number } ? Name : never
}[keyof Tables]

/** The rows of `query` that `page` begins with, and one more that tells whether there is a next page. */
export function oldestFirst<Table extends AgedTable, Row>(
  query: SelectQueryBuilder<Tables, Table, Row>,
  page: PageRequest,
): Promise<readonly Row[]> {
  const after = readCursor(page)
  // Only columns that all these tables have are used, so the types of one of them stand for all.
  let rows = query as unknown as SelectQueryBuilder<Tables, 'channel', Row>
  if (after) {
    rows = rows.where((row) =>
      row(row.refTuple('created_at_ms', 'arn'), '>', row.tuple(after.createdAtMs, after.arn)),
    )
  }
  return rows
    .orderBy('created_at_ms')
    .orderBy('arn')
    .limit(page.limit + 1)
    .execute()
}

/** Those of `found` that `arns` names, in that order, each once. */
export function inOrderOf<Item extends { readonly arn: string }>(
  arns: readonly string[],
  found: readonly Item[],
): readonly Item[] {
  const byArn = new Map(found.map((item) => [item.arn, item]))
  return [...new Set(arns)].flatMap((arn) => byArn.get(arn) ?? [])
}
