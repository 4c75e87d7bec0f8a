/**
 * Stream sessions of real encoders: what is remembered of them, also when the server dies under them.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateChannelCommand,
  CreateRecordingConfigurationCommand,
  DeleteChannelCommand,
  GetStreamCommand,
  GetStreamSessionCommand,
  InsertAdBreakCommand,
  ListStreamSessionsCommand,
  PutMetadataCommand,
  StopStreamCommand,
} from '@aws-sdk/client-ivs'
import type { IvsClient, StreamSession } from '@aws-sdk/client-ivs'
import { expect, test, vi } from 'vitest'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startHeadwater } from '../harness/headwater-process.ts'
import { makeAdConfiguration } from '../harness/ad-configuration.ts'
import { startTestServer, testClient } from '../harness/test-server.ts'

const WAIT = { timeout: 15_000, interval: 100 }

async function getSession(client: IvsClient, channelArn: string): Promise<StreamSession> {
  const answer = await client.send(new GetStreamSessionCommand({ channelArn }))
  return answer.streamSession ?? {}
}

/** Records follow the stream a moment later: nothing that viewers wait for waits for them. */
async function untilStarted(client: IvsClient, channelArn: string): Promise<StreamSession> {
  return vi.waitFor(async () => {
    const session = await getSession(client, channelArn)
    expect(eventNames(session)).toContain('Stream Start')
    return session
  }, WAIT)
}

async function untilEnded(client: IvsClient, channelArn: string): Promise<StreamSession> {
  return vi.waitFor(async () => {
    const session = await getSession(client, channelArn)
    expect(session.endTime).toBeDefined()
    return session
  }, WAIT)
}

/** Without changes of health: an encoder that this machine gives too little time starves its stream. */
const eventNames = (session: StreamSession) =>
  session.truncatedEvents
    ?.filter(({ type }) => type === 'IVS Stream State Change')
    .map(({ name }) => name)
    .reverse()

const WHOLE_LIFE = ['Session Created', 'Stream Start', 'Session Ended', 'Stream End']

test.concurrent('remembers a stream from its first byte to its end, and after its channel', async () => {
  await using server = await startTestServer()
  const { recordingConfiguration } = await server.client.send(
    new CreateRecordingConfigurationCommand({
      name: 'of-then',
      destinationConfiguration: { s3: { bucketName: 'recordings' } },
    }),
  )
  const channel = await server.createChannel({
    name: 'remembered',
    recordingConfigurationArn: recordingConfiguration?.arn,
  })
  await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  const { stream } = await server.client.send(new GetStreamCommand({ channelArn: channel.arn }))
  const live = await untilStarted(server.client, channel.arn)
  expect(live).toMatchObject({
    streamId: stream?.streamId,
    startTime: stream?.startTime,
    channel: { arn: channel.arn, name: 'remembered' },
    recordingConfiguration: { arn: recordingConfiguration?.arn, name: 'of-then' },
  })
  expect(live.endTime).toBeUndefined()
  expect(eventNames(live)).toEqual(WHOLE_LIFE.slice(0, 2))

  await publisher.stop()
  const ended = await untilEnded(server.client, channel.arn)
  expect(eventNames(ended)).toEqual(WHOLE_LIFE)
  expect(ended.endTime?.getTime()).toBeGreaterThanOrEqual(ended.startTime?.getTime() ?? Infinity)

  await server.client.send(new DeleteChannelCommand({ arn: channel.arn }))
  expect(await getSession(server.client, channel.arn)).toEqual(ended)
  const { streamSessions } = await server.client.send(
    new ListStreamSessionsCommand({ channelArn: channel.arn }),
  )
  expect(streamSessions).toEqual([
    {
      streamId: ended.streamId,
      startTime: ended.startTime,
      endTime: ended.endTime,
      hasErrorEvent: false,
    },
  ])
})

test.concurrent('metadata and ad breaks reach the running stream', async () => {
  await using server = await startTestServer()
  const adConfigurationArn = await makeAdConfiguration(server)
  const { arn: channelArn, rtmpUrl } = await server.createChannel({
    adConfigurationArn,
  })
  const put = () => server.client.send(new PutMetadataCommand({ channelArn, metadata: 'x' }))
  const insert = () => server.client.send(new InsertAdBreakCommand({ channelArn, durationSeconds: 300 }))
  await expect(put()).rejects.toThrow('ChannelNotBroadcasting')
  await expect(insert()).rejects.toThrow('ChannelNotBroadcasting')
  await using _publisher = await publishWithFfmpeg({ url: rtmpUrl })
  await server.untilLive({ arn: channelArn })
  expect((await put()).$metadata.httpStatusCode).toBe(204)
  expect((await insert()).adBreakId).toHaveLength(12)
  await expect(insert()).rejects.toThrow('ConflictException')
})

