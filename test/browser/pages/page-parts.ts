/**
 * What the test pages have in common: their query, and counting what a `<video>` goes through.
 */
import type { PlayerError } from '../../harness/browser-stats.ts'

const MAX_ERRORS = 50

/** Value of query argument `name`; throws when the harness left it out. */
export function queryArgument(name: string): string {
  const value = new URLSearchParams(window.location.search).get(name)
  if (value === null) throw new Error(`this page needs the query argument ${name}`)
  return value
}

/** The page's one video element. */
export function pageVideo(): HTMLVideoElement {
  const video = document.querySelector('video')
  if (!video) throw new Error('this page has no video element')
  return video
}

/** Counts on one video element. */
export type VideoCounts = { startupMs: number | undefined; stalls: number; state: string }

/** Follows `video` from now on. */
export function countVideo(video: HTMLVideoElement): VideoCounts {
  const loadedAtMs = performance.now()
  const counts: VideoCounts = { startupMs: undefined, stalls: 0, state: 'starting' }
  video.addEventListener('timeupdate', () => {
    if (video.currentTime > 0 && !video.paused && !video.seeking) {
      counts.startupMs ??= performance.now() - loadedAtMs
    }
  })
  video.addEventListener('playing', () => (counts.state = 'playing'))
  video.addEventListener('pause', () => (counts.state = 'paused'))
  video.addEventListener('ended', () => (counts.state = 'ended'))
  video.addEventListener('waiting', () => {
    if (counts.startupMs !== undefined && !video.seeking) counts.stalls++
  })
  return counts
}

/** Seconds buffered after the picture. */
export function bufferedAheadS(video: HTMLVideoElement): number {
  const { buffered, currentTime } = video
  for (let i = 0; i < buffered.length; i++) {
    if (buffered.start(i) <= currentTime + 0.1 && currentTime <= buffered.end(i))
      return buffered.end(i) - currentTime
  }
  return 0
}

/** A list of complaints that stops growing. */
export function errorList(): { readonly errors: PlayerError[]; readonly add: (error: PlayerError) => void } {
  const errors: PlayerError[] = []
  return {
    errors,
    add: (error) => {
      if (errors.length < MAX_ERRORS) errors.push(error)
    },
  }
}
