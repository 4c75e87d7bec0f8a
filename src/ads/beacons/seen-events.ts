/**
 * Remembers which events became due lately, so that fetching a segment again costs no look into the database.
 *
 * What is forgotten here is still known there.
 */

type Seen = { readonly byAd: Set<string>[]; touchedMs: number }

/** More sessions in breaks are forgotten, those first that were quiet longest. */
const MAX_CHAINS = 100_000
/** A break is out of every window then. */
const FORGET_AFTER_MS = 600_000
const MAX_ADS = 100

/** Events by viewing session and break. */
export class SeenEvents {
  /** In the order of their last new event. */
  readonly #chains = new Map<string, Seen>()

  /** Sessions in breaks. */
  get size(): number {
    return this.#chains.size
  }

  /** True when the event was not there. */
  add(chain: string, adIndex: number, event: string, nowMs: number): boolean {
    if (adIndex < 0 || adIndex >= MAX_ADS) return false
    const seen = this.#chains.get(chain) ?? { byAd: [], touchedMs: nowMs }
    const events = (seen.byAd[adIndex] ??= new Set())
    if (events.has(event)) return false
    events.add(event)
    seen.touchedMs = nowMs
    this.#chains.delete(chain)
    this.#chains.set(chain, seen)
    this.#trim()
    return true
  }

  /** Forgets what is old. */
  forget(nowMs: number): void {
    for (const [chain, { touchedMs }] of this.#chains) {
      if (nowMs - touchedMs < FORGET_AFTER_MS) return
      this.#chains.delete(chain)
    }
  }

  #trim(): void {
    if (this.#chains.size <= MAX_CHAINS) return
    const [oldest] = this.#chains.keys()
    if (oldest !== undefined) this.#chains.delete(oldest)
  }
}
