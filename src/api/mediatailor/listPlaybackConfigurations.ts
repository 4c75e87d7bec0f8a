/**
 * ListPlaybackConfigurations: an account's playback configurations, oldest first.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { listPage } from './list-page.ts'
import { maxResults, nextToken } from './members.ts'
import { toPlaybackConfigurationShape } from './playback-configuration-shape.ts'

/** Lists playback configurations, each with all that GetPlaybackConfiguration shows. */
export const listPlaybackConfigurations: Operation = defineOperation({
  name: 'ListPlaybackConfigurations',
  method: 'GET',
  path: '/playbackConfigurations',
  queryTexts: ['NextToken'],
  queryNumbers: ['MaxResults'],
  input: Type.Object({ MaxResults: Type.Optional(maxResults), NextToken: Type.Optional(nextToken) }),
  run: async (context, input) => {
    const list = { operation: 'ListPlaybackConfigurations', filter: {}, input }
    const page = await listPage(context, list, (request) =>
      context.playbackConfigurations.list(context.accountId, request),
    )
    const shown = page.items.map((item) => toPlaybackConfigurationShape(context.identity, item))
    return { Items: shown, ...page.continuation }
  },
})
