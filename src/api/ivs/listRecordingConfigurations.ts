/**
 * ListRecordingConfigurations: an account's recording configurations, oldest first.
 */
import { Type } from 'typebox'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toRecordingConfigurationSummary } from './recording-configuration-shape.ts'
import { listPage } from './list-page.ts'
import { maxResults, nextToken } from './members.ts'

const MAX_RESULTS = 100

/** Lists recording configurations. */
export const listRecordingConfigurations: Operation = defineOperation({
  name: 'ListRecordingConfigurations',
  input: Type.Object({
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const defaultMaxResults = Math.min(context.limits.recordingConfigurations, MAX_RESULTS)
    const call = { operation: 'ListRecordingConfigurations', filter: {}, input, defaultMaxResults }
    const page = await listPage(context, call, (request) =>
      context.recordingConfigurations.list(context.accountId, request),
    )
    return { recordingConfigurations: page.items.map(toRecordingConfigurationSummary), ...page.continuation }
  },
})
