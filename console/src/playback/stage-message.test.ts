import { describe, expect, test } from 'vitest'
import type { PlaybackState } from './playback-state.ts'
import { stageMessage } from './stage-message.ts'

const AT = { run: 1, attempt: 0 } as const

function title(state: PlaybackState, isPrivate = false): string | undefined {
  return stageMessage(state, isPrivate)?.title
}

describe('stageMessage', () => {
  test('says nothing over a picture', () => {
    expect(stageMessage({ phase: 'playing', ...AT }, false)).toBeUndefined()
    expect(stageMessage({ phase: 'paused', ...AT }, false)).toBeUndefined()
  })

  test('tells a channel that is offline from a stream that ended', () => {
    expect(title({ phase: 'offline', ...AT, ended: false })).toBe('This channel is offline')
    expect(title({ phase: 'offline', ...AT, ended: true })).toBe('The stream has ended')
  })

  test('asks for a token on a private channel, and says when one was refused', () => {
    expect(title({ phase: 'refused', ...AT, tokenTried: false }, true)).toBe('This channel is private')
    expect(title({ phase: 'refused', ...AT, tokenTried: true }, true)).toBe('That token was not accepted')
    expect(title({ phase: 'refused', ...AT, tokenTried: false })).toBe(
      'The server refused to play this channel',
    )
  })

  test.each(['unreachable', 'throttled', 'interrupted', 'undecodable', 'busy'] as const)(
    'says that it tries again when playback is %s',
    (reason) => {
      const message = stageMessage({ phase: 'retrying', ...AT, reason }, false)
      expect(message?.busy).toBe(true)
      expect(message?.detail).toMatch(/Trying again/)
    },
  )

  test('speaks of trouble only when waiting is more than waiting', () => {
    expect(title({ phase: 'buffering', ...AT, trouble: false })).toBe('Waiting for data…')
    expect(title({ phase: 'buffering', ...AT, trouble: true })).toBe('Connection trouble')
  })
})
