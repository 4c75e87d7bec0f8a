import { describe, expect, test } from 'vitest'
import {
  INITIAL_PLAYBACK,
  checkDelayMs,
  hasPlayer,
  nextPlayback,
  playerLimitMs,
  type PlaybackEvent,
  type PlaybackState,
} from './playback-state.ts'

function after(...events: readonly PlaybackEvent[]): PlaybackState {
  return events.reduce(nextPlayback, INITIAL_PLAYBACK)
}

const LIVE = { kind: 'checked', result: 'live' } as const
const OFFLINE = { kind: 'checked', result: 'offline' } as const
const UNREACHABLE = { kind: 'checked', result: 'unreachable' } as const
const PLAYING = { kind: 'playing' } as const
const INTERRUPTED = { kind: 'failed', reason: 'interrupted' } as const
const REFUSED = { kind: 'refused', withToken: false } as const

describe('the way to the picture', () => {
  test('starts by asking the server at once', () => {
    expect(checkDelayMs(INITIAL_PLAYBACK, 0)).toBe(0)
    expect(hasPlayer(INITIAL_PLAYBACK)).toBe(false)
  })

  test('attaches a player when the channel is live, and plays', () => {
    const connecting = after(LIVE)
    expect(connecting).toEqual({ phase: 'connecting', run: 1, attempt: 0 })
    expect(hasPlayer(connecting)).toBe(true)
    expect(nextPlayback(connecting, PLAYING)).toEqual({ phase: 'playing', run: 1, attempt: 0 })
  })

  test('asks for a tap when the browser blocks playback, and plays after it', () => {
    const blocked = after(LIVE, { kind: 'blocked' })
    expect(blocked.phase).toBe('blocked')
    expect(hasPlayer(blocked)).toBe(true)
    expect(nextPlayback(blocked, PLAYING).phase).toBe('playing')
  })

  test('stays where it is in a browser that cannot play HLS', () => {
    const unsupported = after(LIVE, { kind: 'unsupported' })
    expect(checkDelayMs(unsupported, 0)).toBeUndefined()
    expect(nextPlayback(unsupported, LIVE)).toBe(unsupported)
  })
})

describe('an offline channel', () => {
  test('is asked about again and again, more slowly each time but never slower than 8 s', () => {
    let state = after(OFFLINE)
    const delaysMs: (number | undefined)[] = []
    for (let i = 0; i < 7; i++) {
      delaysMs.push(checkDelayMs(state, 0))
      state = nextPlayback(state, OFFLINE)
    }
    expect(delaysMs).toEqual([1500, 2250, 3375, 5063, 7594, 8000, 8000])
  })

  test('starts by itself when it goes live', () => {
    expect(after(OFFLINE, OFFLINE, LIVE).phase).toBe('connecting')
  })

  test('is not said to have ended when it was never seen', () => {
    expect(after(OFFLINE)).toMatchObject({ phase: 'offline', ended: false })
  })
})

describe('the end of a stream', () => {
  test('is said, and stays said while the channel is offline', () => {
    const ended = after(LIVE, PLAYING, { kind: 'ended' })
    expect(ended).toEqual({ phase: 'offline', run: 1, attempt: 0, ended: true })
    expect(nextPlayback(ended, OFFLINE)).toMatchObject({ phase: 'offline', ended: true })
  })

  test('is seen too when the playlist is gone before the player read its end', () => {
    expect(after(LIVE, PLAYING, { kind: 'gone' })).toMatchObject({ phase: 'offline', ended: true })
    expect(after(LIVE, { kind: 'gone' })).toMatchObject({ phase: 'offline', ended: false })
  })

  test('is followed by a new player when the channel is live again', () => {
    expect(after(LIVE, PLAYING, { kind: 'ended' }, LIVE)).toMatchObject({
      phase: 'connecting',
      run: 2,
    })
  })
})

