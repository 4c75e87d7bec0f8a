/**
 * Stream sessions as a live channel would have written them.
 */
import type { Channel } from '../../src/domain/channel.ts'
import type { RecordingConfiguration } from '../../src/domain/recording-configuration.ts'
import type { IngestConfiguration, StreamEvent } from '../../src/domain/stream-session.ts'
import { randomAlphanumeric } from '../../src/base/ids.ts'
import { ACCOUNT_ID } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'

/** What is remembered; what is not said is the beginning of a session that goes on. */
export type RememberedSession = {
  readonly createdAtMs: number
  readonly startTimeMs?: number
  readonly endTimeMs?: number
  readonly ingest?: IngestConfiguration
  readonly recordingConfiguration?: RecordingConfiguration
  readonly events?: readonly StreamEvent[]
  readonly accountId?: string
}

/** Writes a session of the channel with this ARN; its stream id. */
export async function rememberSession(
  api: ApiFixture,
  channelArn: string,
  session: RememberedSession,
): Promise<string> {
  const { createdAtMs, recordingConfiguration, events = [], accountId = ACCOUNT_ID, ...change } = session
  const channel = await api.store.channels.get(ACCOUNT_ID, channelArn)
  if (!channel) throw new Error(`no channel ${channelArn}`)
  const streamId = `st-${randomAlphanumeric(23)}`
  const snapshot: Channel = { ...channel, accountId }
  await api.store.streamSessions.write([
    {
      kind: 'opened',
      streamId,
      channel: snapshot,
      createdAtMs,
      nodeId: 'test',
      recordingConfiguration,
      events: [],
    },
    { kind: 'changed', streamId, ...change, events },
  ])
  return streamId
}
