/**
 * The `<video>` element's own events and its autoplay rules, as playback events.
 */
import type { PlayerEvent } from './playback-state.ts'

/** Reports what `video` does until `signal` is aborted. */
export function followVideo(
  video: HTMLVideoElement,
  onEvent: (event: PlayerEvent) => void,
  signal: AbortSignal,
): void {
  const on = (name: keyof HTMLMediaElementEventMap, event: PlayerEvent): void =>
    video.addEventListener(name, () => onEvent(event), { signal })
  on('playing', { kind: 'playing' })
  on('waiting', { kind: 'waiting' })
  on('ended', { kind: 'ended' })
  video.addEventListener(
    'pause',
    () => {
      // Browsers pause at the end too, just before `ended`.
      if (!video.ended) onEvent({ kind: 'paused' })
    },
    { signal },
  )
}

/** Plays, muted when the browser allows no sound before a tap, and reports when it allows nothing. */
export async function startVideo(
  video: HTMLVideoElement,
  onEvent: (event: PlayerEvent) => void,
): Promise<void> {
  if (await tryPlay(video)) return
  video.muted = true
  if (await tryPlay(video)) return
  onEvent({ kind: 'blocked' })
}

/** False only when the browser's autoplay rule refused; other failures are told by the engine. */
async function tryPlay(video: HTMLVideoElement): Promise<boolean> {
  try {
    await video.play()
    return true
  } catch (error) {
    return !(error instanceof DOMException && error.name === 'NotAllowedError')
  }
}
