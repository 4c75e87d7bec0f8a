/**
 * DeleteStreamKey: takes a key away. A running stream goes on; the key opens no new one.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { resourceNotFound } from './refusals.ts'

/** Deletes a stream key. */
export const deleteStreamKey: Operation = defineOperation({
  name: 'DeleteStreamKey',
  status: 204,
  input: Type.Object({ arn: arnOf('stream-key') }),
  run: async ({ streamKeys, accountId }, { arn }) => {
    if (!(await streamKeys.delete(accountId, arn))) throw resourceNotFound(arn)
    return undefined
  },
})
