/**
 * The sessions of players that speak MediaTailor: what each said when it began, and where it watches now.
 *
 * They are kept in memory, bounded, and end when their player fetches nothing for as long as ten windows last.
 *
 * Reference: ssai §3.1.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { OpenedViewing } from '../../domain/viewing-order.ts'
import type { SessionParameters } from './session-parameters.ts'

/** One session. */
export type PlayerSession = SessionParameters & {
  /**
   * What addresses name it by: whoever knows it watches as this viewer. Ad servers are told another one, which is made of
   * the number.
   */
  readonly uuid: string
  /** Number of its viewing session. */
  readonly number: string
  readonly accountHash: string
  readonly accountId: string
  readonly configurationName: string
  readonly channelArn: string
  /** Longest break before the stream; undefined for none. */
  readonly preRollSeconds?: number | undefined
  /** Undefined until its playlist was given out. */
  viewing: OpenedViewing | undefined
  /** Monotonic milliseconds. */
  lastSeenMs: number
}

/** Who began a session, and of what. */
export type SessionPlace = Pick<
  PlayerSession,
  'accountHash' | 'accountId' | 'configurationName' | 'channelArn' | 'preRollSeconds'
>

/** What the sessions need. */
export type PlayerSessionsOptions = {
  readonly clock: Clock
  readonly maxSessions: number
  /** When the viewing session fetched media for the last time, monotonic milliseconds. */
  readonly lastSeenMs: (streamId: string, sessionNumber: string) => number | undefined
}

/** Ten windows of half a minute. */
const IDLE_AFTER_MS = 300_000
/** As many as a viewing session's number has. */
const NUMBER_BYTES = 12

/** The sessions of this server. */
export class PlayerSessions {
  readonly #options: PlayerSessionsOptions
  /** In the order in which they were last seen. */
  readonly #sessions = new Map<string, PlayerSession>()

  constructor(options: PlayerSessionsOptions) {
    this.#options = options
  }

  /** Sessions held now. */
  get size(): number {
    return this.#sessions.size
  }

  /** A new session; the one that was not seen for longest makes room for it when there are too many. */
  begin(place: SessionPlace, parameters: SessionParameters): PlayerSession {
    this.#forgetIdle()
    const number = randomBytes(NUMBER_BYTES).toString('base64url')
    const session: PlayerSession = {
      ...parameters,
      ...place,
      number,
      uuid: randomUUID(),
      viewing: undefined,
      lastSeenMs: this.#options.clock.monotonicMs(),
    }
    this.#sessions.set(session.uuid, session)
    const [oldest] = this.#sessions.keys()
    if (this.#sessions.size > this.#options.maxSessions && oldest !== undefined) this.#sessions.delete(oldest)
    return session
  }

  /** The session called `uuid` while it lasts, if it was begun with that configuration; it counts as seen. */
  find(
    uuid: string,
    { accountHash, configurationName }: Pick<SessionPlace, 'accountHash' | 'configurationName'>,
  ): PlayerSession | undefined {
    const session = this.#sessions.get(uuid)
    if (!session || this.#isIdle(session)) return undefined
    if (session.accountHash !== accountHash || session.configurationName !== configurationName)
      return undefined
    session.lastSeenMs = this.#options.clock.monotonicMs()
    this.#sessions.delete(uuid)
    this.#sessions.set(uuid, session)
    return session
  }

  /** A session whose media is fetched is not idle, however long its player asks for nothing else. */
  #isIdle(session: PlayerSession): boolean {
    const { clock, lastSeenMs } = this.#options
    const sinceMs = clock.monotonicMs() - IDLE_AFTER_MS
    if (session.lastSeenMs >= sinceMs) return false
    const watchedMs = session.viewing && lastSeenMs(session.viewing.streamId, session.number)
    return (watchedMs ?? -Infinity) < sinceMs
  }

  /** Looks at one only, the one that was not seen for longest: as many go as come. */
  #forgetIdle(): void {
    const [oldest] = this.#sessions.values()
    if (!oldest || oldest.lastSeenMs >= this.#options.clock.monotonicMs() - IDLE_AFTER_MS) return
    this.#sessions.delete(oldest.uuid)
    if (this.#isIdle(oldest)) return
    oldest.lastSeenMs = this.#options.clock.monotonicMs()
    this.#sessions.set(oldest.uuid, oldest)
  }
}
