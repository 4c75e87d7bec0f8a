/**
 * UntagResource: takes tags away from a playback configuration or prefetch schedule.
 */
import { Type } from 'typebox'
import { removeTags } from '../../domain/tags.ts'
import { tagKeys } from '../ivs/members.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { resourceArn, resourceNotFound, TAGS_PATH, tagStoreOf } from './tagged-resource.ts'

/** Untags a resource; keys that it does not have do not matter. */
export const untagResource: Operation = defineOperation({
  name: 'UntagResource',
  method: 'DELETE',
  path: TAGS_PATH,
  queryLists: ['tagKeys'],
  status: 204,
  input: Type.Object({ ResourceArn: resourceArn, tagKeys }),
  run: async (context, { ResourceArn, tagKeys: removed }) => {
    const tagged = await tagStoreOf(context).update(context.accountId, ResourceArn, (stored) =>
      removeTags(stored, removed),
    )
    if (!tagged) throw resourceNotFound(ResourceArn)
    return undefined
  },
})
