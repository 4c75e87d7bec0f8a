/**
 * Asks who may watch, with an end to the waiting and to the number of those who wait. Whatever goes wrong refuses.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { AccessOutcome, AccessRequest, ViewerAccess } from '../domain/viewer-access.ts'

/** Decisions that may be under way at once; at 2,500 a second this is less than a second's worth. */
const MAX_PENDING = 2_000
/** Players give up or try again about then. */
const TIMEOUT_MS = 5_000

const UNAVAILABLE: AccessOutcome = {
  kind: 'refused',
  status: 503,
  code: 'playback_auth_unavailable',
  message: 'access cannot be decided now',
}

/** `authorize` within limits. */
export class BoundedAccess {
  readonly #access: Pick<ViewerAccess, 'authorize'>
  readonly #clock: Clock
  readonly #log: Logger
  #pending = 0

  constructor(access: Pick<ViewerAccess, 'authorize'>, clock: Clock, logger: Logger) {
    this.#access = access
    this.#clock = clock
    this.#log = logger
  }

  /** The decision; a refusal with 503 when there is none in time. Never rejects. */
  async authorize(request: AccessRequest): Promise<AccessOutcome> {
    if (this.#pending >= MAX_PENDING) return UNAVAILABLE
    const late = Promise.withResolvers<AccessOutcome>()
    const timer = this.#clock.after(TIMEOUT_MS, () => late.resolve(UNAVAILABLE))
    try {
      return await Promise.race([this.#decide(request), late.promise])
    } finally {
      timer.cancel()
    }
  }

  /** A decision that comes too late for its request still holds its place until it is there. */
  async #decide(request: AccessRequest): Promise<AccessOutcome> {
    this.#pending++
    try {
      return await this.#access.authorize(request)
    } catch (error) {
      this.#log.error('authorization of a viewer failed', { err: error })
      return UNAVAILABLE
    } finally {
      this.#pending--
    }
  }
}
