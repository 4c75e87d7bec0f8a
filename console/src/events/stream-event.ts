/**
 * What happened to a stream, read from either place where the server tells of it: the event stream and the record of a
 * stream session.
 *
 * Pure. What people are told of an event is `event-words.ts`.
 */

/** Values that tell more of an event, by the names that the API gives them. */
export type EventFacts = Readonly<Record<string, unknown>>

/** An event as the page shows it. */
export type StreamEvent = {
  /** Tells it from every other line of the list. */
  readonly id: string
  /** The group it belongs to, such as `IVS Stream State Change`. */
  readonly type: string
  readonly name: string
  readonly atMs: number
  /** Empty for events out of a session's record, which keeps none. */
  readonly facts: EventFacts
}

/** An event as a session's record has it. */
export type RecordedEvent = {
  readonly type?: string | undefined
  readonly name?: string | undefined
  readonly eventTime?: Date | undefined
  readonly code?: string | undefined
}

/** Members of the detail that carry the name, by the groups that have one of their own. */
const NAME_MEMBERS: Readonly<Record<string, string>> = {
  'IVS Limit Breach': 'limit_name',
  'IVS Recording State Change': 'recording_status',
}

/**
 * Reads an event of the stream.
 *
 * @returns undefined for what is not about `channelArn` or its account, or has an unexpected shape.
 */
export function readStreamEvent(text: string, channelArn: string): StreamEvent | undefined {
  const envelope = membersOf(parseJson(text))
  const [id, type, time] = ['id', 'detail-type', 'time'].map((name) => envelope.get(name))
  const resources = envelope.get('resources')
  const facts = membersOf(envelope.get('detail'))
  const atMs = typeof time === 'string' ? Date.parse(time) : NaN
  if (typeof id !== 'string' || typeof type !== 'string' || Number.isNaN(atMs)) return undefined
  // Events without a resource are about the whole account, and so about this channel too.
  if (!Array.isArray(resources) || (resources.length > 0 && !resources.includes(channelArn))) return undefined
  const name = facts.get(NAME_MEMBERS[type] ?? 'event_name')
  return { id, type, name: typeof name === 'string' ? name : type, atMs, facts: Object.fromEntries(facts) }
}

/** An event out of the record of the session with `streamId`; `index` is its place there. */
export function fromRecord(recorded: RecordedEvent, streamId: string, index: number): StreamEvent {
  const { type = '', name = '', eventTime, code } = recorded
  return {
    id: `${streamId}/${String(index)}`,
    type,
    name,
    // The stream tells of whole seconds.
    atMs: Math.floor((eventTime?.getTime() ?? 0) / 1000) * 1000,
    facts: code === undefined ? {} : { code },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}
