/**
 * The API over a real socket, with the unmodified SDK in front and a real store behind.
 *
 * Only what is live is made up: `goLive` and `holdChannel` stand in for publishers.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { IvsClient } from '@aws-sdk/client-ivs'
import { MediaTailorClient } from '@aws-sdk/client-mediatailor'
import { createApi } from '../../src/api/index.ts'
import type { AccessKey } from '../../src/api/index.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { randomAlphanumeric } from '../../src/base/ids.ts'
import type { CallRates } from '../../src/domain/call-rates.ts'
import type { LiveControl, LiveDirectory, LiveStream } from '../../src/domain/live.ts'
import type { MetricHistory } from '../../src/domain/metrics.ts'
import type { ServiceIdentity } from '../../src/domain/service-identity.ts'
import { DEFAULT_SERVICE_LIMITS } from '../../src/domain/service-limits.ts'
import type { ServiceLimits } from '../../src/domain/service-limits.ts'
import { AdBreakSlot } from '../../src/session/ad-break-slot.ts'
import { startRecordingActivation } from '../../src/record/recording-activation.ts'
import { diskRecordingBuckets, openStore } from '../../src/store/index.ts'
import type { Store } from '../../src/store/index.ts'
import { temporaryDatabase } from '../harness/databases.ts'

/** Account and region of the fixture's server. */
export const ACCOUNT_ID = '123456789012'

/** Region of the fixture's server. */
export const REGION = 'us-west-2'

const KEEP_ALIVE_MS = 65_000

/** An Authorization header that is well-formed and signs nothing. */
export const ANY_AUTHORIZATION: string = `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/${REGION}/ivs/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`

/** A running API. */
export type ApiFixture = AsyncDisposable & {
  readonly client: IvsClient
  readonly mediaTailor: MediaTailorClient
  readonly url: string
  readonly store: Store
  /** Where recording buckets are, one directory each. */
  readonly bucketsDirectory: string
  readonly clock: ManualClock
  readonly identity: ServiceIdentity
  /** Makes a stream on the channel, as if its first segment were playable. */
  readonly goLive: (channelArn: string, stream?: Partial<LiveStream>) => LiveStream
  /** Makes a publisher hold the channel, with nothing playable yet. */
  readonly holdChannel: (channelArn: string) => void
  /** Metadata that was put, in order. */
  readonly metadata: readonly string[]
  /** Channels whose stream was stopped, in order. */
  readonly stopped: readonly string[]
  /** Sends a signed-looking POST with exactly this body. */
  readonly post: (
    path: string,
    body?: string | Uint8Array<ArrayBuffer>,
    headers?: Record<string, string>,
  ) => Promise<Response>
}

/** ARN of a channel that nobody made. */
export const MISSING_CHANNEL_ARN: string = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:channel/abcdABCDefgh`

/** ARN of a stream key that nobody made. */
export const MISSING_STREAM_KEY_ARN: string = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:stream-key/abcdABCDefgh`

/** Starts a server on a free port with an empty store; without access keys any signature passes, without rates any number of calls. */
export async function startApi(
  limits: Partial<ServiceLimits> = {},
  accessKeys: readonly AccessKey[] = [],
  callRates?: CallRates,
  more: { readonly metrics?: (clock: ManualClock) => MetricHistory } = {},
): Promise<ApiFixture> {
  const database = await temporaryDatabase()
  const store = await openStore(database.options)
  const clock = new ManualClock()
  const { live, control, ...broadcasts } = makeBroadcasts(clock)
  // Longer than any test is busy with other things: a connection that closes at the moment of a call fails the call.
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const identity = { region: REGION, accountId: ACCOUNT_ID, publicUrl: url, ingestHost: '127.0.0.1' }
  const bucketsDirectory = join(database.options.dataDir, 'buckets')
  const recordingActivation = startRecordingActivation({
    configurations: store.recordingConfigurations,
    buckets: diskRecordingBuckets(bucketsDirectory),
    clock,
    logger: silentLogger,
  })
  const api = createApi({
    store,
    live,
    control,
    recordingActivation,
    identity,
    clock,
    accessKeys,
    callRates,
    ...(more.metrics && { metrics: more.metrics(clock) }),
    logger: silentLogger,
    limits: { ...DEFAULT_SERVICE_LIMITS, ...limits },
  })
  await api.ready()
  server.on('request', (request, response) => api.routing(request, response))
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'anything' }
  const client = new IvsClient({ endpoint: url, region: REGION, credentials, maxAttempts: 1 })
  const mediaTailor = new MediaTailorClient({ endpoint: url, region: REGION, credentials, maxAttempts: 1 })
  return {
    client,
    mediaTailor,
    url,
    store,
    bucketsDirectory,
    clock,
    identity,
    ...broadcasts,
    post: (path, body, headers) =>
      fetch(url + path, {
        method: 'POST',
        headers: { authorization: ANY_AUTHORIZATION, ...headers },
        ...(body !== undefined && { body }),
      }),
    [Symbol.asyncDispose]: async () => {
      client.destroy()
      mediaTailor.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await api.close()
      await recordingActivation[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
      await database[Symbol.asyncDispose]()
    },
  }
}

type Broadcasts = Pick<ApiFixture, 'goLive' | 'holdChannel' | 'metadata' | 'stopped'> & {
  readonly live: LiveDirectory
  readonly control: LiveControl
}

function makeBroadcasts(clock: ManualClock): Broadcasts {
  const held = new Set<string>()
  const streams = new Map<string, LiveStream>()
  const adBreaks = new Map<string, AdBreakSlot>()
  const metadata: string[] = []
  const stopped: string[] = []
  return {
    metadata,
    stopped,
    holdChannel: (channelArn) => void held.add(channelArn),
    goLive: (channelArn, stream) => {
      const made: LiveStream = {
        channelArn,
        accountId: ACCOUNT_ID,
        streamId: `st-${randomAlphanumeric(23)}`,
        startTimeMs: clock.nowMs(),
        health: 'HEALTHY',
        viewerCount: 0,
        ...stream,
      }
      held.add(channelArn)
      streams.set(channelArn, made)
      adBreaks.set(channelArn, new AdBreakSlot(clock, 8000))
      return made
    },
    live: {
      get: (channelArn) => streams.get(channelArn),
      list: (accountId) => [...streams.values()].filter((stream) => stream.accountId === accountId),
      isHeld: (channelArn) => held.has(channelArn),
    },
    control: {
      stop: (channelArn) => {
        streams.delete(channelArn)
        if (!held.delete(channelArn)) return false
        stopped.push(channelArn)
        return true
      },
      putMetadata: (channelArn, text) => streams.has(channelArn) && metadata.push(text) > 0,
      insertAdBreak: (channelArn, durationSeconds) => {
        if (!streams.has(channelArn)) return { kind: 'refused', reason: 'not-live' }
        const adBreak = adBreaks.get(channelArn)?.take(durationSeconds)
        return adBreak ? { kind: 'inserted', adBreak } : { kind: 'refused', reason: 'break-running' }
      },
    },
  }
}
