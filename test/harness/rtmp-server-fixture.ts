/**
 * A listening RTMP server with sessions, clock and log that remember, for its tests.
 */
import { onTestFinished } from 'vitest'
import { RecordingLogger } from './recording-logger.ts'
import { keysOf, RecordingPublishPort } from './recording-publish-port.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { RtmpServer, type RtmpServerConfig } from '../../src/ingest/rtmp-server.ts'
import { DropCounts } from '../../src/domain/drops.ts'

/** Limits of a server whose test does not say otherwise. */
export const CONFIG: RtmpServerConfig = {
  handshakeTimeoutMs: 5000,
  publishTimeoutMs: 10_000,
  idleTimeoutMs: 45_000,
  audioOnlyTimeoutMs: 10_000,
  allowInsecureLoopbackIngest: true,
  maxPublishConnections: 20,
  maxWaitingPerAddress: 20,
}

/** The stream key that every server of these tests knows. */
export const KEY = 'sk_us-west-2_Secret'

/** A running server and everything around it. */
export type Listening = {
  readonly port: number
  readonly server: RtmpServer
  readonly sessions: RecordingPublishPort
  readonly clock: ManualClock
  readonly log: RecordingLogger
}

/** Starts a server that is closed with its test. */
export async function listen(config: Partial<RtmpServerConfig> = {}): Promise<Listening> {
  const clock = new ManualClock()
  const log = new RecordingLogger()
  const sessions = new RecordingPublishPort()
  const server = new RtmpServer({
    drops: new DropCounts(),
    config: { ...CONFIG, ...config },
    clock,
    logger: log,
    streamKeys: keysOf(KEY, 'secure'),
    publishPort: sessions,
  })
  onTestFinished(() => server.close())
  return { port: await server.listen(0, '127.0.0.1'), server, sessions, clock, log }
}

/** Lets the event loop turn until something outside the tests' reach has happened. */
export async function untilTrue(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}
