/**
 * Writes session entries to the store behind the back of the packet path: in order, many in one transaction, and again
 * and again until the store has taken them.
 *
 * What waits is bounded without losing any: a session has a handful of entries, and no session begins while too many
 * wait.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { RecordingConfigurationStore, StreamSessionStore, WrittenEntry } from '../domain/stores.ts'
import type { SessionEntry, SessionJournal } from '../domain/stream-session.ts'

/** What the writer needs. */
export type JournalWriterOptions = {
  readonly store: Pick<StreamSessionStore, 'write'>
  readonly recordingConfigurations: Pick<RecordingConfigurationStore, 'get'>
  readonly clock: Clock
  readonly logger: Logger
  /** Names this server among those that share the database. */
  readonly nodeId: string
  /** Called when events have reached the store. */
  readonly onWritten?: () => void
}

const MAX_WAITING_ENTRIES = 10_000
const MAX_BATCH_ENTRIES = 250
const FIRST_RETRY_MS = 100
const MAX_RETRY_MS = 5000

/** The journal of all sessions of this process. */
export class JournalWriter implements SessionJournal {
  readonly #options: JournalWriterOptions
  readonly #waiting: SessionEntry[] = []
  /** Entries at the head of `#waiting` that the store has at the moment. */
  #inFlight = 0
  #writing: Promise<void> | undefined
  #closed = false

  constructor(options: JournalWriterOptions) {
    this.#options = options
  }

  /** Entries that are not written yet. */
  get waitingEntries(): number {
    return this.#waiting.length
  }

  readonly hasRoom = (): boolean => this.#waiting.length < MAX_WAITING_ENTRIES

  readonly note = (entry: SessionEntry): void => {
    if (this.#closed || this.#replaceLast(entry)) return
    this.#waiting.push(entry)
    this.#writing ??= this.#drain()
  }

  /** Waits until everything is written, `limitMs` at most; from then on nothing is taken. */
  async close(limitMs: number): Promise<void> {
    const { clock, logger } = this.#options
    const { promise: timeIsUp, resolve } = Promise.withResolvers<undefined>()
    const timer = clock.after(limitMs, () => resolve(undefined))
    await Promise.race([this.#writing, timeIsUp])
    timer.cancel()
    this.#closed = true
    if (this.#waiting.length === 0) return
    logger.warn('stream records are not all written; open sessions are ended at the next start', {
      entries: this.#waiting.length,
    })
  }

  // A publisher may change what it sends as often as it likes: only the last of such entries is worth a place.
  #replaceLast(entry: SessionEntry): boolean {
    if (entry.kind === 'opened' || entry.events.length > 0) return false
    const index = this.#waiting.findLastIndex((waiting) => waiting.streamId === entry.streamId)
    const last = this.#waiting[index]
    if (index < this.#inFlight || last?.kind !== 'changed' || last.events.length > 0) return false
    this.#waiting[index] = { ...last, ...entry }
    return true
  }

  async #drain(): Promise<void> {
    let retryMs = FIRST_RETRY_MS
    while (this.#waiting.length > 0 && !this.#closed) {
      if (await this.#writeBatch()) {
        retryMs = FIRST_RETRY_MS
      } else {
        await this.#pause(retryMs)
        retryMs = Math.min(retryMs * 2, MAX_RETRY_MS)
      }
    }
    this.#writing = undefined
  }

  async #writeBatch(): Promise<boolean> {
    const batch = this.#waiting.slice(0, MAX_BATCH_ENTRIES)
    this.#inFlight = batch.length
    try {
      await this.#options.store.write(await Promise.all(batch.map((entry) => this.#complete(entry))))
      this.#waiting.splice(0, batch.length)
      this.#options.onWritten?.()
      return true
    } catch (error) {
      this.#options.logger.error('stream records could not be written, trying again', {
        entries: this.#waiting.length,
        err: error,
      })
      return false
    } finally {
      this.#inFlight = 0
    }
  }

  async #complete(entry: SessionEntry): Promise<WrittenEntry> {
    if (entry.kind !== 'opened') return entry
    const { nodeId, recordingConfigurations } = this.#options
    const { accountId, recordingConfigurationArn: arn } = entry.channel
    const recordingConfiguration = arn === '' ? undefined : await recordingConfigurations.get(accountId, arn)
    return { ...entry, nodeId, recordingConfiguration }
  }

  #pause(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#options.clock.after(delayMs, () => resolve(undefined))
    return promise.then(() => undefined)
  }
}
