/**
 * One receiver of each kind that events can go to, the config file that sends them all there, and what each got.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import type { EventEnvelope } from '../../src/domain/event-envelope.ts'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { startEventBridgeReceiver } from './event-bridge-receiver.ts'
import { startNatsServer } from './nats-server.ts'
import { startWebhookReceiver } from './webhook-receiver.ts'

/** What a receiver got of an event. */
export type SeenEvent = Pick<EventEnvelope, 'detail-type' | 'resources' | 'detail'>

/** Receivers that listen; `await using` stops them. */
export type EventReceivers = AsyncDisposable & {
  /** Sends every event to all of them. */
  readonly configFile: string
  /** Every event by receiver, in its order; copies count. */
  readonly seen: () => Promise<Readonly<Record<ReceiverName, readonly SeenEvent[]>>>
}

/** The receivers by what they are. */
export type ReceiverName = 'webhook' | 'file' | 'eventbridge' | 'nats'

const SUBJECT = 'live.events'

/** Starts them; lines of `moreConfig` are added to the config file. */
export async function startEventReceivers(moreConfig: readonly string[] = []): Promise<EventReceivers> {
  await using starting = new AsyncDisposableStack()
  const directory = starting.use(await temporaryDirectory())
  const webhook = starting.use(await startWebhookReceiver())
  const bus = starting.use(await startEventBridgeReceiver())
  const nats = starting.use(await startNatsServer())
  const connection = await connect({ servers: nats.url })
  starting.defer(() => connection.close())
  const fromNats: EventEnvelope[] = []
  connection.subscribe(SUBJECT, {
    callback: (_error, message) => void fromNats.push(message.json<EventEnvelope>()),
  })
  await connection.flush()
  const file = join(directory.path, 'events.jsonl')
  const configFile = join(directory.path, 'config.yaml')
  const keys = 'accessKeyId: BUS_ACCESS_KEY_ID, secretAccessKey: bus-secret-access-key'
  const lines = [
    'eventTargets:',
    `  - { name: webhook, type: webhook, url: "${webhook.url}", secret: secret-of-the-webhook }`,
    `  - { name: file, type: file, path: "${file}", sync: never }`,
    `  - { name: bus, type: eventbridge, region: us-west-2, endpoint: "${bus.endpoint}", ${keys} }`,
    `  - { name: nats, type: nats, servers: "${nats.url}", subject: ${SUBJECT} }`,
  ]
  await writeFile(configFile, [...lines, ...moreConfig, ''].join('\n'))
  const started = starting.move()
  return {
    configFile,
    seen: async () => ({
      webhook: webhook.accepted,
      file: await readEvents(file),
      eventbridge: bus.accepted.map((entry) => ({
        'detail-type': entry.DetailType ?? '',
        resources: entry.Resources ?? [],
        detail: JSON.parse(entry.Detail ?? '{}') as EventEnvelope['detail'],
      })),
      nats: fromNats,
    }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  }
}

async function readEvents(path: string): Promise<readonly EventEnvelope[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EventEnvelope)
}

/** The names of the events of a channel, in the order in which a receiver got them. */
export function namesOf(events: readonly SeenEvent[], channelArn: string): readonly string[] {
  return events
    .filter(({ resources }) => resources[0] === channelArn)
    .map(({ detail }) => String(detail['event_name'] ?? detail['limit_name'] ?? detail['recording_status']))
}
