/**
 * The whole server in this process, on free loopback ports and a data directory of its own, with an SDK client for it.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CreateChannelCommand, GetStreamCommand, IvsClient, type Channel } from '@aws-sdk/client-ivs'
import { silentLogger, type Logger } from '../../src/base/logger.ts'
import { readConfig } from '../../src/app/config/read-config.ts'
import { startServer } from '../../src/app/server.ts'

/** What differs from the defaults. */
export type TestServerOptions = {
  /** Settings by key, as flags give them. */
  readonly flags?: Readonly<Record<string, string>>
  /** Kept when given; otherwise made, and removed at the end. */
  readonly dataDir?: string
  readonly logger?: Logger
}

/** A channel as a test uses it. */
export type TestChannel = {
  readonly arn: string
  readonly playbackUrl: string
  readonly streamKey: string
  /** Where encoders publish to it. */
  readonly rtmpUrl: string
  readonly rtmpsUrl: string
}

/** A running server; `await using` stops it. */
export type TestServer = AsyncDisposable & {
  readonly client: IvsClient
  /** URL of an address by its name: `console`, `api`, `https`, `rtmp` or `rtmps`. */
  readonly url: (name: string) => string
  readonly createChannel: (
    input?: ConstructorParameters<typeof CreateChannelCommand>[0],
  ) => Promise<TestChannel>
  /** Resolves when the channel's stream can be played. */
  readonly untilLive: (channel: Pick<TestChannel, 'arn'>) => Promise<void>
  readonly close: () => Promise<void>
}

const LIVE_TIMEOUT_MS = 20_000
const POLL_MS = 50

/** Starts a server. */
export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'headwater-data-')))
  const flags = { httpPort: '0', rtmpPort: '0', tlsPort: '0', throttling: 'off', dataDir, ...options.flags }
  const config = readConfig({ flags, environment: {} })
  const running = await startServer(config, options.logger ?? silentLogger)
  const url = (name: string): string => {
    const found = running.addresses.find((address) => address.name === name)
    if (!found) throw new Error(`no address is named ${name}`)
    return found.url
  }
  const client = testClient(url('api'))
  return {
    client,
    url,
    close: running.close,
    createChannel: async (input = {}) => {
      const { channel, streamKey } = await client.send(new CreateChannelCommand({ type: 'BASIC', ...input }))
      return testChannel(channel ?? {}, streamKey?.value ?? '', url)
    },
    untilLive: (channel) => untilLive(client, channel.arn),
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      await running.close()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true })
    },
  }
}

/** An SDK client for the server at `endpoint`, with credentials that a loopback server accepts. */
export function testClient(endpoint: string): IvsClient {
  return new IvsClient({
    endpoint,
    region: 'us-west-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
}

function testChannel(channel: Channel, streamKey: string, url: (name: string) => string): TestChannel {
  return {
    arn: channel.arn ?? '',
    playbackUrl: channel.playbackUrl ?? '',
    streamKey,
    rtmpUrl: `${url('rtmp')}/${streamKey}`,
    rtmpsUrl: `${url('rtmps')}/${streamKey}`,
  }
}

async function untilLive(client: IvsClient, channelArn: string): Promise<void> {
  const deadlineMs = Date.now() + LIVE_TIMEOUT_MS
  for (;;) {
    try {
      await client.send(new GetStreamCommand({ channelArn }))
      return
    } catch (error) {
      if (Date.now() > deadlineMs) throw error
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}
