/**
 * What the page says about ads.
 */
import type { PlaybackState } from '../playback/playback-state.ts'
import type { AdPosition } from './ad-position.ts'

/** The mark over the picture, e.g. `Ad 1 of 2 · 0:07`. */
export function adLabel(position: AdPosition): string {
  const { podIndex, podLength, leftMs } = position
  const name =
    podIndex === undefined
      ? 'Ad break'
      : podLength > 1
        ? `Ad ${String(podIndex)} of ${String(podLength)}`
        : 'Ad'
  return leftMs === undefined ? name : `${name} · ${countdown(leftMs)}`
}

/** Minutes and seconds; a second that has begun counts. */
export function countdown(leftMs: number): string {
  const seconds = Math.ceil(leftMs / 1000)
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')}`
}

/** How a break begins, for the list of events. */
export function breakStarted({ podLength, breakDurationMs }: AdPosition): string {
  const ads = podLength === 0 ? '' : podLength === 1 ? ', 1 ad' : `, ${String(podLength)} ads`
  return `Ad break started${ads}${breakDurationMs === undefined ? '' : `, ${countdown(breakDurationMs)}`}`
}

/** Why a break cannot be inserted now; undefined when it can. */
export function insertObstacle(hasAdConfiguration: boolean, state: PlaybackState): string | undefined {
  if (!hasAdConfiguration) return 'This channel has no ad configuration.'
  return isLive(state) ? undefined : 'The channel is not live.'
}

/** Whether the channel is live as far as the page knows, also when it cannot play it here. */
function isLive({ phase }: PlaybackState): boolean {
  switch (phase) {
    case 'connecting':
    case 'playing':
    case 'paused':
    case 'buffering':
    case 'blocked':
    case 'refused':
    case 'unsupported':
      return true
    case 'checking':
    case 'offline':
    case 'retrying':
    case 'locked':
      return false
  }
}
