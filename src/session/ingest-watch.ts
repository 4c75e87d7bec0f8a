/**
 * Watches what a publisher sends: whether enough of it arrives, and whether it is more than the channel takes.
 *
 * Pure; `count` is on the packet path and only adds. `check` looks at the sums, about once a second.
 */
import type { ChannelType } from '../domain/channel.ts'
import { bitrateBreach, bitrateLimitBps, resolutionBreach } from '../domain/ingest-limits.ts'
import type { IngestLimits, LimitBreach, PictureSize } from '../domain/ingest-limits.ts'
import type { StreamHealth } from '../domain/live.ts'
import type { PublisherAnnouncement } from '../domain/publishing.ts'
import type { AccessUnit, MediaTrack } from '../media/access-unit.ts'
import { ArrivalWindow } from './arrival-window.ts'
import { HEALTH_WINDOW_MS, IngestHealth } from './ingest-health.ts'

/**
 * A bitrate counts as sustained over this long: some keyframes with what lies between them, so that no single one of
 * them is a breach.
 */
const BITRATE_WINDOW_MS = 10_000

/** The watch over one session. */
export class IngestWatch {
  readonly #type: ChannelType
  readonly #limits: IngestLimits | undefined
  readonly #arrivals = new ArrivalWindow()
  readonly #health = new IngestHealth()
  #picture: PictureSize | undefined

  /** Without `limits` only health is watched. */
  constructor(type: ChannelType, limits: IngestLimits | undefined) {
    this.#type = type
    this.#limits = limits
  }

  /** Health at the last check. */
  get health(): StreamHealth {
    return this.#health.current
  }

  /** Takes everything that the publisher announced so far. */
  announce(announcement: PublisherAnnouncement): void {
    this.#health.expect(announcement)
  }

  /** Takes a track; the breach that it is by itself. */
  setTrack(track: MediaTrack): LimitBreach | undefined {
    if (track.kind === 'audio') return undefined
    const { width, height } = track.avc
    this.#picture = { width, height }
    this.#health.forget()
    return this.#limits && resolutionBreach(this.#limits, this.#picture)
  }

  /** Counts a unit that has its place on the session's timeline. */
  count(unit: AccessUnit, monotonicMs: number): void {
    this.#arrivals.count(unit, monotonicMs)
  }

  /** Judges the time until now; the breach that it found. */
  check(monotonicMs: number): LimitBreach | undefined {
    this.#arrivals.closeSlice(monotonicMs)
    this.#health.judge(this.#arrivals.last(HEALTH_WINDOW_MS))
    return this.#limits && this.#checkBitrate(this.#limits)
  }

  #checkBitrate(limits: IngestLimits): LimitBreach | undefined {
    const { bytes, elapsedMs, mediaMs } = this.#arrivals.last(BITRATE_WINDOW_MS)
    if (elapsedMs < BITRATE_WINDOW_MS) return undefined
    // After a pause of the network the backlog comes at once: more media than time, and no higher bitrate.
    const bitrateBps = (bytes * 8 * 1000) / Math.max(elapsedMs, mediaMs)
    return bitrateBreach(bitrateLimitBps(limits, this.#type, this.#picture), bitrateBps)
  }
}
