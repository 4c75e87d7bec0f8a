/**
 * ListStreams: what is live in the account now, longest running first.
 */
import { Type } from 'typebox'
import type { LiveStream } from '../../domain/live.ts'
import type { Page, PageRequest } from '../../domain/stores.ts'
import type { Operation } from '../operation.ts'
import { defineOperation } from '../operation.ts'
import { listPage } from './list-page.ts'
import { maxResults, nextToken, streamHealth } from './members.ts'
import { toStreamSummary } from './stream-shape.ts'

const MAX_RESULTS = 100
// Milliseconds of this millennium have 13 digits; padded, text sorts as time does.
const TIME_DIGITS = 15

/** Lists live streams. */
export const listStreams: Operation = defineOperation({
  name: 'ListStreams',
  input: Type.Object({
    filterBy: Type.Optional(Type.Object({ health: Type.Optional(streamHealth) })),
    nextToken: Type.Optional(nextToken),
    maxResults: Type.Optional(maxResults(MAX_RESULTS)),
  }),
  run: async (context, input) => {
    const health = input.filterBy?.health
    const call = { operation: 'ListStreams', filter: { health }, input, defaultMaxResults: MAX_RESULTS }
    const page = await listPage(context, call, (request) => {
      const streams = context.live.list(context.accountId)
      const wanted = streams.filter((stream) => health === undefined || stream.health === health)
      return Promise.resolve(cutPage(wanted, request))
    })
    return { streams: page.items.map(toStreamSummary), ...page.continuation }
  },
})

// Streams that start later come last, so what starts or ends meanwhile moves no other stream.
function cutPage(streams: readonly LiveStream[], { after, limit }: PageRequest): Page<LiveStream> {
  const rest = streams
    .map((stream) => ({ stream, place: placeOf(stream) }))
    .filter(({ place }) => after === undefined || place > after)
    .sort((left, right) => (left.place < right.place ? -1 : 1))
  const shown = rest.slice(0, limit)
  return {
    items: shown.map(({ stream }) => stream),
    next: rest.length > limit ? shown.at(-1)?.place : undefined,
  }
}

function placeOf(stream: LiveStream): string {
  return `${String(stream.startTimeMs).padStart(TIME_DIGITS, '0')} ${stream.streamId}`
}
