/**
 * More streams to transcode than the machine bears, over the whole server.
 */
import { GetStreamSessionCommand, ListStreamSessionsCommand, type StreamEvent } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startTestServer, type TestChannel, type TestServer } from '../harness/test-server.ts'

const LIMIT_MS = 10_000

test('a stream beyond the ladders that may run fails with the documented reason, and BASIC streams go on', async () => {
  await using server = await startTestServer({ flags: { maxLadders: '1', x264Preset: 'ultrafast' } })
  const first = await server.createChannel({ type: 'STANDARD' })
  const second = await server.createChannel({ type: 'STANDARD' })
  const basic = await server.createChannel({ type: 'BASIC' })
  await using _one = await publishWithFfmpeg({ url: first.rtmpUrl, size: '320x180', keyframeSeconds: 1 })
  await server.untilLive(first)
  await using two = await publishWithFfmpeg({ url: second.rtmpUrl, size: '320x180', keyframeSeconds: 1 })
  await two.exited
  await using _three = await publishWithFfmpeg({ url: basic.rtmpUrl, size: '320x180', keyframeSeconds: 1 })
  await server.untilLive(basic)
  await server.untilLive(first)
  await expect
    .poll(() => failures(server, second), { timeout: LIMIT_MS })
    .toEqual([expect.objectContaining({ name: 'Stream Failure' })])
})

async function failures(server: TestServer, { arn }: TestChannel): Promise<readonly StreamEvent[]> {
  const { streamSessions = [] } = await server.client.send(new ListStreamSessionsCommand({ channelArn: arn }))
  const streamId = streamSessions[0]?.streamId
  if (streamId === undefined) return []
  const { streamSession } = await server.client.send(
    new GetStreamSessionCommand({ channelArn: arn, streamId }),
  )
  return (streamSession?.truncatedEvents ?? []).filter(({ name }) => name === 'Stream Failure')
}
