/**
 * What playback of one channel is doing, as data: each event leads to the next state, and the state alone says
 * whether a player runs and when the server is asked again.
 *
 * Pure: timers, players and requests are `use-playback.ts`.
 */
import { retryDelayMs } from '../retry-delay.ts'

/** Why playback waits before it tries again. */
export type RetryReason =
  /** The server does not answer. */
  | 'unreachable'
  /** The server gets too many API calls. */
  | 'throttled'
  /** The stream is live, but its media did not arrive. */
  | 'interrupted'
  /** The browser could not decode what arrived. */
  | 'undecodable'
  /** The server has as many viewers as it takes. */
  | 'busy'

/**
 * Playback of one channel. `attempt` counts the tries since it last played; `run` grows with each new player.
 */
export type PlaybackState =
  | { readonly phase: 'checking'; readonly run: number; readonly attempt: number }
  | { readonly phase: 'offline'; readonly run: number; readonly attempt: number; readonly ended: boolean }
  | {
      readonly phase: 'retrying'
      readonly run: number
      readonly attempt: number
      readonly reason: RetryReason
    }
  | { readonly phase: 'connecting'; readonly run: number; readonly attempt: number }
  | { readonly phase: 'playing'; readonly run: number; readonly attempt: number }
  | { readonly phase: 'paused'; readonly run: number; readonly attempt: number }
  | { readonly phase: 'buffering'; readonly run: number; readonly attempt: number; readonly trouble: boolean }
  /** The browser wants a tap before it plays. */
  | { readonly phase: 'blocked'; readonly run: number; readonly attempt: number }
  /** The server wants a playback token; `tokenTried` when it refused one. */
  | {
      readonly phase: 'refused'
      readonly run: number
      readonly attempt: number
      readonly tokenTried: boolean
    }
  /** The API wants credentials that the page does not have. */
  | { readonly phase: 'locked'; readonly run: number; readonly attempt: number }
  /** This browser cannot play HLS at all. */
  | { readonly phase: 'unsupported'; readonly run: number; readonly attempt: number }

/** Answer to the question whether a channel can be played now. */
export type StreamCheck = 'live' | 'offline' | 'unreachable' | 'throttled' | 'refused'

/** Something that the running player met. */
export type PlayerEvent =
  | { readonly kind: 'playing' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'paused' }
  | { readonly kind: 'ended' }
  /** The browser's autoplay rule forbids even muted playback. */
  | { readonly kind: 'blocked' }
  /** A request failed that the player tries again by itself. */
  | { readonly kind: 'trouble' }
  | { readonly kind: 'unsupported' }
  | { readonly kind: 'refused'; readonly withToken: boolean }
  | { readonly kind: 'failed'; readonly reason: RetryReason }
  /** The playlist is not there (any more). */
  | { readonly kind: 'gone' }

/** Something that happened to the server, the player or the viewer. */
export type PlaybackEvent =
  PlayerEvent | { readonly kind: 'checked'; readonly result: StreamCheck } | { readonly kind: 'token-given' }

/** Where playback of a channel begins: the server is asked whether it is live. */
export const INITIAL_PLAYBACK: PlaybackState = { phase: 'checking', run: 0, attempt: 0 }

/** Whether a player is attached in `state`. */
export function hasPlayer(state: PlaybackState): boolean {
  switch (state.phase) {
    case 'connecting':
    case 'playing':
    case 'paused':
    case 'buffering':
    case 'blocked':
      return true
    case 'checking':
    case 'offline':
    case 'retrying':
    case 'refused':
    case 'locked':
    case 'unsupported':
      return false
  }
}

/** Milliseconds until the server is asked again whether the channel is live; undefined when it is not asked. */
export function checkDelayMs(state: PlaybackState, random: number): number | undefined {
  switch (state.phase) {
    case 'checking':
      return 0
    case 'offline':
    case 'retrying':
    case 'locked':
      return retryDelayMs(state.attempt, random)
    case 'connecting':
    case 'playing':
    case 'paused':
    case 'buffering':
    case 'blocked':
    case 'refused':
    case 'unsupported':
      return undefined
  }
}

/** Longest a player may take to start, in milliseconds, and to get data again. */
const START_LIMIT_MS = 15_000
const STALL_LIMIT_MS = 12_000

/** Milliseconds after which a player that still shows nothing counts as failed; undefined where none is due. */
export function playerLimitMs(state: PlaybackState): number | undefined {
  if (state.phase === 'connecting') return START_LIMIT_MS
  return state.phase === 'buffering' ? STALL_LIMIT_MS : undefined
}

/** The state after `event`; events of a player that is gone, or of a check nobody waits for, change nothing. */
export function nextPlayback(state: PlaybackState, event: PlaybackEvent): PlaybackState {
  if (event.kind === 'token-given') {
    return state.phase === 'refused' ? { phase: 'connecting', run: state.run + 1, attempt: 0 } : state
  }
  if (event.kind === 'checked') return afterCheck(state, event.result)
  return hasPlayer(state) ? afterPlayer(state, event) : state
}

function afterCheck(state: PlaybackState, result: StreamCheck): PlaybackState {
  if (checkDelayMs(state, 0) === undefined) return state
  const { run } = state
  const attempt = state.phase === 'checking' ? state.attempt : state.attempt + 1
  switch (result) {
    case 'live':
      return { phase: 'connecting', run: run + 1, attempt: state.attempt }
    case 'offline':
      return { phase: 'offline', run, attempt, ended: state.phase === 'offline' && state.ended }
    case 'unreachable':
    case 'throttled':
      return { phase: 'retrying', run, attempt, reason: result }
    case 'refused':
      return { phase: 'locked', run, attempt }
  }
}

function afterPlayer(state: PlaybackState, event: PlayerEvent): PlaybackState {
  const { phase, run, attempt } = state
  switch (event.kind) {
    case 'playing':
      return { phase: 'playing', run, attempt: 0 }
    case 'paused':
      return phase === 'playing' || phase === 'buffering' ? { phase: 'paused', run, attempt } : state
    case 'waiting':
      return phase === 'playing' ? { phase: 'buffering', run, attempt, trouble: false } : state
    case 'trouble':
      return phase === 'buffering' ? { phase: 'buffering', run, attempt, trouble: true } : state
    case 'blocked':
      return { phase: 'blocked', run, attempt }
    case 'unsupported':
      return { phase: 'unsupported', run, attempt }
    case 'ended':
      return { phase: 'offline', run, attempt: 0, ended: true }
    case 'gone':
      // The stream ended a moment ago, or is between two checks: the next check tells which.
      return { phase: 'offline', run, attempt: attempt + 1, ended: phase !== 'connecting' }
    case 'refused':
      return { phase: 'refused', run, attempt: 0, tokenTried: event.withToken }
    case 'failed':
      return { phase: 'retrying', run, attempt: attempt + 1, reason: event.reason }
  }
}
