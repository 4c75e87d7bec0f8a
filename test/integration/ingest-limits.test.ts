/**
 * What becomes of encoders that send more or less than they should: limits, starvation, and what is told of both.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetStreamSessionCommand, ListStreamSessionsCommand, ListStreamsCommand } from '@aws-sdk/client-ivs'
import type { StreamSession } from '@aws-sdk/client-ivs'
import { expect, test, vi } from 'vitest'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startTestServer } from '../harness/test-server.ts'
import type { TestServer } from '../harness/test-server.ts'

const WAIT = { timeout: 25_000, interval: 100 }

async function startServerWith(configText: string, flags: Record<string, string> = {}): Promise<TestServer> {
  const directory = await mkdtemp(join(tmpdir(), 'headwater-config-'))
  const config = join(directory, 'config.yaml')
  await writeFile(config, configText)
  const server = await startTestServer({ flags: { config, ...flags } })
  await rm(directory, { recursive: true })
  return server
}

async function getSession(server: TestServer, channelArn: string): Promise<StreamSession> {
  const answer = await server.client.send(new GetStreamSessionCommand({ channelArn }))
  return answer.streamSession ?? {}
}

async function untilEnded(server: TestServer, channelArn: string): Promise<StreamSession> {
  await vi.waitFor(async () => {
    expect((await getSession(server, channelArn)).endTime).toBeDefined()
  }, WAIT)
  return getSession(server, channelArn)
}

const HEALTH_CHANGE = 'IVS Stream Health Change'

function names(session: StreamSession, isWanted: (type: string | undefined) => boolean) {
  const wanted = session.truncatedEvents?.filter(({ type }) => isWanted(type))
  return wanted?.map(({ name }) => name).reverse()
}

/** A machine with too much to do starves streams as well: that is no matter in a test of something else. */
const withoutHealth = (session: StreamSession) => names(session, (type) => type !== HEALTH_CHANGE)
const ofHealth = (session: StreamSession) => names(session, (type) => type === HEALTH_CHANGE)

async function hasErrorEvent(server: TestServer, channelArn: string): Promise<boolean | undefined> {
  const { streamSessions } = await server.client.send(new ListStreamSessionsCommand({ channelArn }))
  return streamSessions?.[0]?.hasErrorEvent
}

test.concurrent('an encoder with too large a picture is disconnected before anybody can watch', async () => {
  await using server = await startServerWith('ingestQuotas: { totalPixels: 200000 }')
  const channel = await server.createChannel()
  await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, size: '640x360' })
  await publisher.exited
  const session = await untilEnded(server, channel.arn)
  expect(withoutHealth(session)).toEqual(['Session Created', 'Ingest Resolution', 'Session Ended'])
  expect(session.truncatedEvents?.[1]?.type).toBe('IVS Limit Breach')
  expect(session.ingestConfiguration?.video).toMatchObject({ videoWidth: 640, videoHeight: 360 })
  expect(await hasErrorEvent(server, channel.arn)).toBe(true)
  expect((await fetch(channel.playbackUrl)).status).toBe(404)
})

test.concurrent('an encoder with too high a bitrate is disconnected when that has lasted', async () => {
  await using server = await startServerWith('ingestQuotas: { basic480pBitrateBps: 200000 }')
  const channel = await server.createChannel()
  await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, size: '640x360' })
  await server.untilLive(channel)
  await publisher.exited
  const session = await untilEnded(server, channel.arn)
  expect(withoutHealth(session)).toEqual([
    'Session Created',
    'Stream Start',
    'Ingest Bitrate',
    'Session Ended',
    'Stream End',
  ])
  expect(await hasErrorEvent(server, channel.arn)).toBe(true)
})

test.concurrent('without limits the same encoder may go on', async () => {
  const text = 'ingestQuotas: { totalPixels: 200000, edgePixels: 1 }'
  await using server = await startServerWith(text, { ingestLimits: 'off' })
  const channel = await server.createChannel()
  await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, size: '640x360' })
  await server.untilLive(channel)
  expect(await hasErrorEvent(server, channel.arn)).toBe(false)
})

test.concurrent(
  'one broadcast more than the account may have is refused, and leaves no session',
  async () => {
    await using server = await startServerWith('quotas: { concurrentBroadcasts: 1 }')
    const [first, second] = [await server.createChannel(), await server.createChannel()]
    await using _publisher = await publishWithFfmpeg({ url: first.rtmpUrl })
    await server.untilLive(first)
    await using refused = await publishWithFfmpeg({ url: second.rtmpUrl })
    expect(await refused.exited).not.toBe(0)
    await expect(getSession(server, second.arn)).rejects.toThrow('ResourceNotFoundException')
  },
)

test.concurrent('an encoder that pauses starves its stream until it goes on', async () => {
  await using server = await startTestServer()
  const channel = await server.createChannel()
  await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  const untilIts = async (health: 'HEALTHY' | 'STARVING'): Promise<void> =>
    vi.waitFor(async () => {
      const { streams } = await server.client.send(new ListStreamsCommand({ filterBy: { health } }))
      expect(streams?.map(({ channelArn }) => channelArn)).toEqual([channel.arn])
    }, WAIT)
  await untilIts('HEALTHY')
  publisher.freeze()
  await untilIts('STARVING')
  publisher.thaw()
  await untilIts('HEALTHY')
  await publisher.stop()
  const session = await untilEnded(server, channel.arn)
  expect(withoutHealth(session)).toEqual(['Session Created', 'Stream Start', 'Session Ended', 'Stream End'])
  expect(ofHealth(session)?.slice(-2)).toEqual(['Starvation Start', 'Starvation End'])
  expect(await hasErrorEvent(server, channel.arn)).toBe(false)
})
