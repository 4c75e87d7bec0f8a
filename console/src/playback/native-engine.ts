/**
 * Plays with the browser's own HLS, as Safari has it. It tells no HTTP status, so a failure is looked up
 * with one request of our own.
 */
import { BEHIND_S, bufferedAhead, withToken, type Engine, type EngineOptions } from './engine.ts'
import { statusEvent } from './status-event.ts'

const LOOK_UP_TIMEOUT_MS = 5000
const MEDIA_ERR_DECODE = 3

/** Whether `video` belongs to a browser whose own HLS is the better choice: Apple's plays LL-HLS. */
export function prefersNativeHls(video: HTMLVideoElement): boolean {
  // Others that answer "maybe" have young players that know no LL-HLS.
  return navigator.vendor.startsWith('Apple') && video.canPlayType('application/vnd.apple.mpegurl') !== ''
}

/** Starts the browser's player on `options.video`. */
export function openNativeEngine(options: EngineOptions): Engine {
  const { video, token, onEvent } = options
  const url = withToken(options.playbackUrl, token)
  const closed = new AbortController()

  const onError = (): void => {
    if (video.error?.code === MEDIA_ERR_DECODE) onEvent({ kind: 'failed', reason: 'undecodable' })
    else
      void lookUpStatus(url, closed.signal).then((status) => {
        if (!closed.signal.aborted) onEvent(statusEvent(status, token !== undefined))
      })
  }
  video.addEventListener('error', onError, { signal: closed.signal })
  video.src = url

  return {
    measure: () => {
      const edge = liveEdge(video)
      const latencyS = edge === undefined ? undefined : edge - video.currentTime
      return {
        latencyS,
        bufferedS: bufferedAhead(video),
        width: video.videoWidth,
        height: video.videoHeight,
        frameRate: undefined,
        bitrateBps: undefined,
        level: undefined,
        renditions: [],
        behind: latencyS !== undefined && latencyS > 2 * BEHIND_S,
        ad: undefined,
      }
    },
    seekToLive: () => {
      const edge = liveEdge(video)
      if (edge !== undefined) video.currentTime = edge
    },
    // The browser's own player chooses by itself and takes no orders.
    pick: () => undefined,
    close: () => {
      closed.abort()
      video.removeAttribute('src')
      video.load()
    },
  }
}

function liveEdge(video: HTMLVideoElement): number | undefined {
  const { seekable } = video
  return seekable.length > 0 ? seekable.end(seekable.length - 1) : undefined
}

/** Status of the playback URL; undefined when no answer came. */
async function lookUpStatus(url: string, signal: AbortSignal): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_TIMEOUT_MS)]),
    })
    await response.body?.cancel()
    return response.status
  } catch {
    return undefined
  }
}
