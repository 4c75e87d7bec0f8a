/**
 * Runs playback of one channel: carries out what `playback-state.ts` decides.
 */
import { useCallback, useEffect, useReducer, useRef, useState, type RefObject } from 'react'
import type { ConsoleService, WatchedChannel } from '../service/console-service.ts'
import type { Engine } from './engine.ts'
import { openEngine } from './open-engine.ts'
import {
  INITIAL_PLAYBACK,
  checkDelayMs,
  hasPlayer,
  nextPlayback,
  playerLimitMs,
  type PlaybackEvent,
  type PlaybackState,
  type PlayerEvent,
} from './playback-state.ts'
import { followVideo, startVideo } from './video-events.ts'

/** Playback as the views use it. */
export type Playback = {
  readonly state: PlaybackState
  readonly videoRef: RefObject<HTMLVideoElement | null>
  /** The running player; undefined while there is none. */
  readonly engine: Engine | undefined
  readonly giveToken: (token: string) => void
  /** Starts or resumes the picture, at the live edge. */
  readonly play: () => void
}

/** Plays `channel` for as long as the component is shown. */
export function usePlayback(service: ConsoleService, channel: WatchedChannel): Playback {
  const [state, dispatch] = useReducer(nextPlayback, INITIAL_PLAYBACK)
  const [token, setToken] = useState<string>()
  const videoRef = useRef<HTMLVideoElement>(null)

  useChecks(service, channel.arn, state, dispatch)
  usePlayerLimit(state, dispatch)
  const engine = useEngine(videoRef, channel, token, state, dispatch)

  const giveToken = useCallback((given: string) => {
    setToken(given)
    dispatch({ kind: 'token-given' })
  }, [])
  const play = useCallback(() => {
    const video = videoRef.current
    if (!video) return
    engine?.seekToLive()
    void startVideo(video, dispatch)
  }, [engine])
  return { state, videoRef, engine, giveToken, play }
}

/** Asks whether the channel is live, whenever `state` wants to know; at once when the network comes back. */
function useChecks(
  service: ConsoleService,
  arn: string,
  state: PlaybackState,
  dispatch: (event: PlaybackEvent) => void,
): void {
  useEffect(() => {
    const delayMs = checkDelayMs(state, Math.random())
    if (delayMs === undefined) return
    const stop = new AbortController()
    const check = (): void => {
      clearTimeout(timer)
      window.removeEventListener('online', check)
      void service.checkStream(arn, stop.signal).then((result) => {
        if (!stop.signal.aborted) dispatch({ kind: 'checked', result })
      })
    }
    const timer = setTimeout(check, delayMs)
    window.addEventListener('online', check)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('online', check)
      stop.abort()
    }
  }, [service, arn, state, dispatch])
}

function usePlayerLimit(state: PlaybackState, dispatch: (event: PlaybackEvent) => void): void {
  useEffect(() => {
    const limitMs = playerLimitMs(state)
    if (limitMs === undefined) return
    const timer = setTimeout(() => dispatch({ kind: 'failed', reason: 'interrupted' }), limitMs)
    return () => clearTimeout(timer)
  }, [state, dispatch])
}

function useEngine(
  videoRef: RefObject<HTMLVideoElement | null>,
  channel: WatchedChannel,
  token: string | undefined,
  state: PlaybackState,
  dispatch: (event: PlaybackEvent) => void,
): Engine | undefined {
  const [engine, setEngine] = useState<Engine>()
  const wanted = hasPlayer(state)
  const { run } = state
  const { playbackUrl, lowLatency } = channel

  useEffect(() => {
    const video = videoRef.current
    if (!wanted || !video) return
    const closed = new AbortController()
    let opened: Engine | undefined
    const onEvent = (event: PlayerEvent): void => {
      if (!closed.signal.aborted) dispatch(event)
    }
    followVideo(video, onEvent, closed.signal)
    void openEngine({ video, playbackUrl, token, lowLatency, onEvent }, closed.signal).then((created) => {
      opened = created
      if (closed.signal.aborted) created?.close()
      else if (created) {
        setEngine(created)
        void startVideo(video, onEvent)
      }
    })
    return () => {
      closed.abort()
      opened?.close()
      setEngine(undefined)
    }
  }, [videoRef, wanted, run, playbackUrl, lowLatency, token, dispatch])
  return engine
}
