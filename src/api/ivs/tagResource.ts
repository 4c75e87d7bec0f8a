/**
 * TagResource: adds tags to a resource, or gives new values to those it has.
 */
import { Type } from 'typebox'
import { addTags } from '../../domain/tags.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { tags } from './members.ts'
import { resourceNotFound } from './refusals.ts'
import { resourceArn, TAGS_PATH, tagStoreOf } from './tagged-resource.ts'

/** Tags a resource, also a channel that is live. */
export const tagResource: Operation = defineOperation({
  name: 'TagResource',
  path: TAGS_PATH,
  input: Type.Object({ resourceArn, tags }),
  run: async (context, input) => {
    const store = tagStoreOf(context, input.resourceArn)
    const tagged = await store.update(context.accountId, input.resourceArn, (stored) =>
      addTags(stored, input.tags),
    )
    if (!tagged) throw resourceNotFound(input.resourceArn)
    return {}
  },
})
