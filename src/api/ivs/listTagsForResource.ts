/**
 * ListTagsForResource: all tags of one resource.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { resourceNotFound } from './refusals.ts'
import { resourceArn, TAGS_PATH, tagStoreOf } from './tagged-resource.ts'

/** Lists the tags of a resource. */
export const listTagsForResource: Operation = defineOperation({
  name: 'ListTagsForResource',
  method: 'GET',
  path: TAGS_PATH,
  input: Type.Object({ resourceArn }),
  run: async (context, input) => {
    const tags = await tagStoreOf(context, input.resourceArn).get(context.accountId, input.resourceArn)
    if (!tags) throw resourceNotFound(input.resourceArn)
    return { tags }
  },
})
