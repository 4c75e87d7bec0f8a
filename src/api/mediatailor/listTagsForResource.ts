/**
 * ListTagsForResource: all tags of a playback configuration or prefetch schedule.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { resourceArn, resourceNotFound, TAGS_PATH, tagStoreOf } from './tagged-resource.ts'

/** Lists the tags of a resource. */
export const listTagsForResource: Operation = defineOperation({
  name: 'ListTagsForResource',
  method: 'GET',
  path: TAGS_PATH,
  input: Type.Object({ ResourceArn: resourceArn }),
  run: async (context, { ResourceArn }) => {
    const tags = await tagStoreOf(context).get(context.accountId, ResourceArn)
    if (!tags) throw resourceNotFound(ResourceArn)
    return { tags }
  },
})
