/**
 * ListPlaybackKeyPairs: an account's imported keys, oldest first, without their fingerprints.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toPlaybackKeyPairSummary } from './playback-key-pair-shape.ts'
import { listPage } from './list-page.ts'
import { maxResults, nextToken } from './members.ts'

const MAX_RESULTS = 100

/** Lists playback key pairs. */
export const listPlaybackKeyPairs: Operation = defineOperation({
  name: 'ListPlaybackKeyPairs',
  input: Type.Object({
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const defaultMaxResults = Math.min(context.limits.playbackKeyPairs, MAX_RESULTS)
    const call = { operation: 'ListPlaybackKeyPairs', filter: {}, input, defaultMaxResults }
    const page = await listPage(context, call, (request) =>
      context.playbackKeyPairs.list(context.accountId, request),
    )
    return { keyPairs: page.items.map(toPlaybackKeyPairSummary), ...page.continuation }
  },
})
