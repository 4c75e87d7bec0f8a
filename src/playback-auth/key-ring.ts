/**
 * The playback keys of each account, imported and ready to verify with.
 *
 * An import or deletion through this server counts at once, one through another node within `FRESH_MS`.
 */
import { importSPKI } from 'jose'
import type { CryptoKey } from 'jose'
import type { Clock } from '../base/clock.ts'
import type { PlaybackKeyPair } from '../domain/playback-key-pair.ts'
import type { PlaybackKeyPairStore } from '../domain/stores.ts'
import { TOKEN_ALGORITHM } from './token-form.ts'

/** The keys of one account at one time; as long as they stay the same ones, so does the object. */
export type KeySet = {
  readonly keys: readonly CryptoKey[]
  /** ARNs of the key pairs, in the order of `keys`. */
  readonly arns: readonly string[]
}

type Entry = { set: KeySet | undefined; loadedAtMs: number; loading: Promise<KeySet> | undefined }

/** How long keys are taken for the account's without asking again. */
export const FRESH_MS = 1000
/** Accounts whose keys are remembered. */
const MAX_ACCOUNTS = 10_000
/** Keys of one account that count; the quota is 3 unless an operator raises it. */
const MAX_KEYS = 100

/** Finds the keys that a channel's tokens may be signed with. */
export class KeyRing {
  readonly #store: Pick<PlaybackKeyPairStore, 'list'>
  readonly #clock: Clock
  readonly #accounts = new Map<string, Entry>()

  constructor(store: Pick<PlaybackKeyPairStore, 'list'>, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** The account's keys; rejects when the store does. */
  async keysOf(accountId: string): Promise<KeySet> {
    const entry = this.#entryOf(accountId)
    const isFresh = this.#clock.monotonicMs() - entry.loadedAtMs < FRESH_MS
    if (entry.set && isFresh) return entry.set
    entry.loading ??= this.#load(accountId, entry).finally(() => (entry.loading = undefined))
    return entry.loading
  }

  /** The keys of the account have changed. */
  forget(accountId: string): void {
    this.#accounts.delete(accountId)
  }

  #entryOf(accountId: string): Entry {
    let entry = this.#accounts.get(accountId)
    if (!entry) {
      entry = { set: undefined, loadedAtMs: 0, loading: undefined }
      this.#accounts.set(accountId, entry)
      const [oldest] = this.#accounts.keys()
      if (this.#accounts.size > MAX_ACCOUNTS && oldest !== undefined) this.#accounts.delete(oldest)
    }
    return entry
  }

  async #load(accountId: string, entry: Entry): Promise<KeySet> {
    // What was read is as old as the moment of asking.
    const askedAtMs = this.#clock.monotonicMs()
    const { items } = await this.#store.list(accountId, { after: undefined, limit: MAX_KEYS })
    const set = isSame(entry.set, items) ? entry.set : await importKeys(items)
    entry.set = set
    entry.loadedAtMs = askedAtMs
    return set
  }
}

function isSame(set: KeySet | undefined, pairs: readonly PlaybackKeyPair[]): set is KeySet {
  return set?.arns.length === pairs.length && pairs.every((pair, index) => pair.arn === set.arns[index])
}

async function importKeys(pairs: readonly PlaybackKeyPair[]): Promise<KeySet> {
  const keys = await Promise.all(pairs.map((pair) => importSPKI(pair.publicKeyPem, TOKEN_ALGORITHM)))
  return { keys, arns: pairs.map((pair) => pair.arn) }
}
