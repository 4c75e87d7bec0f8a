/**
 * The creatives of this server: where each stands, a short queue of those to be conditioned, and those that are loaded.
 *
 * A creative is unknown, then queued, then running, then ready or failed. One that failed is tried again when it is asked
 * for after a pause that grows with each failure. Everything here answers from memory.
 */
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type {
  AdProfile,
  ConditionedCreative,
  CreativeLibrary,
  CreativeRendition,
  CreativeSource,
  CreativeState,
  HeldCreative,
  LoadedCreative,
} from '../creative-library.ts'
import {
  asConditioningError,
  ConditioningError,
  failureOf,
  type ConditioningErrorCode,
} from './conditioning-error.ts'
import { conditionCreative, type ConditioningJob } from './conditioning-job.ts'
import { FairShares } from '../outbound/fair-shares.ts'
import type { CreativeFetcher } from './creative-fetch.ts'
import { EncodingTurns } from './encoding-turns.ts'
import { assetIdOf, creativeKey } from './creative-key.ts'
import { CreativeMemory, type MemoryTotals } from './creative-memory.ts'
import { endTicksOf, type CreativeManifest } from './creative-manifest.ts'
import { CreativeStore, type StoreTotals } from './creative-store.ts'
import { readAudioTrack, readVideoTrack, type CreativeAudio, type CreativeVideo } from './creative-tracks.ts'
import { FailureMemory } from './failure-memory.ts'
import type { MediaTool } from './media-tool.ts'

/** What a library is made with. */
export type ConditioningLibraryOptions = {
  /** `ads/` of the data directory; nothing else is in it. */
  readonly directory: string
  /** Whether it belongs to this process alone; a visitor adds to what another process owns. */
  readonly role: 'owner' | 'visitor'
  readonly maxCacheBytes: number
  /** Creatives that are encoded at once; a few more are fetched meanwhile. */
  readonly workers: number
  readonly outbound: CreativeFetcher
  readonly mediaTool: MediaTool
  readonly clock: Clock
  readonly logger: Logger
}

/** What became of one creative that was conditioned ahead. */
export type WarmOutcome = {
  readonly url: string
  readonly result: 'ready' | ConditioningErrorCode
  /** For people; empty when it is ready. */
  readonly reason: string
}

/** Counts for metrics. */
export type LibraryTotals = StoreTotals &
  MemoryTotals & {
    readonly queued: number
    readonly running: number
    /** Creatives that were conditioned since the start. */
    readonly conditioned: number
    /** Creatives that were turned away because the queue was full. */
    readonly turnedAway: number
    readonly failures: ReadonlyMap<ConditioningErrorCode, number>
  }

/** Creatives that may wait for a worker. */
export const MAX_QUEUED_CREATIVES = 256
/** Creatives of one host that are fetched or encoded, as long as there is no other; of all at most twice as many. */
export const MAX_RUNNING_PER_HOST = 4
/** From one look for creatives that were conditioned by other processes to the next, in milliseconds. */
const LOOK_INTERVAL_MS = 10_000
/** Loaded creatives that nobody shows at the moment, in bytes. */
const MAX_IDLE_BYTES = 128 * 1024 * 1024

type Pending = {
  readonly job: ConditioningJob
  readonly done: Promise<undefined>
  readonly settle: () => void
}

/** Conditions, keeps and loads creatives. */
export class ConditioningLibrary implements CreativeLibrary {
  readonly #options: ConditioningLibraryOptions
  readonly #store: CreativeStore
  readonly #memory: CreativeMemory
  readonly #failures: FailureMemory
  readonly #stopping = new AbortController()
  readonly #turns: EncodingTurns
  /** Creatives that run, by the host that they come from. */
  readonly #hosts = new FairShares(MAX_RUNNING_PER_HOST)
  /** In the order in which they were asked for. */
  readonly #queued = new Map<string, Pending>()
  readonly #running = new Map<string, Pending>()
  readonly #failureCounts = new Map<ConditioningErrorCode, number>()
  #conditioned = 0
  #turnedAway = 0

