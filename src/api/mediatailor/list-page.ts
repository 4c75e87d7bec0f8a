/**
 * One page of a list operation, from its arguments to its continuation token.
 */
import type { Page, PageRequest } from '../../domain/stores.ts'
import type { ListScope } from '../aws/page-tokens.ts'
import type { CallContext } from '../operation.ts'
import { DEFAULT_MAX_RESULTS } from './members.ts'

type PageInput = { readonly NextToken?: string; readonly MaxResults?: number }

/**
 * Reads the page that `input` asks for, and shows its items.
 *
 * @throws {DomainError} `VALIDATION` when the token belongs to another list or other arguments.
 */
export async function listPage<Item>(
  context: CallContext,
  list: Pick<ListScope, 'operation' | 'filter'> & { readonly input: PageInput },
  read: (page: PageRequest) => Promise<Page<Item>>,
): Promise<{ readonly items: readonly Item[]; readonly continuation: PageInput }> {
  const { operation, filter, input } = list
  const scope = { operation, filter, accountId: context.accountId }
  const after = await context.pageTokens.read(scope, input.NextToken)
  const { items, next } = await read({ after, limit: input.MaxResults ?? DEFAULT_MAX_RESULTS })
  if (next === undefined) return { items, continuation: {} }
  return { items, continuation: { NextToken: await context.pageTokens.write(scope, next) } }
}
