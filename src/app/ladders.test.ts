import { describe, expect, test } from 'vitest'
import type { LiveStream } from '../domain/live.ts'
import type { LadderHealth } from '../transcode/ladder-supervisor.ts'
import { consoleLadder } from './ladders.ts'

const STREAM: LiveStream = {
  ...{ channelArn: 'arn:of-channel', accountId: '000000000000', streamId: 'st-1', startTimeMs: 0 },
  ...{ health: 'HEALTHY', viewerCount: 0 },
}

function ladderOf(channelArn: string, health?: LadderHealth): ReturnType<typeof consoleLadder> {
  const sessions = { get: (arn: string) => (arn === STREAM.channelArn ? STREAM : undefined) }
  const ladders = { health: (streamId: string) => (streamId === STREAM.streamId ? health : undefined) }
  return consoleLadder({ sessions, ladders }, channelArn)
}

describe('the console is told', () => {
  const health: LadderHealth = {
    ...{ state: 'behind', deaths: 1, shedRungs: ['720p60'] },
    lagsMs: { '480p30': 1800.4, 'audio 64000': 40 },
  }

  test('that a ladder falls behind, by how much, and what was given up', () => {
    expect(ladderOf('arn:of-channel', health)).toEqual({ isBehind: true, lagMs: 1800, givenUp: ['720p60'] })
  })

  test('of no lag while a ladder has no child', () => {
    expect(ladderOf('arn:of-channel', { ...health, lagsMs: {} })?.lagMs).toBe(0)
  })

  test('nothing of channels that are not live or not transcoded', () => {
    expect(ladderOf('arn:of-another', health)).toBeUndefined()
    expect(ladderOf('arn:of-channel')).toBeUndefined()
  })
})