  private constructor(options: ConditioningLibraryOptions, store: CreativeStore, memory: CreativeMemory) {
    this.#options = options
    this.#store = store
    this.#memory = memory
    this.#failures = new FailureMemory(options.clock)
    this.#turns = new EncodingTurns(options.workers)
  }

  /** Opens the library of a data directory, with the creatives that are in it. */
  static async open(options: ConditioningLibraryOptions): Promise<ConditioningLibrary> {
    const { directory, role, maxCacheBytes, clock } = options
    const memory: CreativeMemory = new CreativeMemory({
      maxIdleBytes: MAX_IDLE_BYTES,
      read: (key) => readCreative(store, key),
    })
    const isHeld = (key: string): boolean => memory.isHeld(key)
    const store = await CreativeStore.open({ directory, role, maxBytes: maxCacheBytes, isHeld, clock })
    const library = new ConditioningLibrary(options, store, memory)
    if (role === 'owner') library.#lookAgainLater()
    return library
  }

  readonly request = (source: CreativeSource, profile: AdProfile): CreativeState => {
    const ready = this.#findReady(source, profile)
    if (ready) return { kind: 'ready', creative: ready }
    const key = creativeKey(source, profile)
    if (this.#running.has(key) || this.#queued.has(key)) return { kind: 'running' }
    if (this.#enqueue({ key, source, profile })) return { kind: 'new' }
    const error = this.#failures.errorOf(key)
    return { kind: 'failed', failure: error ? failureOf(error) : 'not-tried' }
  }

  readonly load = async (key: string): Promise<HeldCreative | undefined> => {
    if (!this.#store.find(key)) return undefined
    const held = await this.#memory.load(key)
    if (held) void this.#store.touch(key)
    else {
      this.#options.logger.warn('conditioned creative is damaged and will be made again', {
        creativeKey: key,
      })
      await this.#store.remove(key)
    }
    return held
  }

  /**
   * Conditions creatives ahead, one after the other, whatever creative id an ad server will give them.
   *
   * @returns an outcome for each URL, in their order.
   */
  async warm(urls: readonly string[], profile: AdProfile): Promise<readonly WarmOutcome[]> {
    const outcomes: WarmOutcome[] = []
    for (const url of urls) outcomes.push(await this.#warmOne(url, profile))
    return outcomes
  }

  /** Ends what is running and takes nothing more. What is ready can still be loaded. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    for (const { settle } of this.#queued.values()) settle()
    this.#queued.clear()
    await Promise.all([...this.#running.values()].map(({ done }) => done))
  }

  /** Counts for metrics. */
  get totals(): LibraryTotals {
    return {
      ...this.#memory.totals,
      ...this.#store.totals,
      queued: this.#queued.size,
      running: this.#running.size,
      conditioned: this.#conditioned,
      turnedAway: this.#turnedAway,
      failures: this.#failureCounts,
    }
  }

  /** One that was conditioned ahead has no creative id, and serves any. */
  #findReady(source: CreativeSource, profile: AdProfile): ConditionedCreative | undefined {
    const manifest =
      this.#store.find(creativeKey(source, profile)) ??
      this.#store.find(creativeKey({ ...source, creativeId: '' }, profile))
    return manifest && conditionedCreative(manifest)
  }

  #lookAgainLater(): void {
    this.#options.clock.after(LOOK_INTERVAL_MS, () => {
      if (this.#stopping.signal.aborted) return
      void this.#look().finally(() => this.#lookAgainLater())
    })
  }

  async #look(): Promise<void> {
    try {
      await this.#store.look()
    } catch (error) {
      const { message } = asConditioningError(error)
      this.#options.logger.warn('conditioned creatives cannot be looked through', { reason: message })
    }
  }

  #enqueue(job: ConditioningJob): boolean {
    if (this.#stopping.signal.aborted || !this.#failures.mayTry(job.key)) return false
    if (this.#queued.size >= MAX_QUEUED_CREATIVES) {
      this.#turnedAway++
      return false
    }
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.#queued.set(job.key, { job, done: promise, settle: () => resolve(undefined) })
    this.#startNext()
    return true
  }

  #startNext(): void {
    for (const next of this.#queued.values()) {
      const { key, source } = next.job
      const host = URL.parse(source.url)?.host ?? ''
      if (!this.#hosts.take(host)) continue
      this.#queued.delete(key)
      this.#running.set(key, next)
      void this.#run(next.job).finally(() => {
        this.#hosts.giveBack(host)
        this.#running.delete(key)
        next.settle()
        this.#startNext()
      })
    }
  }

  async #run(job: ConditioningJob): Promise<void> {
    const { clock, logger } = this.#options
    const startMs = clock.monotonicMs()
    try {
      const { durationTicks } = await conditionCreative(
        { ...this.#options, store: this.#store, turns: this.#turns },
        job,
        this.#stopping.signal,
      )
      if (!this.#store.find(job.key)) {
        throw new ConditioningError('CREATIVE_TOO_LARGE', 'conditioned, it is larger than the cache')
      }
      this.#conditioned++
      this.#failures.forget(job.key)
      const tookMs = Math.round(clock.monotonicMs() - startMs)
      logger.info('creative is conditioned', { ...nameOf(job), durationMs: durationTicks / 90, tookMs })
    } catch (error) {
      this.#fail(job, asConditioningError(error))
    }
  }

  #fail(job: ConditioningJob, error: ConditioningError): void {
    if (error.code === 'CONDITIONING_CANCELLED') return
    this.#failures.add(job.key, error)
    this.#failureCounts.set(error.code, (this.#failureCounts.get(error.code) ?? 0) + 1)
    this.#options.logger.warn('creative cannot be conditioned', {
      ...nameOf(job),
      code: error.code,
      reason: error.message,
    })
  }

  async #warmOne(url: string, profile: AdProfile): Promise<WarmOutcome> {
    const source = { creativeId: '', url }
    const key = creativeKey(source, profile)
    this.request(source, profile)
    await (this.#running.get(key) ?? this.#queued.get(key))?.done
    if (this.#store.find(key)) return { url, result: 'ready', reason: '' }
    const error = this.#failures.errorOf(key)
    return { url, result: error?.code ?? 'CONDITIONING_CANCELLED', reason: error?.message ?? '' }
  }
}

