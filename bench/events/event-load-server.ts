/**
 * A server that is put together like the real one and makes up as many events as it is told to, besides those of its
 * streams. Started by `event-load.ts`, which it tells of itself and hears from over IPC.
 *
 * The events take the road of real ones: journal, one transaction with their records, outbox, targets. They are of
 * sessions of their own, on channels that nobody publishes to.
 */
import { mkdirSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { startEventRoad } from '../../src/app/event-road.ts'
import { createHttpFront, type HttpRoads } from '../../src/app/http-front.ts'
import { listen } from '../../src/app/listening.ts'
import { createLiveRoad } from '../../src/app/live-road.ts'
import { openPlaybackAccess } from '../../src/app/playback-access.ts'
import { readConfig } from '../../src/app/config/read-config.ts'
import { createMetricStore } from '../../src/app/stream-metrics.ts'
import { systemClock } from '../../src/base/clock.ts'
import { randomAlphanumeric } from '../../src/base/ids.ts'
import { createLogger } from '../../src/base/logger.ts'
import { SessionKeys } from '../../src/delivery/session-keys.ts'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { playbackUrl } from '../../src/domain/service-identity.ts'
import { newStreamKey } from '../../src/domain/stream-key-rules.ts'
import type { SessionJournal } from '../../src/domain/stream-session.ts'
import { SessionEntryWriter } from '../../src/session/session-entries.ts'
import { openStore } from '../../src/store/index.ts'
import { NO_ADS } from '../../src/domain/viewer-ads.ts'
import { DropCounts } from '../../src/domain/drops.ts'
import type { EventLoadOrder, EventLoadReport, EventLoadStart } from './event-load.ts'

const TICK_MS = 10
const REPORT = 'report'

const order = JSON.parse(process.argv[2] ?? '{}') as EventLoadOrder
const logger = createLogger({ level: 'warn', format: 'json' })
const flags = {
  dataDir: order.dataDir,
  httpPort: '0',
  rtmpPort: '0',
  tlsPort: '0',
  eventWebhook: order.webhookUrl,
}
const config = readConfig({ flags, environment: {} })
mkdirSync(order.dataDir, { recursive: true })
const store = await openStore(config)
const roads: HttpRoads = {
  media: (): boolean => false,
  events: (): boolean => false,
  metrics: (): boolean => false,
  console: () => undefined,
  api: () => undefined,
}
const http = createHttpFront(roads, config.maxViewerConnections)
const httpPort = await listen(http, 0, config.host)
const identity = {
  region: config.region,
  accountId: config.account,
  publicUrl: `http://127.0.0.1:${httpPort}`,
  ingestHost: '127.0.0.1',
}
const nodeId = 'bench'
const authorize = () => ({ kind: 'granted', accountId: identity.accountId }) as const
const drops = new DropCounts()
const events = await startEventRoad({ config, store, identity, nodeId, drops, authorize, logger })
const sessionKeys = await SessionKeys.open({ secrets: store.secrets, clock: systemClock, logger })
const playback = await openPlaybackAccess(config, store, logger)
const live = createLiveRoad(config, logger, identity, store, nodeId, {
  ...playback,
  sessionKeys,
  events,
  drops,
  metricStore: createMetricStore(config, systemClock),
  ads: { ...NO_ADS, breakInserted: () => undefined, lingers: () => false },
})
roads.media = (request, response) => live.routes.handle(request, response)
const rtmpPort = await live.rtmp.listen(0, config.host)

const birth = { region: identity.region, accountId: identity.accountId, nowMs: Date.now() }
const channels: EventLoadStart['channels'][number][] = []
for (let count = 0; count < order.streams; count++) {
  const channel = newChannel(birth, { name: `bench-${count}`, type: 'BASIC' })
  const streamKey = newStreamKey(birth, channel.arn)
  await store.channels.create(channel, streamKey, order.streams)
  channels.push({ streamKey: streamKey.value, playbackUrl: playbackUrl(identity, channel) })
}

/** Keeps noting events at the rate that was last asked for. */
class EventSource {
  readonly #journal: SessionJournal
  readonly #writers: readonly SessionEntryWriter[]
  #perSecond = 0
  noted = 0

  constructor(journal: SessionJournal, sessions: number) {
    this.#journal = journal
    this.#writers = Array.from({ length: sessions }, (_, index) => {
      const writer = new SessionEntryWriter(`st-${randomAlphanumeric(23)}`)
      journal.note(writer.opened(newChannel(birth, { name: `made-up-${index}` }), Date.now()))
      return writer
    })
  }

  set perSecond(value: number) {
    this.#perSecond = value
  }

  async run(): Promise<never> {
    for (let lastMs = performance.now(), owed = 0; ;) {
      await sleep(TICK_MS)
      const nowMs = performance.now()
      owed += (this.#perSecond * (nowMs - lastMs)) / 1000
      lastMs = nowMs
      for (; owed >= 1; owed--) this.#noteOne()
    }
  }

  #noteOne(): void {
    const turn = this.noted++
    const writer = this.#writers[turn % this.#writers.length]
    const isEnd = Math.floor(turn / this.#writers.length) % 2 === 1
    const name = isEnd ? 'Starvation End' : 'Starvation Start'
    // What the journal has no room for is not accepted, and shows in the count of what was written.
    if (writer && this.#journal.hasRoom()) this.#journal.note(writer.healthChanged(name, Date.now()))
  }
}

const source = new EventSource(live.journal, order.sessions)
process.on('message', (message: typeof REPORT | { readonly perSecond: number }) => {
  if (message !== REPORT) {
    source.perSecond = message.perSecond
    return
  }
  void store.eventOutbox.newest().then((written) => {
    const delivered = [...events.counts().values()].reduce((sum, counts) => sum + counts.delivered, 0)
    process.send?.({ noted: source.noted, written, delivered } satisfies EventLoadReport)
  })
})
process.on('disconnect', () => process.exit(0))
process.send?.({ rtmpPort, channels } satisfies EventLoadStart)
await source.run()
