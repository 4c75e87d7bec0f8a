/**
 * ListPlaybackRestrictionPolicies: an account's policies, oldest first.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toPlaybackRestrictionPolicyShape } from './playback-restriction-policy-shape.ts'
import { listPage } from './list-page.ts'
import { maxResults, nextToken } from './members.ts'

const MAX_RESULTS = 100
const DEFAULT_MAX_RESULTS = 1

/** Lists playback restriction policies. */
export const listPlaybackRestrictionPolicies: Operation = defineOperation({
  name: 'ListPlaybackRestrictionPolicies',
  input: Type.Object({
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const call = {
      operation: 'ListPlaybackRestrictionPolicies',
      filter: {},
      input,
      defaultMaxResults: DEFAULT_MAX_RESULTS,
    }
    const page = await listPage(context, call, (request) =>
      context.playbackRestrictionPolicies.list(context.accountId, request),
    )
    return {
      playbackRestrictionPolicies: page.items.map(toPlaybackRestrictionPolicyShape),
      ...page.continuation,
    }
  },
})
