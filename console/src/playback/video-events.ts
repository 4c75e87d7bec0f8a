/**
 * The `<video>` element's own events and its autoplay rules, as playback events.
 */
import type { PlayerEvent } from './playback-state.ts'

/** Waits shorter than this pass unsaid: nobody sees them. */
const SHORT_WAIT_MS = 300

/** Reports what `video` does until `signal` is aborted. */
export function followVideo(
  video: HTMLVideoElement,
  onEvent: (event: PlayerEvent) => void,
  signal: AbortSignal,
): void {
  let waiting: ReturnType<typeof setTimeout> | undefined
  const on = (name: keyof HTMLMediaElementEventMap, react: () => void): void => {
    const listener = (): void => {
      clearTimeout(waiting)
      react()
    }
    video.addEventListener(name, listener, { signal })
  }
  on('playing', () => onEvent({ kind: 'playing' }))
  on('waiting', () => {
    waiting = setTimeout(() => onEvent({ kind: 'waiting' }), SHORT_WAIT_MS)
  })
  on('ended', () => onEvent({ kind: 'ended' }))
  on('pause', () => {
    // Browsers pause at the end too, just before `ended`.
    if (!video.ended) onEvent({ kind: 'paused' })
  })
  signal.addEventListener('abort', () => clearTimeout(waiting), { once: true })
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
