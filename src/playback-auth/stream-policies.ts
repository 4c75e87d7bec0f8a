/**
 * The playback restriction policy of each running stream, as it was when the stream began: a change of the policy waits
 * for the channel's next stream (reference ivs-behaviour §8).
 *
 * A publisher does not wait for the database, so the policy is loaded beside it, and viewers wait instead.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { PlaybackRestrictionPolicy } from '../domain/playback-restriction-policy.ts'
import type { PlaybackRestrictionPolicyStore } from '../domain/stores.ts'
import type { WatchedStream } from '../domain/viewer-access.ts'

/** What is needed to load policies. */
export type StreamPoliciesOptions = {
  readonly policies: Pick<PlaybackRestrictionPolicyStore, 'get'>
  readonly clock: Clock
  readonly logger: Logger
}

type Entry = {
  readonly stream: WatchedStream
  policy: PlaybackRestrictionPolicy | undefined
  loading: Promise<PlaybackRestrictionPolicy> | undefined
}

/** The tail of a stream can be fetched for a while after its end, under the same policy. */
const KEPT_AFTER_END_MS = 10 * 60_000
/** Ended streams whose policy is kept. */
const MAX_ENDED = 10_000

/** Policies by stream. */
export class StreamPolicies {
  readonly #options: StreamPoliciesOptions
  readonly #running = new Map<string, Entry>()
  readonly #ended = new Map<string, Entry>()

  constructor(options: StreamPoliciesOptions) {
    this.#options = options
  }

  /** A stream begins; its policy is loaded from now on. */
  begin(stream: WatchedStream): void {
    if (!hasPolicy(stream)) return
    const entry: Entry = { stream, policy: undefined, loading: undefined }
    this.#running.set(stream.streamId, entry)
    this.#load(entry).catch((error: unknown) => {
      this.#options.logger.warn('playback restriction policy could not be loaded and is tried again', {
        err: error,
        channelArn: stream.channel.arn,
      })
    })
  }

  /** A stream has ended. */
  end(streamId: string): void {
    const entry = this.#running.get(streamId)
    if (!entry) return
    this.#running.delete(streamId)
    this.#ended.set(streamId, entry)
    this.#options.clock.after(KEPT_AFTER_END_MS, () => this.#ended.delete(streamId))
    const [oldest] = this.#ended.keys()
    if (this.#ended.size > MAX_ENDED && oldest !== undefined) this.#ended.delete(oldest)
  }

  /**
   * The policy of a stream, undefined when its channel has none. Waits while it is being loaded, and loads it again when
   * that failed; rejects when it fails again.
   */
  async of(stream: WatchedStream): Promise<PlaybackRestrictionPolicy | undefined> {
    if (!hasPolicy(stream)) return undefined
    const entry = this.#find(stream)
    if (!entry) throw new Error('the stream never began here')
    return entry.policy ?? this.#load(entry)
  }

  /** The policy of a stream if it is loaded. */
  loaded(stream: WatchedStream): PlaybackRestrictionPolicy | undefined {
    return this.#find(stream)?.policy
  }

  #find({ streamId }: WatchedStream): Entry | undefined {
    return this.#running.get(streamId) ?? this.#ended.get(streamId)
  }

  #load(entry: Entry): Promise<PlaybackRestrictionPolicy> {
    const { accountId, playbackRestrictionPolicyArn } = entry.stream.channel
    const load = async (): Promise<PlaybackRestrictionPolicy> => {
      const policy = await this.#options.policies.get(accountId, playbackRestrictionPolicyArn)
      // One that a channel refers to cannot be deleted, so this is no reason to let everybody in.
      if (!policy) throw new Error('the playback restriction policy is not there')
      return (entry.policy ??= policy)
    }
    return (entry.loading ??= load().finally(() => (entry.loading = undefined)))
  }
}

/** Whether a policy counts for the stream: those of private channels do not (reference ivs-behaviour §7). */
export function hasPolicy({ channel }: WatchedStream): boolean {
  return !channel.authorized && channel.playbackRestrictionPolicyArn !== ''
}
