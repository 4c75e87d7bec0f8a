/**
 * A player for one run: hls.js where Media Source Extensions carry it, the browser's own HLS on Apple devices.
 */
import type { AdPosition } from '../ads/ad-position.ts'
import type { PlayerEvent } from './playback-state.ts'

/** One of the renditions that a viewer can choose from. */
export type RenditionChoice = { readonly id: number; readonly label: string }

/** What the read-outs show; members are undefined until they are known. */
export type Measurements = {
  /** Seconds from the live edge to the picture. */
  readonly latencyS: number | undefined
  /** Seconds of media after the picture that are here already. */
  readonly bufferedS: number
  readonly width: number
  readonly height: number
  readonly frameRate: number | undefined
  readonly bitrateBps: number | undefined
  readonly level: { readonly index: number; readonly count: number } | undefined
  /** Best first; empty while they are unknown or cannot be chosen. */
  readonly renditions: readonly RenditionChoice[]
  /** Whether the picture is so far from the live edge that a jump is worth offering. */
  readonly behind: boolean
  /** Where in an ad break the picture is; undefined in live content, and where the browser's player does not tell. */
  readonly ad: AdPosition | undefined
}

/** What an engine is given. */
export type EngineOptions = {
  readonly video: HTMLVideoElement
  readonly playbackUrl: string
  readonly token: string | undefined
  readonly lowLatency: boolean
  readonly onEvent: (event: PlayerEvent) => void
}

/** A running player. */
export type Engine = {
  readonly measure: () => Measurements
  /** Moves the picture to the live edge. */
  readonly seekToLive: () => void
  /** Stays on one rendition; undefined lets the player choose by what the line carries. */
  readonly pick: (renditionId: number | undefined) => void
  readonly close: () => void
}

/** Distance beyond the usual that makes a viewer "behind", in seconds: more than a hiccup costs. */
export const BEHIND_S = 4

/** The address with the playback token as its argument. */
export function withToken(playbackUrl: string, token: string | undefined): string {
  if (token === undefined || token === '') return playbackUrl
  const url = new URL(playbackUrl)
  url.searchParams.set('token', token)
  return url.href
}

/** Seconds of media buffered at and after the current position. */
export function bufferedAhead(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video
  for (let i = 0; i < buffered.length; i++) {
    const inRange = buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i)
    if (inRange) return Math.max(0, buffered.end(i) - currentTime)
  }
  return 0
}
