/**
 * What broadcasts do, as every kind of receiver hears of it and as the API remembers it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateChannelCommand,
  GetStreamCommand,
  GetStreamSessionCommand,
  InsertAdBreakCommand,
  StopStreamCommand,
} from '@aws-sdk/client-ivs'
import type { IvsClient } from '@aws-sdk/client-ivs'
import { expect, test, vi } from 'vitest'
import {
  namesOf,
  startEventReceivers,
  type EventReceivers,
  type SeenEvent,
} from '../harness/event-receivers.ts'
import { publishWithFfmpeg } from '../harness/ffmpeg-publisher.ts'
import { startHeadwater } from '../harness/headwater-process.ts'
import { RtmpClient } from '../harness/rtmp-client.ts'
import { makeAdConfiguration } from '../harness/ad-configuration.ts'
import { startTestServer, testClient, type TestChannel, type TestServer } from '../harness/test-server.ts'

const WAIT = { timeout: 20_000, interval: 100 }
const BEGIN = ['Session Created', 'Stream Start']
const END = ['Session Ended', 'Stream End']
const WHOLE_LIFE = [...BEGIN, ...END]

/** The names of the events of the channel's last session, oldest first. */
async function remembered(client: IvsClient, channelArn: string): Promise<readonly (string | undefined)[]> {
  const { streamSession } = await client.send(new GetStreamSessionCommand({ channelArn }))
  return withoutRecovered(streamSession?.truncatedEvents?.map(({ name }) => name).reverse() ?? [])
}

/** On a busy machine an encoder starves now and then, and recovers: that is no part of any script. */
function withoutRecovered(names: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return names.filter((name, index) => {
    const isRecovered = name === 'Starvation Start' && names[index + 1] === 'Starvation End'
    return !isRecovered && name !== 'Starvation End'
  })
}

/** Waits until every receiver has heard exactly this of the channel, after `choose` if that is given. */
async function untilHeard(
  receivers: EventReceivers,
  channelArn: string,
  names: readonly string[],
  choose = (events: readonly SeenEvent[]): readonly SeenEvent[] => events,
): Promise<void> {
  const heard = async () => {
    const seen = await receivers.seen()
    return Object.fromEntries(
      Object.entries(seen).map(([receiver, events]) => [
        receiver,
        withoutRecovered(namesOf(choose(events), channelArn)),
      ]),
    )
  }
  const expected = { webhook: names, file: names, eventbridge: names, nats: names }
  await vi.waitFor(async () => {
    expect(await heard()).toEqual(expected)
  }, WAIT)
}

/** A server that is killed may not have noted yet what it delivered: that comes again, and is the same. */
function firstOfEach(events: readonly SeenEvent[]): readonly SeenEvent[] {
  return [...new Map(events.map((event) => [JSON.stringify(event), event])).values()]
}

type Script = {
  readonly name: string
  readonly live: (server: TestServer, channel: TestChannel) => Promise<void>
  readonly heard: readonly string[]
}

async function publishUntilLive(server: TestServer, channel: TestChannel) {
  const publisher = await publishWithFfmpeg({ url: channel.rtmpUrl })
  await server.untilLive(channel)
  return publisher
}

async function untilOffline({ client }: TestServer, { arn: channelArn }: TestChannel): Promise<void> {
  const live = () =>
    client.send(new GetStreamCommand({ channelArn })).then(
      () => true,
      () => false,
    )
  await vi.waitFor(async () => {
    expect(await live()).toBe(false)
  }, WAIT)
}

const SCRIPTS: readonly Script[] = [
  {
    name: 'a clean end',
    live: async (server, channel) => {
      await using publisher = await publishUntilLive(server, channel)
      await publisher.stop()
    },
    heard: WHOLE_LIFE,
  },
  {
    name: 'an encoder that drops',
    live: async (server, channel) => {
      await using publisher = await publishUntilLive(server, channel)
      await publisher.kill()
    },
    heard: WHOLE_LIFE,
  },
  {
    name: 'StopStream, after an ad break',
    live: async ({ client, ...server }, { arn: channelArn, ...channel }) => {
      await using _publisher = await publishUntilLive({ client, ...server }, { arn: channelArn, ...channel })
      await client.send(new InsertAdBreakCommand({ channelArn, durationSeconds: 10 }))
      await client.send(new StopStreamCommand({ channelArn }))
    },
    heard: [...BEGIN, 'Ad Break Inserted', ...END],
  },
  {
    name: 'an encoder that falls silent in mid-stream, and is cut off',
    live: async (server, channel) => {
      await using publisher = await publishUntilLive(server, channel)
      publisher.freeze()
      await untilOffline(server, channel)
      publisher.thaw()
    },
    heard: [...BEGIN, 'Starvation Start', ...END],
  },
  {
    name: 'a second encoder with the same key, which is refused',
    live: async (server, channel) => {
      await using publisher = await publishUntilLive(server, channel)
      await using second = await publishWithFfmpeg({ url: channel.rtmpUrl })
      expect(await second.exited).not.toBe(0)
      await publisher.stop()
    },
    heard: WHOLE_LIFE,
  },
  {
    name: 'a takeover, and one that is refused',
    live: async (server, channel) => {
      await using first = await publishUntilLive(server, channel)
      await using second = await publishWithFfmpeg({ url: `${channel.rtmpUrl}?priority=2` })
      await first.exited
      await using late = await publishWithFfmpeg({ url: `${channel.rtmpUrl}?priority=1` })
      expect(await late.exited).not.toBe(0)
      await second.stop()
    },
    heard: [...BEGIN, 'Stream Takeover', 'Stream Takeover Failure', ...END],
  },
  {
    name: 'a picture above the limit',
    live: async (_server, channel) => {
      await using publisher = await publishWithFfmpeg({ url: channel.rtmpUrl, size: '1280x720' })
      expect(await publisher.exited).not.toBe(0)
    },
    heard: ['Session Created', 'Ingest Resolution', 'Session Ended'],
  },
  {
    name: 'an encoder that sends nothing at all, and is cut off',
    live: async (_server, channel) => {
      const url = new URL(channel.rtmpUrl.replace('rtmp:', 'http:'))
      await using silent = await RtmpClient.publish({ port: Number(url.port) }, channel.streamKey)
      await silent.closed
    },
    heard: ['Session Created', 'Session Ended'],
  },
]