test.concurrent(
  'tells what the encoder sends, as it announces it and as its parameter sets say',
  async () => {
    await using server = await startTestServer()
    const channel = await server.createChannel()
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, size: '640x360', frameRate: 30 })
    await server.untilLive(channel)
    const { ingestConfiguration, ingestConfigurations } = await untilStarted(server.client, channel.arn)
    const [video] = ingestConfigurations?.videoConfigurations ?? []
    const [audio] = ingestConfigurations?.audioConfigurations ?? []
    expect(video).toEqual({
      codec: expect.stringMatching(/^avc1\.42C0[0-9A-F]{2}$/) as string,
      profile: 'Baseline',
      level: expect.stringMatching(/^[0-9]\.[0-9]$/) as string,
      videoWidth: 640,
      videoHeight: 360,
      encoder: expect.stringMatching(/^Lavf/) as string,
      targetBitrate: expect.any(Number) as number,
      targetFramerate: 30,
      track: 'Track0',
    })
    expect(video?.targetBitrate).toBeGreaterThan(100_000)
    expect(video?.targetBitrate).toBeLessThan(3_000_000)
    expect(audio).toEqual({
      codec: 'mp4a.40.2',
      channels: 2,
      sampleRate: 48_000,
      targetBitrate: expect.any(Number) as number,
      track: 'Track0',
    })
    expect(audio?.targetBitrate).toBeGreaterThan(30_000)
    expect(audio?.targetBitrate).toBeLessThan(200_000)
    expect(ingestConfiguration).toEqual({
      video: { ...video, avcProfile: video?.profile, avcLevel: video?.level },
      audio,
    })
  },
)

test.concurrent('each go of an encoder is a session of its own; StopStream ends one', async () => {
  await using server = await startTestServer()
  const channel = await server.createChannel()
  const ids: (string | undefined)[] = []
  for (let go = 0; go < 2; go++) {
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    await server.client.send(new StopStreamCommand({ channelArn: channel.arn }))
    ids.unshift((await untilEnded(server.client, channel.arn)).streamId)
  }
  const { streamSessions } = await server.client.send(
    new ListStreamSessionsCommand({ channelArn: channel.arn }),
  )
  expect(streamSessions?.map(({ streamId }) => streamId)).toEqual(ids)
  expect(new Set(ids).size).toBe(2)
})

test.concurrent('a clean stop of the server ends its sessions in the records as well', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'headwater-sessions-'))
  let arn = ''
  {
    await using server = await startTestServer({ dataDir })
    const channel = await server.createChannel()
    arn = channel.arn
    await using _publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
    await server.untilLive(channel)
    await server.close()
  }
  {
    await using server = await startTestServer({ dataDir })
    expect(eventNames(await getSession(server.client, arn))).toEqual(WHOLE_LIFE)
  }
  await rm(dataDir, { recursive: true })
})

test.concurrent(
  'a server that was killed under its streams ends their sessions before it lets encoders in',
  async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'headwater-sessions-'))
    let arn = ''
    let streamKey = ''
    let killedAtMs = 0
    let live: StreamSession = {}
    {
      await using server = await startHeadwater(['--data-dir', dataDir])
      const client = testClient(server.addresses['api'] ?? '')
      const created = await client.send(new CreateChannelCommand({ type: 'BASIC' }))
      arn = created.channel?.arn ?? ''
      streamKey = created.streamKey?.value ?? ''
      await using _publisher = await publishWithFfmpeg({
        url: `${server.addresses['rtmp'] ?? ''}/${streamKey}`,
      })
      await vi.waitFor(async () => {
        expect((await fetch(created.channel?.playbackUrl ?? '')).status).toBe(200)
      }, WAIT)
      live = await untilStarted(client, arn)
      expect(live.endTime).toBeUndefined()
      server.kill('SIGKILL')
      killedAtMs = Date.now()
      await server.exited
      client.destroy()
    }
    await using server = await startHeadwater(['--data-dir', dataDir])
    const client = testClient(server.addresses['api'] ?? '')
    // No waiting here: who can connect finds the records in order.
    const ended = await getSession(client, arn)
    expect(eventNames(ended)).toEqual(WHOLE_LIFE)
    expect(ended).toMatchObject({ streamId: live.streamId, startTime: live.startTime })
    expect(ended.endTime?.getTime()).toBeGreaterThanOrEqual(live.startTime?.getTime() ?? Infinity)
    expect(ended.endTime?.getTime()).toBeLessThanOrEqual(killedAtMs)

    await using _publisher = await publishWithFfmpeg({
      url: `${server.addresses['rtmp'] ?? ''}/${streamKey}`,
    })
    await vi.waitFor(async () => {
      expect((await getSession(client, arn)).streamId).not.toBe(live.streamId)
    }, WAIT)
    const { streamSessions } = await client.send(new ListStreamSessionsCommand({ channelArn: arn }))
    expect(streamSessions?.map(({ endTime }) => endTime !== undefined)).toEqual([false, true])
    client.destroy()
    server.kill('SIGKILL')
    await server.exited
    await rm(dataDir, { recursive: true })
  },
)
