/**
 * Every revocation in force, in memory, so that each request can be checked without waiting.
 *
 * It is read whole at the start. From then on revocations made here are noted at once and those of other nodes are
 * found by asking the database: often for what is new, now and then further back for what came late.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { RevocationStore } from '../domain/stores.ts'
import type { RevocableSession } from '../domain/viewer-access.ts'
import { REVOCATION_LIFETIME_MS } from '../domain/viewer-session-revocation.ts'
import type { ViewerSessionRevocation } from '../domain/viewer-session-revocation.ts'
import { RevokedVersions } from './revoked-versions.ts'

/** What the list needs. */
export type RevocationListOptions = {
  readonly revocations: Pick<RevocationStore, 'listSince'>
  readonly clock: Clock
  readonly logger: Logger
}

/** Half of the second within which running playback stops on every node. */
const POLL_MS = 400
/** Nodes whose clocks differ by no more than this, or that wrote this late, are heard with the next poll. */
const OVERLAP_MS = 10_000
/** How often it is asked further back, and how far. */
const LOOK_BACK_EVERY_MS = 30_000
const LOOK_BACK_MS = 15 * 60_000
const FORGET_EVERY_MS = 10 * 60_000
const PAGE_ITEMS = 100

/** The revocations in force. */
export class RevocationList implements Disposable {
  readonly #options: RevocationListOptions
  readonly #versions = new RevokedVersions()
  #pollTimer: Timer | undefined
  #forgetTimer: Timer | undefined
  #stopped = false
  #failing = false
  /** Everything that was made before is known. */
  #knownUntilMs = 0
  #lookedBackAtMs = 0

  constructor(options: RevocationListOptions) {
    this.#options = options
  }

  /** Reads what is in force, then keeps in step until it is disposed; rejects when the store does. */
  async start(): Promise<void> {
    const nowMs = this.#options.clock.nowMs()
    await this.#read(nowMs - REVOCATION_LIFETIME_MS)
    this.#knownUntilMs = nowMs
    this.#lookedBackAtMs = nowMs
    this.#pollLater()
    this.#forgetLater()
  }

  /** Whether the session was revoked. */
  readonly isRevoked = ({ channelArn, viewerId, viewerSessionVersion }: RevocableSession): boolean =>
    this.#versions.covers(channelArn, viewerId, viewerSessionVersion)

  /** Takes in revocations that were made on this node. */
  note(revocations: readonly ViewerSessionRevocation[]): void {
    for (const revocation of revocations) this.#add(revocation)
  }

  /** Revocations held, and channels whose revocations had to be thrown together. */
  get size(): { readonly revocations: number; readonly coarseChannels: number } {
    return this.#versions.size
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#pollTimer?.cancel()
    this.#forgetTimer?.cancel()
  }

  #add(revocation: ViewerSessionRevocation): void {
    const merged = this.#versions.add(revocation)
    if (merged.length === 0) return
    this.#options.logger.error('too many revocations: all named viewers of some channels count as revoked', {
      channels: merged.length,
      largest: merged[0],
    })
  }

  #pollLater(): void {
    if (this.#stopped) return
    this.#pollTimer = this.#options.clock.after(POLL_MS, () => void this.#poll())
  }

  async #poll(): Promise<void> {
    const nowMs = this.#options.clock.nowMs()
    const looksBack = nowMs - this.#lookedBackAtMs >= LOOK_BACK_EVERY_MS
    try {
      await this.#read(this.#knownUntilMs - (looksBack ? LOOK_BACK_MS : OVERLAP_MS))
      this.#knownUntilMs = nowMs
      if (looksBack) this.#lookedBackAtMs = nowMs
      this.#failing = false
    } catch (error) {
      if (!this.#failing && !this.#stopped) {
        this.#options.logger.warn('revocations of other nodes cannot be read', { err: error })
      }
      this.#failing = true
    }
    this.#pollLater()
  }

  async #read(sinceMs: number): Promise<void> {
    let after: string | undefined
    do {
      const page = await this.#options.revocations.listSince(sinceMs, { after, limit: PAGE_ITEMS })
      this.note(page.items)
      after = page.next
    } while (after !== undefined && !this.#stopped)
  }

  #forgetLater(): void {
    this.#forgetTimer = this.#options.clock.after(FORGET_EVERY_MS, () => {
      this.#versions.forgetBefore(this.#options.clock.nowMs() - REVOCATION_LIFETIME_MS)
      this.#forgetLater()
    })
  }
}
