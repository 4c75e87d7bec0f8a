/**
 * Port to the beacons that are to be sent, and to those that were, so that none is sent twice.
 *
 * A row stands for one URL of one event. It is `waiting`, then marked as on its way before the request leaves, then
 * settled; a settled row is only the memory that it was there. What a server that died left on its way is uncertain: it
 * may have arrived, so it is not sent again.
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
 * How long it is remembered that a beacon was sent. It must outlast the ads in viewers' playlists: nobody fetches them
 * again once they have left the window.
 */
export const BEACON_MEMORY_MS: number = 60 * 60 * 1000

/** Most settled beacons that are remembered. */
export const MAX_REMEMBERED_BEACONS = 4_000_000

/** The beacons of all servers. Every server has rows of its own, by `nodeId`. */
export type BeaconQueue = {
  /** Adds beacons; the keys of those that were not there, which are this server's to send. May be repeated. */
  readonly add: (nodeId: string, beacons: readonly QueuedBeacon[]) => Promise<ReadonlySet<string>>
  /** Marks beacons as on their way; the keys of those that are still this server's and not settled. */
  readonly mark: (nodeId: string, keys: readonly string[]) => Promise<ReadonlySet<string>>
  /** Puts beacons that are on their way back to those that wait. */
  readonly putBack: (nodeId: string, keys: readonly string[], retryAtMs: number) => Promise<void>
  /** They have arrived, or are given up. */
  readonly settle: (nodeId: string, keys: readonly string[]) => Promise<void>
  /** The waiting ones of a lane behind `place`, in order. */
  readonly waiting: (
    nodeId: string,
    lane: string,
    place: number,
    limit: number,
  ) => Promise<readonly QueuedBeacon[]>
  /** The lanes in which something waits. */
  readonly waitingLanes: (nodeId: string) => Promise<readonly WaitingLane[]>
  /** Settles what the server had on its way when it died; how many it were. */
  readonly settleUncertain: (nodeId: string) => Promise<number>
  /** Notes that the server is at work. */
  readonly markAlive: (nodeId: string, nowMs: number) => Promise<void>
  /** Takes over at most `limit` beacons of a server that is silent since then. */
  readonly takeOver: (nodeId: string, silentSinceMs: number, limit: number) => Promise<TakenBeacons>
  /** When the oldest of the `keep` newest settled beacons was due; 0 when there are not so many. */
  readonly settledCutoffMs: (keep: number) => Promise<number>
  /** Forgets at most `limit` settled beacons that were due before `cutoffMs`; how many it were. */
  readonly removeSettledBefore: (cutoffMs: number, limit: number) => Promise<number>
}