describe('trouble', () => {
  test('waits for data without dropping the player', () => {
    const buffering = after(LIVE, PLAYING, { kind: 'waiting' })
    expect(buffering).toMatchObject({ phase: 'buffering', trouble: false })
    expect(nextPlayback(buffering, { kind: 'trouble' })).toMatchObject({
      phase: 'buffering',
      trouble: true,
    })
    expect(nextPlayback(buffering, PLAYING).phase).toBe('playing')
  })

  test('does not speak of trouble while the picture still moves', () => {
    expect(after(LIVE, PLAYING, { kind: 'trouble' }).phase).toBe('playing')
  })

  test('tries again after a lost connection, later with each failure', () => {
    const once = after(LIVE, PLAYING, INTERRUPTED)
    expect(once).toMatchObject({ phase: 'retrying', reason: 'interrupted', attempt: 1 })
    const twice = [LIVE, INTERRUPTED].reduce(nextPlayback, once)
    expect(twice).toMatchObject({ phase: 'retrying', attempt: 2 })
    expect(checkDelayMs(twice, 0)).toBeGreaterThan(checkDelayMs(once, 0) ?? Infinity)
  })

  test('forgets earlier failures once it plays', () => {
    expect(after(LIVE, INTERRUPTED, LIVE, INTERRUPTED, LIVE, PLAYING)).toMatchObject({ attempt: 0 })
  })

  test('keeps asking a server that does not answer', () => {
    const lost = after(UNREACHABLE)
    expect(lost).toMatchObject({ phase: 'retrying', reason: 'unreachable' })
    expect(checkDelayMs(lost, 0)).toBe(1500)
    expect(nextPlayback(lost, UNREACHABLE)).toMatchObject({ attempt: 1 })
  })

  test('says so when the API refuses the page, and still asks again', () => {
    const locked = after({ kind: 'checked', result: 'refused' })
    expect(locked.phase).toBe('locked')
    expect(checkDelayMs(locked, 0)).toBe(1500)
  })
})

describe('a player that shows nothing', () => {
  test('has a limit while it starts and while it waits, and none while it plays or is paused', () => {
    expect(playerLimitMs(after(LIVE))).toBe(15_000)
    expect(playerLimitMs(after(LIVE, PLAYING, { kind: 'waiting' }))).toBe(12_000)
    expect(playerLimitMs(after(LIVE, PLAYING))).toBeUndefined()
    expect(playerLimitMs(after(LIVE, PLAYING, { kind: 'paused' }))).toBeUndefined()
  })
})

describe('a private channel', () => {
  test('waits for a token and asks nothing meanwhile', () => {
    const refused = after(LIVE, REFUSED)
    expect(refused).toMatchObject({ phase: 'refused', tokenTried: false })
    expect(checkDelayMs(refused, 0)).toBeUndefined()
  })

  test('gets a new player with the token, and says when that was refused too', () => {
    const again = after(LIVE, REFUSED, { kind: 'token-given' })
    expect(again).toEqual({ phase: 'connecting', run: 2, attempt: 0 })
    expect(nextPlayback(again, { kind: 'refused', withToken: true })).toMatchObject({
      tokenTried: true,
    })
  })

  test('takes a token only when one was asked for', () => {
    const playing = after(LIVE, PLAYING)
    expect(nextPlayback(playing, { kind: 'token-given' })).toBe(playing)
  })
})

describe('late events', () => {
  test('of a player that is gone change nothing', () => {
    const offline = after(OFFLINE)
    expect(nextPlayback(offline, PLAYING)).toBe(offline)
    expect(nextPlayback(offline, INTERRUPTED)).toBe(offline)
  })

  test('of a check that nobody waits for change nothing', () => {
    const playing = after(LIVE, PLAYING)
    expect(nextPlayback(playing, OFFLINE)).toBe(playing)
    expect(nextPlayback(playing, LIVE)).toBe(playing)
  })
})

describe('pause', () => {
  test('holds the player and resumes', () => {
    const paused = after(LIVE, PLAYING, { kind: 'paused' })
    expect(paused.phase).toBe('paused')
    expect(hasPlayer(paused)).toBe(true)
    expect(nextPlayback(paused, PLAYING).phase).toBe('playing')
  })

  test('is not a pause when the player has not started', () => {
    expect(after(LIVE, { kind: 'paused' }).phase).toBe('connecting')
  })
})
