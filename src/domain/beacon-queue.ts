/**
 * Port to the beacons that a server could not get rid of at once, and to the memory of all that were due, so that none is
 * sent twice.
 *
 * A row stands for one URL of one event. It is `waiting`, then marked as on its way before the request leaves, then removed.
 * What a server that died left on its way is uncertain: it may have arrived, so it is not sent again. Beacons that go out at
 * once never come here. What is remembered of them is one row for each viewing session and break, their _chain_.
 */

/** A beacon that waits. */
export type QueuedBeacon = {
  /** `<session>/<break>/<ad>/<event>/<url>`: whatever has the same key is the same beacon. */
  readonly key: string
  /** Host and port it goes to; those of one lane are sent together. */
  readonly lane: string
  /** Grows with every beacon of a server. */
  readonly place: number
  /** When it became due, and before when it is not sent; milliseconds since the Unix epoch. */
  readonly dueAtMs: number
  readonly retryAtMs: number
  /** What the sender needs, as JSON; at most `MAX_BEACON_CHARS`. */
  readonly body: string
}

/** How much waits in a lane. */
export type WaitingLane = { readonly lane: string; readonly count: number }

/** The events of one viewing session and break that became due. */
export type RememberedChain = { readonly chain: string; readonly events: readonly string[] }

/** What a server found of another one that is gone. */
export type TakenBeacons = {
  readonly taken: number
  /** Those that were on their way. */
  readonly uncertain: number
  /** Whether there may be more. */
  readonly hasMore: boolean
}

/** Longest body of a queued beacon, in characters. */
export const MAX_BEACON_CHARS = 16_384

/**
 * How long it is remembered which events were due. It must outlast the ads in viewers' playlists: nobody fetches them again
 * once they have left the window.
 */
export const BEACON_MEMORY_MS: number = 60 * 60 * 1000

/** Most chains that are remembered. */
export const MAX_REMEMBERED_CHAINS = 500_000

/** The beacons of all servers. Every server has rows of its own, by `nodeId`. */
export type BeaconQueue = {
  /** Makes these chains known; the events of each that were remembered before. */
  readonly claim: (
    chains: readonly string[],
    nowMs: number,
  ) => Promise<ReadonlyMap<string, readonly string[]>>
  /** Remembers these events, and no others, of these chains. */
  readonly remember: (chains: readonly RememberedChain[], nowMs: number) => Promise<void>
  /** Adds beacons; the keys of those that were not there, which are this server's to send. May be repeated. */
  readonly add: (nodeId: string, beacons: readonly QueuedBeacon[]) => Promise<ReadonlySet<string>>
  /** Marks beacons as on their way; the keys of those that are still there and this server's. */
  readonly mark: (nodeId: string, keys: readonly string[]) => Promise<ReadonlySet<string>>
  /** Puts beacons that are on their way back to those that wait. */
  readonly putBack: (nodeId: string, keys: readonly string[], retryAtMs: number) => Promise<void>
  /** They have arrived, or are given up. */
  readonly remove: (nodeId: string, keys: readonly string[]) => Promise<void>
  /** The waiting ones of a lane behind `place`, in order. */
  readonly waiting: (
    nodeId: string,
    lane: string,
    place: number,
    limit: number,
  ) => Promise<readonly QueuedBeacon[]>
  /** The lanes in which something waits. */
  readonly waitingLanes: (nodeId: string) => Promise<readonly WaitingLane[]>
  /** Removes what the server had on its way when it died; how many it were. */
  readonly removeUncertain: (nodeId: string) => Promise<number>
  /** Notes that the server is at work. */
  readonly markAlive: (nodeId: string, nowMs: number) => Promise<void>
  /** Whether the server is known to be at work: nobody has taken over what it left. */
  readonly isKnown: (nodeId: string) => Promise<boolean>
  /** Takes over at most `limit` beacons of a server that is silent since then. */
  readonly takeOver: (nodeId: string, silentSinceMs: number, limit: number) => Promise<TakenBeacons>
  /** When the oldest of the `keep` newest chains had its last event; 0 when there are not so many. */
  readonly memoryCutoffMs: (keep: number) => Promise<number>
  /** Forgets at most `limit` chains that had their last event before `cutoffMs`; how many it were. */
  readonly forgetBefore: (cutoffMs: number, limit: number) => Promise<number>
}
