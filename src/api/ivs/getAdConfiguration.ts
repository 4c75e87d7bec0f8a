/**
 * GetAdConfiguration: one ad configuration.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toAdConfigurationShape } from './ad-configuration-shape.ts'
import { arnOf } from './members.ts'
import { resourceNotFound } from './refusals.ts'

/** Gets an ad configuration. */
export const getAdConfiguration: Operation = defineOperation({
  name: 'GetAdConfiguration',
  input: Type.Object({ arn: arnOf('ad-configuration') }),
  run: async ({ adConfigurations, accountId }, { arn }) => {
    const configuration = await adConfigurations.get(accountId, arn)
    if (!configuration) throw resourceNotFound(arn)
    return { adConfiguration: toAdConfigurationShape(configuration) }
  },
})
