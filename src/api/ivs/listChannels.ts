/**
 * ListChannels: an account's channels, oldest first, by one filter at most.
 */
import { Type } from 'typebox'
import { DomainError } from '../../domain/errors.ts'
import type { ChannelFilter } from '../../domain/stores.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { toChannelSummary } from './channel-shape.ts'
import { listPage } from './list-page.ts'
import { arnOrNone, maxResults, nextToken, resourceName } from './members.ts'

const MAX_RESULTS = 100

const FILTERS = {
  filterByName: 'name',
  filterByRecordingConfigurationArn: 'recordingConfigurationArn',
  filterByPlaybackRestrictionPolicyArn: 'playbackRestrictionPolicyArn',
  filterByAdConfigurationArn: 'adConfigurationArn',
} as const satisfies Record<string, keyof ChannelFilter>

type FilterInput = { readonly [Member in keyof typeof FILTERS]?: string }

/** Lists channels. */
export const listChannels: Operation = defineOperation({
  name: 'ListChannels',
  input: Type.Object({
    filterByName: Type.Optional(resourceName),
    filterByRecordingConfigurationArn: Type.Optional(arnOrNone('recording-configuration')),
    filterByPlaybackRestrictionPolicyArn: Type.Optional(arnOrNone('playback-restriction-policy')),
    filterByAdConfigurationArn: Type.Optional(arnOrNone('ad-configuration')),
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const filter = toFilter(input)
    const call = { operation: 'ListChannels', filter, input, defaultMaxResults: MAX_RESULTS }
    const page = await listPage(context, call, (request) =>
      context.channels.list(context.accountId, filter, request),
    )
    return { channels: page.items.map(toChannelSummary), ...page.continuation }
  },
})

// An empty filter is no filter.
function toFilter(input: FilterInput): ChannelFilter {
  const given = Object.entries(FILTERS).flatMap(([member, setting]) => {
    const value = input[member as keyof FilterInput]
    return value === undefined || value === '' ? [] : [{ member, setting, value }]
  })
  if (given.length > 1) {
    const members = given.map((filter) => filter.member).join(' and ')
    throw new DomainError('CONFLICT', `${members} exclude each other`)
  }
  return Object.fromEntries(given.map((filter) => [filter.setting, filter.value]))
}
