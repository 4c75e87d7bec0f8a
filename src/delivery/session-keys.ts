/**
 * The keys that session ids are signed with: a new one each day, the same on every node, old ones kept for as long as
 * a session may live.
 *
 * Keys are made a day ahead, so that no request ever waits for one and no node meets a key it has not read yet. While the
 * database cannot be reached, the newest key at hand signs on.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { SecretStore } from '../domain/stores.ts'

/** A key and the day it is named after, counted from the Unix epoch in UTC. */
export type SessionKey = { readonly day: number; readonly secret: KeyObject }

/** What the keys need. */
export type SessionKeysOptions = {
  readonly secrets: SecretStore
  readonly clock: Clock
  readonly logger: Logger
}

const DAY_MS = 24 * 60 * 60 * 1000
/** A session signed late on its key's day ends on the second day after the next. */
const DAYS_KEPT = 3
const DAYS_AHEAD = 1
const LOOK_EVERY_MS = 10 * 60 * 1000
const SECRET_PREFIX = 'viewer-session-key/'

/** Keys in memory; disposing ends the rotation. */
export class SessionKeys implements Disposable {
  readonly #options: SessionKeysOptions
  readonly #keys = new Map<number, SessionKey>()
  #timer: Timer | undefined
  #disposed = false

  private constructor(options: SessionKeysOptions) {
    this.#options = options
  }

  /** Reads the keys, makes those that are missing, and keeps them in order from then on. */
  static async open(options: SessionKeysOptions): Promise<SessionKeys> {
    const keys = new SessionKeys(options)
    await keys.#rotate()
    keys.#rotateLater()
    return keys
  }

  /** The key to sign with now. */
  get current(): SessionKey {
    const today = this.#today()
    const days = [...this.#keys.keys()].filter((day) => day <= today)
    const key = this.#keys.get(Math.max(...days))
    if (!key) throw new Error('there is no session key')
    return key
  }

  /** The key of `day`, while sessions signed with it may live. */
  find(day: number): SessionKey | undefined {
    return this.#keys.get(day)
  }

  [Symbol.dispose](): void {
    this.#disposed = true
    this.#timer?.cancel()
  }

  #today(): number {
    return Math.floor(this.#options.clock.nowMs() / DAY_MS)
  }

  #rotateLater(): void {
    if (this.#disposed) return
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => {
      this.#rotate()
        .catch((error: unknown) => {
          if (!this.#disposed) this.#options.logger.warn('session keys were not renewed', { err: error })
        })
        .finally(() => this.#rotateLater())
    })
  }

  async #rotate(): Promise<void> {
    const { secrets } = this.#options
    const today = this.#today()
    const oldest = today - DAYS_KEPT
    let isNew = false
    for (let day = oldest; day <= today + DAYS_AHEAD; day++) {
      if (this.#keys.has(day)) continue
      const secret = createSecretKey(await secrets.getOrCreate(secretName(day)))
      this.#keys.set(day, { day, secret })
      isNew = true
    }
    for (const day of this.#keys.keys()) if (day < oldest) this.#keys.delete(day)
    if (isNew) await secrets.removeBetween(SECRET_PREFIX, secretName(oldest))
  }
}

/** Names sort as their days do. */
function secretName(day: number): string {
  return SECRET_PREFIX + new Date(day * DAY_MS).toISOString().slice(0, 10)
}
