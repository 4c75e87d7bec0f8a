/**
 * UntagResource: takes tags away from a resource.
 */
import { Type } from 'typebox'
import { removeTags } from '../../domain/tags.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { tagKeys } from './members.ts'
import { resourceNotFound } from './refusals.ts'
import { resourceArn, TAGS_PATH, tagStoreOf } from './tagged-resource.ts'

/** Untags a resource; keys that it does not have do not matter. */
export const untagResource: Operation = defineOperation({
  name: 'UntagResource',
  method: 'DELETE',
  path: TAGS_PATH,
  queryLists: ['tagKeys'],
  input: Type.Object({ resourceArn, tagKeys }),
  run: async (context, input) => {
    const store = tagStoreOf(context, input.resourceArn)
    const tagged = await store.update(context.accountId, input.resourceArn, (stored) =>
      removeTags(stored, input.tagKeys),
    )
    if (!tagged) throw resourceNotFound(input.resourceArn)
    return {}
  },
})
