/**
 * Plays through hls.js, which is fetched only when it is needed.
 *
 * hls.js tries little on its own here: what it gives up on is tried again by the page, which says so.
 */
import Hls, { ErrorTypes, Events, type DateRange, type ErrorData, type HlsConfig } from 'hls.js/light'
import { adPositionAt, type DateMark } from '../ads/ad-position.ts'
import { formatRendition } from '../format.ts'
import { emptyUntilS } from './back-buffer.ts'
import {
  BEHIND_S,
  bufferedAhead,
  withToken,
  type Engine,
  type EngineOptions,
  type RenditionChoice,
} from './engine.ts'
import { statusEvent } from './status-event.ts'
import type { PlayerEvent } from './playback-state.ts'

/** What hls.js calls its own choice. */
const AUTO_LEVEL = -1
const CATCH_UP_RATE = 1.5
/** Half-lives of what is measured of the line, in seconds. */
const ATTENTIVE = { abrEwmaFastLive: 0.5, abrEwmaSlowLive: 1 }
const MEDIA_RECOVERY_GAP_MS = 5000

/** Whether this browser has what hls.js needs. */
export function isHlsSupported(): boolean {
  return Hls.isSupported()
}

/** Starts hls.js on `options.video`. */
export function openHlsEngine(options: EngineOptions): Engine {
  const { video, onEvent } = options
  const hls = new Hls(hlsConfig(options.lowLatency))
  const recover = mediaRecovery(hls)
  let marks: readonly DateMark[] = []

  hls.on(Events.ERROR, (_name, error) => {
    const event = errorEvent(error, options.token !== undefined)
    if (!event) return
    if (error.fatal && error.type === ErrorTypes.MEDIA_ERROR && recover()) return
    onEvent(event)
  })
  hls.on(Events.LEVEL_UPDATED, (_name, { details }) => {
    marks = Object.values(details.dateRanges).flatMap((range) => (range ? [dateMark(range)] : []))
  })
  hls.on(Events.FRAG_BUFFERED, (_name, { part }) => {
    const { buffered, currentTime: currentTimeS } = video
    if (buffered.length === 0) return
    const newest = hls.latestLevelDetails?.partList?.at(-1)
    const state = { taken: part ?? undefined, newest, bufferStartS: buffered.start(0), currentTimeS }
    const endOffset = emptyUntilS(state)
    if (endOffset !== undefined)
      hls.trigger(Events.BUFFER_FLUSHING, { startOffset: 0, endOffset, type: null })
  })
  hls.loadSource(withToken(options.playbackUrl, options.token))
  hls.attachMedia(video)

  return {
    measure: () => {
      const level = hls.levels[hls.currentLevel] ?? hls.levels[hls.loadLevel]
      const latencyS = hls.latency > 0 ? hls.latency : undefined
      return {
        latencyS,
        bufferedS: bufferedAhead(video),
        width: video.videoWidth,
        height: video.videoHeight,
        frameRate: level && level.frameRate > 0 ? level.frameRate : undefined,
        bitrateBps: level?.bitrate,
        level: level && {
          index: hls.levels.length - 1 - hls.levels.indexOf(level),
          count: hls.levels.length,
        },
        renditions: choices(hls),
        behind: latencyS !== undefined && latencyS > (hls.targetLatency ?? 0) + BEHIND_S,
        ad: hls.playingDate === null ? undefined : adPositionAt(marks, hls.playingDate.getTime()),
      }
    },
    seekToLive: () => {
      if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition
    },
    // What is buffered is played out first: a viewer who chooses loses no picture.
    pick: (renditionId) => {
      hls.nextLevel = renditionId ?? AUTO_LEVEL
    },
    close: () => hls.destroy(),
  }
}

function choices(hls: Hls): readonly RenditionChoice[] {
  return hls.levels.map((level, id) => ({ id, label: formatRendition(level) })).reverse()
}

function dateMark({ class: className, startDate, duration, attr }: DateRange): DateMark {
  const durationMs = duration === null ? undefined : duration * 1000
  const attributes = Object.fromEntries(Object.entries(attr).map(([name, value]) => [name, String(value)]))
  return { className, startMs: startDate.getTime(), durationMs, attributes }
}

function hlsConfig(lowLatency: boolean): Partial<HlsConfig> {
  return {
    lowLatencyMode: lowLatency,
    // Not backBufferLength: see `back-buffer.ts`.
    // A viewer who lost time to a stall catches up instead of staying late; only sensible near the edge.
    maxLiveSyncPlaybackRate: lowLatency ? CATCH_UP_RATE : 1,
    // Near the edge one part of each segment is measured: with the usual memory a narrow line would be noticed too late.
    ...(lowLatency && ATTENTIVE),
  }
}

function errorEvent(error: ErrorData, sentToken: boolean): PlayerEvent | undefined {
  const isNetwork = error.type === ErrorTypes.NETWORK_ERROR
  if (!error.fatal) return isNetwork ? { kind: 'trouble' } : undefined
  if (isNetwork) return statusEvent(error.response?.code, sentToken)
  return { kind: 'failed', reason: 'undecodable' }
}

/** Lets hls.js rebuild its decoder once in a while; a second failure right after is final. */
function mediaRecovery(hls: Hls): () => boolean {
  let lastMs = -Infinity
  return () => {
    const nowMs = performance.now()
    if (nowMs - lastMs < MEDIA_RECOVERY_GAP_MS) return false
    lastMs = nowMs
    hls.recoverMediaError()
    return true
  }
}
