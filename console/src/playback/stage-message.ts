/**
 * What the page says over the picture, for each state of playback: what is so, and what happens next.
 */
import type { PlaybackState, RetryReason } from './playback-state.ts'

/** Words over the picture. */
export type StageMessage = {
  readonly title: string
  readonly detail: string
  /** Whether the page is working on it by itself. */
  readonly busy: boolean
}

const RETRY_MESSAGES: Readonly<Record<RetryReason, { readonly title: string; readonly detail: string }>> = {
  unreachable: {
    title: 'No connection to the server',
    detail: 'The server does not answer. Trying again until it does.',
  },
  throttled: {
    title: 'Too many API calls',
    detail: 'The server answers again in a moment. Trying again.',
  },
  interrupted: {
    title: 'Connection lost',
    detail: 'The stream stopped arriving. Trying again.',
  },
  undecodable: {
    title: 'The picture could not be decoded',
    detail: 'This browser could not read the video. Trying again.',
  },
  busy: {
    title: 'Too many viewers',
    detail: 'The server takes no more viewers right now. Trying again.',
  },
}

/** The words for `state`; undefined while the picture needs none. */
export function stageMessage(state: PlaybackState, isPrivate: boolean): StageMessage | undefined {
  switch (state.phase) {
    case 'checking':
      return { title: 'Looking for the stream…', detail: '', busy: true }
    case 'connecting':
      return { title: 'Starting…', detail: '', busy: true }
    case 'playing':
    case 'paused':
      return undefined
    case 'buffering':
      return state.trouble
        ? { title: 'Connection trouble', detail: 'The next piece did not arrive. Trying again.', busy: true }
        : { title: 'Waiting for data…', detail: '', busy: true }
    case 'blocked':
      return { title: 'Ready to play', detail: 'Your browser waits for you to start it.', busy: false }
    case 'offline':
      return {
        title: state.ended ? 'The stream has ended' : 'This channel is offline',
        detail: 'Playback starts by itself when the channel goes live.',
        busy: false,
      }
    case 'retrying':
      return { ...RETRY_MESSAGES[state.reason], busy: true }
    case 'refused':
      return refusedMessage(state.tokenTried, isPrivate)
    case 'locked':
      return {
        title: 'This server wants access keys',
        detail:
          'Its API refused this page, which has no keys of its own. Watch with the playback URL in a player.',
        busy: false,
      }
    case 'unsupported':
      return {
        title: 'This browser cannot play HLS',
        detail: 'Try a current Chrome, Edge, Firefox or Safari, or open the playback URL in a player.',
        busy: false,
      }
  }
}

function refusedMessage(tokenTried: boolean, isPrivate: boolean): StageMessage {
  if (tokenTried) {
    return {
      title: 'That token was not accepted',
      detail: 'It may have expired, or belong to another channel. Paste a new one.',
      busy: false,
    }
  }
  return isPrivate
    ? { title: 'This channel is private', detail: 'Paste a playback token to watch it.', busy: false }
    : {
        title: 'The server refused to play this channel',
        detail: 'If you have a playback token for it, paste it here.',
        busy: false,
      }
}