/** What may be said of a creative in a log: never its URL, which may hold secrets. */
function nameOf({ key, source }: ConditioningJob): { creativeKey: string; host: string } {
  return { creativeKey: key, host: URL.parse(source.url)?.host ?? '' }
}

function conditionedCreative({ key, durationTicks }: CreativeManifest): ConditionedCreative {
  return { key, assetId: assetIdOf(key), durationTicks }
}

async function readCreative(store: CreativeStore, key: string): Promise<LoadedCreative | undefined> {
  const manifest = store.find(key)
  if (!manifest) return undefined
  const videos = new Map<string, CreativeVideo>()
  const audios = new Map<string, CreativeAudio>()
  for (const track of manifest.tracks) {
    const bytes = await store.readTrack(key, track)
    if (!bytes) return undefined
    const video = track.kind === 'video' ? await readVideoTrack(bytes) : undefined
    const audio = track.kind === 'audio' ? await readAudioTrack(bytes, endTicksOf(manifest)) : undefined
    if (!video && !audio) return undefined
    for (const name of track.renditions) {
      if (video) videos.set(name, video)
      if (audio) audios.set(name, audio)
    }
  }
  const renditions = new Map<string, CreativeRendition>()
  for (const [name, audio] of audios) renditions.set(name, { video: videos.get(name), audio })
  return { ...conditionedCreative(manifest), renditions }
}
