/**
 * Takes recording configurations out of `CREATING`: asks for each whether its bucket can be written, and keeps the
 * answer.
 *
 * The store is the queue, so whatever a crash or a full database left behind is found again. Writing recordings is not
 * done here.
 */
import type { Clock, Timer } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type {
  BucketCheck,
  RecordingActivation,
  RecordingBuckets,
  RecordingConfiguration,
} from '../domain/recording-configuration.ts'
import type { RecordingConfigurationStore } from '../domain/stores.ts'

const MAX_CHECKS_AT_ONCE = 20
const CHECK_TIMEOUT_MS = 20_000
const RETRY_MS = 5000

/** What activation works with. */
export type RecordingActivationOptions = {
  readonly configurations: Pick<RecordingConfigurationStore, 'listCreating' | 'settle'>
  readonly buckets: RecordingBuckets
  readonly clock: Pick<Clock, 'after'>
  readonly logger: Logger
}

/** Begins with what earlier runs left behind. What is under way when it is disposed is done by the next run. */
export function startRecordingActivation(
  options: RecordingActivationOptions,
): RecordingActivation & AsyncDisposable {
  const activation = new StoredActivation(options)
  activation.wake()
  return activation
}

class StoredActivation implements RecordingActivation, AsyncDisposable {
  readonly #options: RecordingActivationOptions
  readonly #cancels = new Set<() => void>()
  #wanted = false
  #running: Promise<void> | undefined
  #retry: Timer | undefined
  #stopped = false

  constructor(options: RecordingActivationOptions) {
    this.#options = options
  }

  readonly wake = (): void => {
    if (this.#stopped) return
    this.#wanted = true
    this.#retry?.cancel()
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // Somebody may have come between the last look into the store and here.
      if (this.#wanted) this.wake()
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true
    this.#retry?.cancel()
    for (const cancel of this.#cancels) cancel()
    await this.#running
  }

  async #run(): Promise<void> {
    const { configurations, clock, logger } = this.#options
    try {
      while (this.#wanted && !this.#stopped) {
        this.#wanted = false
        const creating = await configurations.listCreating(MAX_CHECKS_AT_ONCE)
        await Promise.all(creating.map((configuration) => this.#settle(configuration)))
        // They are out of the list now: there may have been more than fit in.
        if (creating.length > 0) this.#wanted = true
      }
    } catch (error) {
      this.#wanted = false
      if (this.#stopped) return
      logger.warn('recording configurations wait for the database', { err: error, retryMs: RETRY_MS })
      this.#retry = clock.after(RETRY_MS, this.wake)
    }
  }

  async #settle({ arn, bucketName }: RecordingConfiguration): Promise<void> {
    const { configurations, logger } = this.#options
    const outcome = await this.#check(bucketName)
    if (!outcome) return
    await configurations.settle(arn, outcome.kind === 'writable' ? 'ACTIVE' : 'CREATE_FAILED')
    if (outcome.kind === 'writable') {
      logger.info('recording configuration is active', { recordingConfigurationArn: arn, bucketName })
    } else {
      const { reason } = outcome
      logger.warn('recording bucket cannot be written', {
        recordingConfigurationArn: arn,
        bucketName,
        reason,
      })
    }
  }

  /** Undefined when the activation ended first. */
  async #check(bucketName: string): Promise<BucketCheck | undefined> {
    if (this.#stopped) return undefined
    const { promise, resolve } = Promise.withResolvers<BucketCheck | undefined>()
    const cancel = (): void => resolve(undefined)
    const unwritable = (reason: string): void => resolve({ kind: 'unwritable', reason })
    const timer = this.#options.clock.after(CHECK_TIMEOUT_MS, () =>
      unwritable(`no answer within ${CHECK_TIMEOUT_MS / 1000} s`),
    )
    this.#cancels.add(cancel)
    this.#options.buckets.check(bucketName).then(resolve, (error: unknown) => unwritable(String(error)))
    try {
      return await promise
    } finally {
      timer.cancel()
      this.#cancels.delete(cancel)
    }
  }
}
