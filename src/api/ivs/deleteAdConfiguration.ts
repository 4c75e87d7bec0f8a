/**
 * DeleteAdConfiguration: removes an ad configuration that no channel refers to.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { arnOf } from './members.ts'
import { requireDeleted } from './refusals.ts'

/** Deletes an ad configuration. */
export const deleteAdConfiguration: Operation = defineOperation({
  name: 'DeleteAdConfiguration',
  status: 204,
  input: Type.Object({ arn: arnOf('ad-configuration') }),
  run: async ({ adConfigurations, accountId }, { arn }) => {
    requireDeleted(await adConfigurations.delete(accountId, arn), arn)
    return undefined
  },
})
