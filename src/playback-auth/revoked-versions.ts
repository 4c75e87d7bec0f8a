/**
 * Up to which session version each viewer of each channel is revoked.
 *
 * Room is bounded. When it is used up, the channels with the most revocations lose their lists and get one rule in their
 * place: every viewer whom a token names is revoked there, up to the highest version of the list. So nobody is let in
 * who was revoked, other channels do not notice, and tokens with newer versions work.
 */
import type { ViewerSessionRevocation } from '../domain/viewer-session-revocation.ts'

type Revoked = { readonly version: number; readonly revokedAtMs: number }

type Channel = { readonly viewers: Map<string, Revoked>; everyone: Revoked | undefined }

const MAX_REVOCATIONS = 500_000
/** Some room is made at once, because looking for the largest list takes time. */
const FULL_AFTER_MERGE = 0.9

/** Revoked versions by channel and viewer. */
export class RevokedVersions {
  readonly #channels = new Map<string, Channel>()
  readonly #maxRevocations: number
  #count = 0

  constructor(maxRevocations: number = MAX_REVOCATIONS) {
    this.#maxRevocations = maxRevocations
  }

  /** Revocations held, and channels where one rule stands for many. */
  get size(): { readonly revocations: number; readonly coarseChannels: number } {
    let coarseChannels = 0
    for (const channel of this.#channels.values()) if (channel.everyone) coarseChannels++
    return { revocations: this.#count, coarseChannels }
  }

  /** Whether `version` of the viewer's sessions is revoked. */
  covers(channelArn: string, viewerId: string, version: number): boolean {
    const channel = this.#channels.get(channelArn)
    if (!channel) return false
    const revoked = channel.viewers.get(viewerId)
    return covers(channel.everyone, version) || covers(revoked, version)
  }

  /** Adds one; of several for a viewer the highest version counts. @returns channels that lost their lists for room. */
  add({ channelArn, viewerId, version, revokedAtMs }: ViewerSessionRevocation): readonly string[] {
    const channel = this.#channelOf(channelArn)
    const known = channel.viewers.get(viewerId)
    if (!known) this.#count++
    channel.viewers.set(viewerId, later(known, { version, revokedAtMs }))
    return this.#count > this.#maxRevocations ? this.#mergeLargest() : []
  }

  /** Forgets what was revoked before `cutoffMs` and not again since. */
  forgetBefore(cutoffMs: number): void {
    for (const [channelArn, channel] of this.#channels) {
      for (const [viewerId, revoked] of channel.viewers) {
        if (revoked.revokedAtMs >= cutoffMs) continue
        channel.viewers.delete(viewerId)
        this.#count--
      }
      if (channel.everyone && channel.everyone.revokedAtMs < cutoffMs) channel.everyone = undefined
      if (channel.viewers.size === 0 && !channel.everyone) this.#channels.delete(channelArn)
    }
  }

  #channelOf(channelArn: string): Channel {
    let channel = this.#channels.get(channelArn)
    if (!channel) {
      channel = { viewers: new Map(), everyone: undefined }
      this.#channels.set(channelArn, channel)
    }
    return channel
  }

  #mergeLargest(): readonly string[] {
    const merged: string[] = []
    const bySize = [...this.#channels].toSorted(([, a], [, b]) => b.viewers.size - a.viewers.size)
    for (const [channelArn, channel] of bySize) {
      if (this.#count <= this.#maxRevocations * FULL_AFTER_MERGE) break
      for (const revoked of channel.viewers.values()) channel.everyone = later(channel.everyone, revoked)
      this.#count -= channel.viewers.size
      channel.viewers.clear()
      merged.push(channelArn)
    }
    return merged
  }
}

function covers(revoked: Revoked | undefined, version: number): boolean {
  return revoked !== undefined && version <= revoked.version
}

function later(known: Revoked | undefined, revoked: Revoked): Revoked {
  return {
    version: Math.max(known?.version ?? revoked.version, revoked.version),
    revokedAtMs: Math.max(known?.revokedAtMs ?? revoked.revokedAtMs, revoked.revokedAtMs),
  }
}
