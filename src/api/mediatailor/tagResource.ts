/**
 * TagResource: adds tags to a playback configuration or prefetch schedule, or gives new values to those it has.
 */
import { Type } from 'typebox'
import { addTags } from '../../domain/tags.ts'
import { tags } from '../ivs/members.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { resourceArn, resourceNotFound, TAGS_PATH, tagStoreOf } from './tagged-resource.ts'

/** Tags a resource. */
export const tagResource: Operation = defineOperation({
  name: 'TagResource',
  path: TAGS_PATH,
  status: 204,
  input: Type.Object({ ResourceArn: resourceArn, tags }),
  run: async (context, { ResourceArn, tags: added }) => {
    const tagged = await tagStoreOf(context).update(context.accountId, ResourceArn, (stored) =>
      addTags(stored, added),
    )
    if (!tagged) throw resourceNotFound(ResourceArn)
    return undefined
  },
})
