import { describe, expect, test } from 'vitest'
import type { ChannelChoice, ConsoleService, WatchedChannel } from '../service/console-service.ts'
import { findChannel } from './find-channel.ts'

const demo = channel('BBBBBBBBBBBB', 'demo')
const unlisted = channel('ZZZZZZZZZZZZ', 'unlisted')
const signal = new AbortController().signal

describe('findChannel', () => {
  test('finds a listed channel by name', async () => {
    expect(await findChannel(serving([demo]), 'demo', [demo], signal)).toEqual({
      status: 'found',
      channel: demo,
    })
  })

  test('finds the preferred channel when the address names none', async () => {
    expect(await findChannel(serving([demo]), undefined, [demo], signal)).toMatchObject({ channel: demo })
  })

  test('finds a channel beyond the list by name and by ARN', async () => {
    const service = serving([demo, unlisted])
    const found = { status: 'found', channel: unlisted }
    expect(await findChannel(service, 'unlisted', [demo], signal)).toEqual(found)
    expect(await findChannel(service, unlisted.arn, [demo], signal)).toEqual(found)
  })

  test('says which channel is missing', async () => {
    const service = serving([demo])
    expect(await findChannel(service, 'gone', [demo], signal)).toEqual({ status: 'missing', wanted: 'gone' })
    expect(await findChannel(service, unlisted.arn, [demo], signal)).toEqual({
      status: 'missing',
      wanted: unlisted.arn,
    })
  })

  test('tells a server that refuses from one that is away', async () => {
    expect(await findChannel(failing(403), 'demo', [demo], signal)).toEqual({ status: 'refused' })
    expect(await findChannel(failing(500), 'demo', [demo], signal)).toEqual({ status: 'unreachable' })
    expect(await findChannel(failing(429), 'demo', [demo], signal)).toEqual({ status: 'throttled' })
  })
})

function channel(id: string, name: string): WatchedChannel {
  return {
    arn: `arn:aws:ivs:us-west-2:000000000000:channel/${id}`,
    name,
    playbackUrl: `http://127.0.0.1/${id}.m3u8`,
    lowLatency: true,
    isPrivate: false,
    isTranscoded: false,
    hasAdConfiguration: false,
  }
}

function apiError(httpStatusCode: number): Error {
  return Object.assign(new Error('from the API'), { $metadata: { httpStatusCode } })
}

function serving(channels: readonly WatchedChannel[]): ConsoleService {
  return {
    listChannels: () => Promise.resolve(channels),
    findByName: (name) =>
      Promise.resolve<ChannelChoice | undefined>(channels.find((known) => known.name === name)),
    getChannel: (arn) => {
      const found = channels.find((known) => known.arn === arn)
      return found ? Promise.resolve(found) : Promise.reject(apiError(404))
    },
    checkStream: () => Promise.resolve('offline'),
    getStreamKey: () => Promise.resolve(undefined),
    recordedEvents: () => Promise.resolve([]),
    eventsUrl: () => new URL('http://localhost/events'),
    insertAdBreak: () => Promise.resolve(''),
  }
}

function failing(status: number): ConsoleService {
  return { ...serving([]), getChannel: () => Promise.reject(apiError(status)) }
}
