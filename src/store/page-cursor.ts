/**
 * Where a page of a list ended, so that the next goes on there whatever was added or removed meanwhile.
 *
 * Lists are ordered by time of creation, then ARN: new items come last and nothing ever moves.
 */
import { DomainError } from '../domain/errors.ts'
import type { Page, PageRequest } from '../domain/stores.ts'

/** The place of one item in the order of its list. */
export type PagePosition = { readonly createdAtMs: number; readonly arn: string }

/** The place after which a page begins; undefined for the first page. */
export function readCursor(page: PageRequest): PagePosition | undefined {
  if (page.after === undefined) return undefined
  const [, createdAtMs, arn] = /^(\d{1,15}) (.+)$/.exec(page.after) ?? []
  if (createdAtMs === undefined || arn === undefined) {
    throw new DomainError('VALIDATION', 'nextToken is not one that this service gave out')
  }
  return { createdAtMs: Number(createdAtMs), arn }
}

/** Cuts `items`, read with one more than the page holds, into the page and the cursor of the next one. */
export function toPage<Item extends PagePosition>(items: readonly Item[], page: PageRequest): Page<Item> {
  const shown = items.slice(0, page.limit)
  const last = shown.at(-1)
  const more = items.length > page.limit && last !== undefined
  return { items: shown, next: more ? `${last.createdAtMs} ${last.arn}` : undefined }
}
