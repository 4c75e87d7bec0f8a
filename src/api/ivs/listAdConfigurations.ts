/**
 * ListAdConfigurations: an account's ad configurations, oldest first.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toAdConfigurationShape } from './ad-configuration-shape.ts'
import { listPage } from './list-page.ts'
import { maxResults, nextToken } from './members.ts'

const MAX_RESULTS = 100

/** Lists ad configurations. */
export const listAdConfigurations: Operation = defineOperation({
  name: 'ListAdConfigurations',
  input: Type.Object({
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const defaultMaxResults = Math.min(context.limits.adConfigurations, MAX_RESULTS)
    const call = { operation: 'ListAdConfigurations', filter: {}, input, defaultMaxResults }
    const page = await listPage(context, call, (request) =>
      context.adConfigurations.list(context.accountId, request),
    )
    return { adConfigurations: page.items.map(toAdConfigurationShape), ...page.continuation }
  },
})
