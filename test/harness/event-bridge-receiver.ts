/**
 * An event bus that takes PutEvents as the SDK sends it, and answers with the SDK's own types.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type {
  PutEventsRequestEntry,
  PutEventsResponse,
  PutEventsResultEntry,
} from '@aws-sdk/client-eventbridge'

/** A bus that listens; `await using` stops it. */
export type EventBridgeReceiver = AsyncDisposable & {
  readonly endpoint: string
  /** Number of entries of each call. */
  readonly calls: readonly number[]
  /** Entries that were accepted, in their order. */
  readonly accepted: readonly PutEventsRequestEntry[]
}

/** Time as it travels: seconds since the Unix epoch. */
type SentEntry = Omit<PutEventsRequestEntry, 'Time'> & { readonly Time?: number }

const MAX_ENTRIES = 10

/** Starts a bus; without `refuse` it accepts all, else every entry for which that gives no error. */
export async function startEventBridgeReceiver(
  refuse: (entry: PutEventsRequestEntry) => PutEventsResultEntry | undefined = () => undefined,
): Promise<EventBridgeReceiver> {
  const calls: number[] = []
  const accepted: PutEventsRequestEntry[] = []

  const take = (entry: PutEventsRequestEntry): PutEventsResultEntry => {
    const refusal = refuse(entry)
    if (refusal) return refusal
    accepted.push(entry)
    return { EventId: `event-${accepted.length}` }
  }

  const server = createServer((request, response) => {
    void (async () => {
      const { Entries: entries } = (await json(request)) as { Entries: SentEntry[] }
      calls.push(entries.length)
      const isPutEvents = request.headers['x-amz-target'] === 'AWSEvents.PutEvents'
      const isSigned = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false
      if (!isPutEvents || !isSigned || entries.length > MAX_ENTRIES) {
        response.writeHead(400, { 'x-amzn-ErrorType': 'ValidationException' }).end('{}')
        return
      }
      const results = entries.map(({ Time, ...entry }) =>
        take({ ...entry, ...(Time !== undefined && { Time: new Date(Time * 1000) }) }),
      )
      const failures = results.filter(({ ErrorCode }) => ErrorCode !== undefined).length
      const answer: PutEventsResponse = { FailedEntryCount: failures, Entries: results }
      response.writeHead(200, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer))
    })()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls,
    accepted,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
