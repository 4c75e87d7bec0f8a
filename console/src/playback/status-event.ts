/**
 * What an HTTP status of a playlist or a segment means for playback.
 */
import type { PlayerEvent } from './playback-state.ts'

/**
 * The event for a failed media request.
 *
 * @param status HTTP status; 0 or undefined when no answer came.
 * @param withToken whether a playback token was sent.
 */
export function statusEvent(status: number | undefined, withToken: boolean): PlayerEvent {
  switch (status ?? 0) {
    case 401:
    case 403:
      return { kind: 'refused', withToken }
    case 404:
    case 410:
      return { kind: 'gone' }
    case 429:
    case 503:
      return { kind: 'failed', reason: 'busy' }
    default:
      return { kind: 'failed', reason: 'interrupted' }
  }
}
