/**
 * A program that reports the events of one ad for many viewing sessions, as their fetches would make them due. Argument: a
 * `BeaconSourceOrder` as JSON. Begins at its parent's first message; tells it over IPC when it is ready and how it went.
 *
 * What reports them is the server's own sender with journal, database and guarded client, or as little as can be: Node's
 * HTTP client with connections that are kept.
 */
import { Agent, get } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { someViewer } from '../../src/ads/beacons/ad-fixture.ts'
import { BeaconSender } from '../../src/ads/beacons/beacon-sender.ts'
import { outboundTransport } from '../../src/ads/beacons/outbound-transport.ts'
import { OutboundClient } from '../../src/ads/outbound/outbound-client.ts'
import { parseTargetAllowList } from '../../src/ads/outbound/target-allow-list.ts'
import { systemClock } from '../../src/base/clock.ts'
import { createLogger } from '../../src/base/logger.ts'
import { openStore } from '../../src/store/index.ts'
import type { BeaconSourceOrder, BeaconSourceReport } from './beacon-runs.ts'

/** The events of an ad of 15 s by the segment of 2 s that makes them due (ssai 3.7). */
const EVENTS_BY_SEGMENT: readonly (readonly string[])[] = [
  ['impression', 'start'],
  ['firstQuartile'],
  [],
  ['midpoint'],
  [],
  ['thirdQuartile'],
  [],
  ['complete'],
]
const SEGMENT_MS = 2000
const STEP_MS = 5
const LOOK_MS = 200
const BARE_CONNECTIONS = 512
const MAX_DRAIN_MS = 60_000

const order = JSON.parse(process.argv[2] ?? '{}') as BeaconSourceOrder

/** Something that takes the events of one session, and knows how many of them are not over. */
type Reporter = {
  readonly due: (session: number, events: readonly string[]) => void
  readonly waiting: () => number
}

const reporter = order.kind === 'headwater' ? await ownReporter() : bareReporter()
process.send?.('ready')
process.once('message', () => void run())
process.on('disconnect', () => process.exit(0))

async function run(): Promise<void> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  const startCpu = process.cpuUsage()
  const startMs = performance.now()
  let most = 0
  let peakBytes = 0
  let lookedMs = 0
  const counts = { due: 0 }
  const fetches = EVENTS_BY_SEGMENT.map(() => 0)
  const endMs = SEGMENT_MS * (EVENTS_BY_SEGMENT.length + 1)
  while (performance.now() - startMs < endMs) {
    await sleep(STEP_MS)
    const nowMs = performance.now() - startMs
    for (const [segment, events] of EVENTS_BY_SEGMENT.entries()) {
      const share = Math.min(Math.max((nowMs - segment * SEGMENT_MS) / SEGMENT_MS, 0), 1)
      for (; fetches[segment]! < Math.floor(share * order.sessions); fetches[segment]!++) {
        if (events.length > 0) reporter.due(fetches[segment]!, events)
        counts.due += events.length
      }
    }
    most = Math.max(most, reporter.waiting())
    if (nowMs < lookedMs + LOOK_MS) continue
    lookedMs = nowMs
    peakBytes = Math.max(peakBytes, process.memoryUsage.rss())
  }
  while (reporter.waiting() > 0 && performance.now() - startMs < endMs + MAX_DRAIN_MS) await sleep(STEP_MS)
  const { user, system } = process.cpuUsage(startCpu)
  const report: BeaconSourceReport = {
    due: counts.due,
    elapsedMs: performance.now() - startMs,
    cpuMs: (user + system) / 1000,
    loopDelayP99Ms: delays.percentile(99) / 1e6,
    mostWaiting: most,
    peakBytes,
    unfinished: reporter.waiting(),
  }
  process.send?.(report)
}

async function ownReporter(): Promise<Reporter> {
  const store = await openStore({ dataDir: order.directory })
  const logger = createLogger({ level: 'warn', format: 'json' })
  const { host } = new URL(order.address)
  const outbound = new OutboundClient({ allowList: parseTargetAllowList(host) ?? [] })
  const sender = new BeaconSender({
    queue: store.beacons,
    directory: join(order.directory, 'beacons'),
    transport: outboundTransport(outbound),
    nodeId: 'bench',
    clock: systemClock,
    logger,
  })
  const viewers = Array.from({ length: order.sessions }, (_, session) =>
    someViewer({ sessionNumber: `Session${session}` }),
  )
  return {
    due: (session, events) => {
      const beacons = events.map((event) => ({
        breakId: 'AdBreak00001',
        adIndex: 0,
        event,
        urls: [urlOf(session, event)],
        configurationName: 'bench',
      }))
      sender.due(viewers[session]!, beacons)
    },
    waiting: () => sender.waitingBeacons,
  }
}

function bareReporter(): Reporter {
  const agent = new Agent({ keepAlive: true, maxSockets: BARE_CONNECTIONS })
  const headers = { 'User-Agent': 'Viewer/1.0', 'X-Forwarded-For': '203.0.113.9' }
  let waiting = 0
  const done = (): void => {
    waiting--
  }
  return {
    due: (session, events) => {
      for (const event of events) {
        waiting++
        get(urlOf(session, event), { agent, headers }, (response) => {
          response.resume()
          response.once('end', done)
        })
      }
    },
    waiting: () => waiting,
  }
}

function urlOf(session: number, event: string): string {
  return `${order.address}/track?campaign=0123456789abcdef&creative=creative-15s-1&session=${session}&event=${event}&due=${Date.now()}`
}