test.concurrent(
  'scripts of life are heard alike by every receiver and remembered alike (reference ivs-behaviour §5, §11)',
  async () => {
    await using receivers = await startEventReceivers([
      'silenceTimeoutMs: 4000',
      'ingestQuotas: { edgePixels: 700 }',
    ])
    await using server = await startTestServer({ flags: { config: receivers.configFile } })
    const adConfigurationArn = await makeAdConfiguration(server)
    const run = async ({ name, live, heard }: Script): Promise<void> => {
      const channel = await server.createChannel({
        name: name.replaceAll(/[^\w]/g, '-'),
        adConfigurationArn,
      })
      await live(server, channel)
      await untilHeard(receivers, channel.arn, heard)
      expect(await remembered(server.client, channel.arn)).toEqual(heard)
    }
    await Promise.all(SCRIPTS.map(run))
  },
)

test.concurrent(
  'more viewers than the account may have are told as an event of the account (reference ivs-behaviour §11)',
  async () => {
    await using receivers = await startEventReceivers(['quotas: { concurrentViews: 1 }'])
    await using server = await startTestServer({ flags: { config: receivers.configFile } })
    const channel = await server.createChannel()
    await using _publisher = await publishUntilLive(server, channel)
    const multivariant = await (await fetch(channel.playbackUrl)).text()
    const rendition = multivariant.split('\n').findLast((line) => line !== '' && !line.startsWith('#')) ?? ''
    expect((await fetch(new URL(rendition, channel.playbackUrl))).status).toBe(200)
    expect((await fetch(channel.playbackUrl)).status).toBe(429)
    const breach = { limit_name: 'Concurrent Viewers', limit_value: 1, exceeded_by: 1, limit_unit: 'viewers' }
    const heard = async () =>
      Object.values(await receivers.seen()).map((events) =>
        events.filter(({ resources }) => resources.length === 0).map(({ detail }) => detail),
      )
    await vi.waitFor(async () => {
      expect(await heard()).toEqual(Array.from({ length: 4 }, () => [breach]))
    }, WAIT)
  },
)

test.concurrent(
  'a session that kill -9 interrupted is ended for all receivers before the encoder is let in',
  async () => {
    await using receivers = await startEventReceivers()
    const dataDir = await mkdtemp(join(tmpdir(), 'headwater-events-'))
    const flags = ['--data-dir', dataDir, '--config', receivers.configFile]
    let channelArn = ''
    let streamKey = ''
    {
      await using server = await startHeadwater(flags)
      const client = testClient(server.addresses['api'] ?? '')
      const { channel, streamKey: key } = await client.send(new CreateChannelCommand({ type: 'BASIC' }))
      channelArn = channel?.arn ?? ''
      streamKey = key?.value ?? ''
      const url = `${server.addresses['rtmp'] ?? ''}/${streamKey}`
      await using _publisher = await publishWithFfmpeg({ url })
      await untilHeard(receivers, channelArn, BEGIN)
      server.kill('SIGKILL')
      await server.exited
      client.destroy()
    }
    await using server = await startHeadwater(flags)
    const client = testClient(server.addresses['api'] ?? '')
    expect(await remembered(client, channelArn)).toEqual(WHOLE_LIFE)
    await using _publisher = await publishWithFfmpeg({
      url: `${server.addresses['rtmp'] ?? ''}/${streamKey}`,
    })
    await untilHeard(receivers, channelArn, [...WHOLE_LIFE, ...BEGIN], firstOfEach)
    client.destroy()
    server.kill('SIGKILL')
    await server.exited
    await rm(dataDir, { recursive: true })
  },
)
