/**
 * How long each configuration's ad server has taken lately: the last requests of a break are begun so early that a server
 * which takes much longer still answers in time.
 */
import type { AdSettings } from '../../domain/playback-configuration.ts'
import type { Conversation } from './ad-conversation.ts'

/** Several times what was slowest lately, and not less than this. */
const RESERVE_FACTOR = 5
const MIN_RESERVE_MS = 1000
/** What was slow once is forgotten over some thousand answers. */
const FADING = 0.999
const MAX_KEPT = 10_000

/** Remembers the slowest answers. */
export class AnswerTimes {
  readonly #slowestMs = new Map<string, number>()

  /** What came of asking the ad server; no answer counts as its whole timeout. */
  observe(
    accountId: string,
    { configurationName, requestTimeoutMs }: AdSettings,
    { outcome, latencyMs }: Pick<Conversation, 'outcome' | 'latencyMs'>,
  ): void {
    const tookMs = outcome === 'timeout' ? requestTimeoutMs : latencyMs
    if (tookMs === undefined) return
    const key = `${accountId} ${configurationName}`
    this.#slowestMs.set(key, Math.max(tookMs, (this.#slowestMs.get(key) ?? 0) * FADING))
    const [oldest] = this.#slowestMs.keys()
    if (this.#slowestMs.size > MAX_KEPT && oldest !== undefined) this.#slowestMs.delete(oldest)
  }

  /** Time that the last request of a break is given, in milliseconds; its whole timeout until more is known. */
  reserveMs(accountId: string, { configurationName, requestTimeoutMs }: AdSettings): number {
    const slowestMs = this.#slowestMs.get(`${accountId} ${configurationName}`) ?? Infinity
    return Math.min(requestTimeoutMs, Math.max(MIN_RESERVE_MS, RESERVE_FACTOR * slowestMs))
  }
}
