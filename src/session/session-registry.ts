/**
 * All live sessions of this process, by channel: opens them for publishers, shows them to the API and stops them.
 */
import type { Clock } from '../base/clock.ts'
import { randomAlphanumeric } from '../base/ids.ts'
import type { Logger } from '../base/logger.ts'
import type { AccountEvents } from '../domain/account-events.ts'
import type { AdBreakOutcome } from '../domain/ad-break.ts'
import type { Channel } from '../domain/channel.ts'
import type { DropCounts } from '../domain/drops.ts'
import { LIMIT_BREACH, breachDetail, broadcastsBreach } from '../domain/ingest-limits.ts'
import type { IngestLimits, LimitBreach } from '../domain/ingest-limits.ts'
import type { LiveControl, LiveDirectory, LiveStream } from '../domain/live.ts'
import type { EndReason, Publisher, PublishOutcome, PublishPort } from '../domain/publishing.ts'
import type { SessionJournal } from '../domain/stream-session.ts'
import { LiveSession } from './live-session.ts'

/** What the registry needs. */
export type SessionRegistryOptions = {
  readonly clock: Clock
  readonly logger: Logger
  /** Told of every step of every session. */
  readonly journal: SessionJournal
  /** Told of publishers that an account has no room for. */
  readonly accountEvents: AccountEvents
  readonly silenceTimeoutMs: number
  readonly adLeadMs: number
  /** What publishers may send; undefined for whatever they like. */
  readonly ingestLimits: IngestLimits | undefined
  /** Most sessions at a time, of all accounts. */
  readonly maxStreams: number
  /** Most sessions at a time of one account. */
  readonly maxBroadcastsPerAccount: number
  /** Publishers that may take over one stream. */
  readonly maxTakeovers: number
  readonly drops: DropCounts
  /** Viewers of a stream now. */
  readonly viewerCount: (streamId: string) => number
  /** Attaches the outputs of a new session before its first unit. Does not end it: its publisher does not have it yet. */
  readonly onOpened: (session: LiveSession) => void
}

/** `st-` and 23 alphanumerics: 26 characters in all (reference ivs-api §3). */
const STREAM_ID_RANDOM_CHARS = 23
/** An encoder that is refused tries again and again: of one account this is told once in this time. */
const REPEAT_BREACH_AFTER_MS = 60_000

/** The one place that decides who holds a channel. */
export class SessionRegistry implements PublishPort, LiveDirectory, LiveControl {
  readonly #options: SessionRegistryOptions
  readonly #sessions = new Map<string, LiveSession>()
  /** When an account's breach was last told; an account is in here once it had sessions, so there are not many. */
  readonly #breachToldMs = new Map<string, number>()
  #closed = false

  constructor(options: SessionRegistryOptions) {
    this.#options = options
  }

  readonly open = (channel: Channel, publisher: Publisher): PublishOutcome => {
    if (this.#closed) return { kind: 'refused', reason: 'shutting-down' }
    const running = this.#sessions.get(channel.arn)
    if (running) return running.takeOver(publisher)
    if (this.#sessions.size >= this.#options.maxStreams)
      return { kind: 'refused', reason: 'too-many-streams' }
    if (!this.#options.journal.hasRoom()) return { kind: 'refused', reason: 'records-behind' }
    if (!this.#hasBroadcastLeft(channel.accountId)) return { kind: 'refused', reason: 'too-many-broadcasts' }
    const session = new LiveSession({
      streamId: `st-${randomAlphanumeric(STREAM_ID_RANDOM_CHARS)}`,
      channel,
      publisher,
      clock: this.#options.clock,
      logger: this.#options.logger,
      journal: this.#options.journal,
      silenceTimeoutMs: this.#options.silenceTimeoutMs,
      adLeadMs: this.#options.adLeadMs,
      maxTakeovers: this.#options.maxTakeovers,
      drops: this.#options.drops,
      ingestLimits: this.#options.ingestLimits,
      viewerCount: this.#options.viewerCount,
      onEnded: () => this.#sessions.delete(channel.arn),
    })
    this.#sessions.set(channel.arn, session)
    this.#options.onOpened(session)
    return { kind: 'accepted', stream: session.feed }
  }

  readonly get = (channelArn: string): LiveStream | undefined => this.#sessions.get(channelArn)?.liveStream

  readonly list = (accountId: string): readonly LiveStream[] => {
    const streams: LiveStream[] = []
    for (const session of this.#sessions.values()) {
      const stream = session.liveStream
      if (stream?.accountId === accountId) streams.push(stream)
    }
    return streams
  }

  readonly isHeld = (channelArn: string): boolean => this.#sessions.has(channelArn)

  readonly stop = (channelArn: string): boolean => {
    const session = this.#sessions.get(channelArn)
    session?.end('stopped')
    return session !== undefined
  }

  readonly putMetadata = (channelArn: string, text: string): boolean =>
    this.#sessions.get(channelArn)?.putMetadata(text) ?? false

  readonly insertAdBreak = (channelArn: string, durationSeconds: number): AdBreakOutcome => {
    const session = this.#sessions.get(channelArn)
    return session?.insertAdBreak(durationSeconds) ?? { kind: 'refused', reason: 'not-live' }
  }

  /** Ends every session and refuses new ones. */
  close(reason: EndReason = 'shutdown'): void {
    this.#closed = true
    for (const session of [...this.#sessions.values()]) session.end(reason)
  }

  #hasBroadcastLeft(accountId: string): boolean {
    let running = 0
    for (const session of this.#sessions.values()) if (session.channel.accountId === accountId) running++
    const breach = broadcastsBreach(this.#options.maxBroadcastsPerAccount, running)
    if (breach) this.#tellBreach(accountId, breach)
    return breach === undefined
  }

  #tellBreach(accountId: string, breach: LimitBreach): void {
    const { clock, logger, accountEvents } = this.#options
    const monotonicMs = clock.monotonicMs()
    if (monotonicMs < (this.#breachToldMs.get(accountId) ?? -Infinity) + REPEAT_BREACH_AFTER_MS) return
    this.#breachToldMs.set(accountId, monotonicMs)
    logger.warn('publisher refused: the account has no broadcast left', { accountId, ...breach })
    accountEvents.note({
      accountId,
      type: LIMIT_BREACH,
      timeMs: clock.nowMs(),
      detail: breachDetail(breach),
    })
  }
}
