/**
 * The buttons under the picture: a live stream needs few.
 */
import { useEffect, useState, type ReactElement, type ReactNode, type RefObject } from 'react'
import { FullscreenIcon, MutedIcon, PauseIcon, PlayIcon, SoundIcon } from './icons.tsx'
import { toggleFullscreen } from './fullscreen.ts'

/** What the buttons act on. */
export type ControlsProps = {
  readonly videoRef: RefObject<HTMLVideoElement | null>
  readonly stageRef: RefObject<HTMLElement | null>
  readonly paused: boolean
  /** Whether to offer the jump to the live edge. */
  readonly behind: boolean
  readonly onPlay: () => void
  readonly onLive: () => void
  /** Further choices, beside the full screen button. */
  readonly children: ReactNode
}

/** Play or pause, sound (spelled out while it is off), jump to live, full screen. */
export function Controls({
  videoRef,
  stageRef,
  paused,
  behind,
  onPlay,
  onLive,
  children,
}: ControlsProps): ReactElement {
  const muted = useMuted(videoRef)
  const toggleMuted = (): void => {
    if (videoRef.current) videoRef.current.muted = !muted
  }
  return (
    <div className="controls">
      <IconButton
        label={paused ? 'Play' : 'Pause'}
        onClick={() => (paused ? onPlay() : videoRef.current?.pause())}
      >
        {paused ? <PlayIcon /> : <PauseIcon />}
      </IconButton>
      {muted ? (
        <button type="button" className="unmute" onClick={toggleMuted}>
          <MutedIcon /> Unmute
        </button>
      ) : (
        <IconButton label="Mute" onClick={toggleMuted}>
          <SoundIcon />
        </IconButton>
      )}
      <span className="spacer" />
      {behind && (
        <button type="button" className="to-live" onClick={onLive}>
          Jump to live
        </button>
      )}
      {children}
      <IconButton
        label="Full screen"
        onClick={() => {
          if (stageRef.current && videoRef.current) toggleFullscreen(stageRef.current, videoRef.current)
        }}
      >
        <FullscreenIcon />
      </IconButton>
    </div>
  )
}

type IconButtonProps = {
  readonly label: string
  readonly onClick: () => void
  readonly children: ReactElement
}

function IconButton({ label, onClick, children }: IconButtonProps): ReactElement {
  return (
    <button type="button" className="icon-button" aria-label={label} title={label} onClick={onClick}>
      {children}
    </button>
  )
}

function useMuted(videoRef: RefObject<HTMLVideoElement | null>): boolean {
  const [muted, setMuted] = useState(videoRef.current?.muted ?? true)
  useEffect(() => {
    const video = videoRef.current
    if (!video) return
    const read = (): void => setMuted(video.muted)
    read()
    video.addEventListener('volumechange', read)
    return () => video.removeEventListener('volumechange', read)
  }, [videoRef])
  return muted
}
