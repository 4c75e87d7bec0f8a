/**
 * Who may take a running stream over (reference ivs-behaviour §4): one newcomer at a time, of higher priority than the
 * publisher that has it, and only so many in the stream's life.
 *
 * Whether the media of one that is let in fits is for `takeover.ts` to find out.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { Publisher, PublishedStream, PublishOutcome } from '../domain/publishing.ts'
import type { TakeoverFailure } from './session-entries.ts'
import { Takeover, type PublishedTracks } from './takeover.ts'

/** The running session, as those who want it meet it. */
export type TakeoverGateOptions = {
  readonly streamId: string
  readonly clock: Clock
  readonly logger: Logger
  /** Publishers that may take the stream over, one after the other. */
  readonly maxTakeovers: number
  /** Of the publisher that has the stream now. */
  readonly running: () => { readonly tracks: PublishedTracks; readonly priority: number | undefined }
  /** The newcomer has the stream from here on; what it sends goes to the result. */
  readonly onAccepted: (publisher: Publisher) => PublishedStream
  readonly onRefused: (code: TakeoverFailure) => void
}

/** Words for those who wanted the stream. */
const MISMATCH = 'The stream can be taken over only with the same picture size and the same kinds of tracks.'
const TOO_LATE = 'The stream that was to be taken over has ended.'

/** One session's gate. */
export class TakeoverGate {
  readonly #options: TakeoverGateOptions
  /** The newcomer whose media is being looked at. */
  #current: { readonly wish: Takeover; readonly publisher: Publisher } | undefined
  #takeovers = 0
  #closed = false

  constructor(options: TakeoverGateOptions) {
    this.#options = options
  }

  /** A publisher wants the stream: refused at once, or let in to show whether its media fits. */
  ask(publisher: Publisher): PublishOutcome {
    const { takeoverPriority: priority } = publisher
    if (this.#closed || this.#current || priority === undefined) {
      return { kind: 'refused', reason: 'already-live' }
    }
    const { priority: running } = this.#options.running()
    if (priority === 'invalid' || (running !== undefined && priority <= running)) {
      this.#refuse('StreamTakeoverInvalidPriority', publisher)
      return { kind: 'refused', reason: 'takeover-refused' }
    }
    if (this.#takeovers >= this.#options.maxTakeovers) {
      this.#refuse('StreamTakeoverLimitBreached', publisher)
      return { kind: 'refused', reason: 'takeover-limit' }
    }
    const wish = this.#letIn(publisher)
    this.#current = { wish, publisher }
    return { kind: 'accepted', stream: wish }
  }

  /** The stream has ended: nobody gets it any more. */
  close(): void {
    this.#closed = true
    this.#current?.wish.close()
    this.#current?.publisher.disconnect(TOO_LATE)
  }

  #letIn(publisher: Publisher): Takeover {
    const { streamId, clock, running, onAccepted } = this.#options
    return new Takeover({
      streamId,
      clock,
      tracks: () => running().tracks,
      onAccepted: () => {
        this.#current = undefined
        this.#takeovers++
        return onAccepted(publisher)
      },
      onMismatch: () => {
        this.#current = undefined
        this.#refuse('StreamTakeoverMediaMismatch', publisher)
        publisher.disconnect(MISMATCH)
      },
      onLeft: () => (this.#current = undefined),
    })
  }

  #refuse(code: TakeoverFailure, { connectionId, remoteAddress }: Publisher): void {
    const { logger, onRefused } = this.#options
    logger.warn('takeover refused', { code, connectionId, remoteAddress })
    onRefused(code)
  }
}
