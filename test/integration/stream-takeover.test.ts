/**
 * Two encoders and one channel: the second asks for the stream with a priority (reference ivs-behaviour §4).
 */
import { GetStreamCommand, GetStreamSessionCommand } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startTestServer } from '../harness/test-server.ts'

const WAIT = { timeout: 15_000, interval: 100 }

test('an encoder with a priority takes the stream over, and one without the right media does not', async () => {
  await using server = await startTestServer()
  const channel = await server.createChannel({ name: 'contested' })
  const channelArn = channel.arn
  const events = async (): Promise<(string | undefined)[]> => {
    const { streamSession } = await server.client.send(new GetStreamSessionCommand({ channelArn }))
    return (streamSession?.truncatedEvents ?? [])
      .filter(({ name }) => name?.startsWith('Stream Takeover'))
      .map(({ name, code }) => code ?? name)
      .reverse()
  }
  await using first = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  const before = await server.client.send(new GetStreamCommand({ channelArn }))

  await using second = await publishWithFfmpeg({ url: `${channel.rtmpUrl}?priority=1` })
  await expect.poll(events, WAIT).toEqual(['Stream Takeover'])
  expect(await first.exited).not.toBe(0)

  await using other = await publishWithFfmpeg({ url: `${channel.rtmpUrl}?priority=2`, size: '320x180' })
  await other.exited
  await using late = await publishWithFfmpeg({ url: `${channel.rtmpUrl}?priority=1` })
  await late.exited
  expect(other.complaints()).not.toBe('')
  await expect
    .poll(events, WAIT)
    .toEqual(['Stream Takeover', 'StreamTakeoverMediaMismatch', 'StreamTakeoverInvalidPriority'])

  const after = await server.client.send(new GetStreamCommand({ channelArn }))
  expect(after.stream?.streamId).toBe(before.stream?.streamId)
  expect(await Promise.race([second.exited, Promise.resolve('publishing')])).toBe('publishing')
}, 60_000)
