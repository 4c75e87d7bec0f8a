/**
 * How many may watch at once: the account's quota of concurrent views, and what this server takes in all
 * (reference ivs-behaviour §1.3, §6.2).
 */
import type { Clock } from '../base/clock.ts'
import { RecentMap } from './recent-map.ts'
import type { Views } from './views.ts'

/** More wanted to watch an account's streams than may. */
export type ViewQuotaBreach = {
  readonly accountId: string
  readonly timeMs: number
  readonly limit: number
  /** Views beyond the limit, the refused one included. */
  readonly exceededBy: number
}

/** What the quota is counted with. */
export type ViewQuotaOptions = {
  readonly views: Pick<Views, 'ofAccount' | 'total'>
  /** Told at most once a minute for each account. Returns at once and never throws. */
  readonly onBreach: (breach: ViewQuotaBreach) => void
  readonly clock: Clock
  /** Most views of one account's streams. */
  readonly maxPerAccount: number
  /** Most views of all streams of this server. */
  readonly maxTotal: number
}

/** A quota that stays breached is told of once in so long. */
const TELL_EVERY_MS = 60_000
const MAX_ACCOUNTS_REMEMBERED = 10_000

/** Says when no further view may begin. */
export class ViewQuota {
  readonly #options: ViewQuotaOptions
  readonly #toldMs = new RecentMap<string, number>(MAX_ACCOUNTS_REMEMBERED)

  constructor(options: ViewQuotaOptions) {
    this.#options = options
  }

  /** Whether a view of one of the account's streams is one too many. A breach of the account's quota is told. */
  isFull(accountId: string): boolean {
    const { views, maxPerAccount, maxTotal } = this.#options
    const count = views.ofAccount(accountId)
    if (count < maxPerAccount) return views.total >= maxTotal
    this.#tell(accountId, count + 1 - maxPerAccount)
    return true
  }

  #tell(accountId: string, exceededBy: number): void {
    const { clock, onBreach, maxPerAccount } = this.#options
    const nowMs = clock.monotonicMs()
    const toldMs = this.#toldMs.get(accountId)
    if (toldMs !== undefined && nowMs - toldMs < TELL_EVERY_MS) return
    this.#toldMs.set(accountId, nowMs)
    onBreach({ accountId, timeMs: clock.nowMs(), limit: maxPerAccount, exceededBy })
  }
}
