/**
 * The state of playback in one word.
 */
import type { ReactElement } from 'react'
import type { PlaybackState } from '../playback/playback-state.ts'

const WORDS: Readonly<Record<PlaybackState['phase'], { readonly word: string; readonly tone: string }>> = {
  checking: { word: 'Checking', tone: 'quiet' },
  connecting: { word: 'Starting', tone: 'quiet' },
  playing: { word: 'Live', tone: 'live' },
  paused: { word: 'Paused', tone: 'quiet' },
  buffering: { word: 'Waiting', tone: 'warn' },
  blocked: { word: 'Ready', tone: 'quiet' },
  offline: { word: 'Offline', tone: 'quiet' },
  retrying: { word: 'Retrying', tone: 'warn' },
  refused: { word: 'No access', tone: 'warn' },
  locked: { word: 'No access', tone: 'warn' },
  unsupported: { word: 'Not supported', tone: 'warn' },
}

/** What `state` is called. */
export function stateWord(state: PlaybackState): string {
  return WORDS[state.phase].word
}

/** One word for `state`; not announced, as the view announces the whole message. */
export function StateBadge({ state }: { readonly state: PlaybackState }): ReactElement {
  const { word, tone } = WORDS[state.phase]
  return (
    <span className={`badge ${tone}`} data-phase={state.phase}>
      <span className="dot" aria-hidden="true" />
      {word}
    </span>
  )
}
