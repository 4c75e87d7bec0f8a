/**
 * One page of a list operation, from its arguments to its continuation token.
 */
import type { Page, PageRequest } from '../../domain/stores.ts'
import type { ListScope } from '../aws/page-tokens.ts'
import type { CallContext } from '../operation.ts'

/** A list call: which list, and which page of it. */
export type ListCall = Pick<ListScope, 'operation' | 'filter'> & {
  readonly input: { readonly nextToken?: string; readonly maxResults?: number }
  readonly defaultMaxResults: number
}

/** Items and, when there are more, the member `nextToken`. */
export type ListedPage<Item> = {
  readonly items: readonly Item[]
  readonly continuation: { readonly nextToken?: string }
}

/**
 * Reads the page that the call asks for.
 *
 * @throws {DomainError} `VALIDATION` when the token belongs to another list or other arguments.
 */
export async function listPage<Item>(
  context: CallContext,
  call: ListCall,
  read: (page: PageRequest) => Promise<Page<Item>>,
): Promise<ListedPage<Item>> {
  const scope = { operation: call.operation, filter: call.filter, accountId: context.accountId }
  const after = await context.pageTokens.read(scope, call.input.nextToken)
  const { items, next } = await read({ after, limit: call.input.maxResults ?? call.defaultMaxResults })
  if (next === undefined) return { items, continuation: {} }
  return { items, continuation: { nextToken: await context.pageTokens.write(scope, next) } }
}
