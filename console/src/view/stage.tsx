/**
 * The picture with its controls and what is said over it.
 */
import { useRef, type ReactElement } from 'react'
import type { Measurements } from '../playback/engine.ts'
import { hasPlayer } from '../playback/playback-state.ts'
import { stageMessage } from '../playback/stage-message.ts'
import type { Playback } from '../playback/use-playback.ts'
import type { WatchedChannel } from '../service/console-service.ts'
import { AdMark } from './ad-mark.tsx'
import { Controls } from './controls.tsx'
import { PlayIcon } from './icons.tsx'
import { RenditionPicker } from './rendition-picker.tsx'
import { TokenForm } from './token-form.tsx'

/** What the stage shows. */
export type StageProps = {
  readonly channel: WatchedChannel
  readonly playback: Playback
  readonly measured: Measurements | undefined
}

/** Keeps 16:9 whatever happens, so that the page below never moves. */
export function Stage({ channel, playback, measured }: StageProps): ReactElement {
  const { state, videoRef, play } = playback
  const stageRef = useRef<HTMLDivElement>(null)
  const message = stageMessage(state, channel.isPrivate)
  const showsPicture = hasPlayer(state) && state.phase !== 'connecting' && state.phase !== 'blocked'
  return (
    <div className="stage" ref={stageRef}>
      <video
        ref={videoRef}
        muted
        playsInline
        preload="auto"
        aria-label={`Live picture of ${channel.name}`}
        hidden={!hasPlayer(state)}
      />
      {showsPicture && measured?.ad && <AdMark position={measured.ad} />}
      {message && (
        <div className={showsPicture ? 'overlay veil' : 'overlay'}>
          {message.busy && <span className="spinner" aria-hidden="true" />}
          {state.phase === 'blocked' && (
            <button type="button" className="big-play" aria-label="Play" onClick={play}>
              <PlayIcon />
            </button>
          )}
          <p className="overlay-title">{message.title}</p>
          {message.detail !== '' && <p className="overlay-detail">{message.detail}</p>}
          {state.phase === 'refused' && <TokenForm onToken={playback.giveToken} />}
        </div>
      )}
      {showsPicture && (
        <Controls
          videoRef={videoRef}
          stageRef={stageRef}
          paused={state.phase === 'paused'}
          behind={measured?.behind ?? false}
          onPlay={play}
          onLive={() => playback.engine?.seekToLive()}
        >
          <RenditionPicker renditions={measured?.renditions ?? []} engine={playback.engine} />
        </Controls>
      )}
    </div>
  )
}
