/**
 * `npm run bench:events`: whether a flood of events delays the parts of live streams.
 *
 * One server, publishers on it all the time, and events made up in turns: a stretch without, a stretch with, again and
 * again in the same run. When a part can be fetched is seen from outside, as a player with blocking reloads learns it.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startWebhookReceiver } from '../test/harness/webhook-receiver.ts'
import { startEventLoad, type EventLoad } from './events/event-load.ts'
import { LOAD_CORE } from './rig/cores.ts'
import { mediaPlaylistUrl } from './rig/live-playlist.ts'
import { measureProcessor } from './rig/process-usage.ts'
import { clipFile, KEYFRAME_SECONDS } from './rig/publisher-clip.ts'
import { startLoad } from './rig/publisher-load.ts'
import { judged, printReport, progress } from './rig/report.ts'
import { median, percentile } from './rig/statistics.ts'
import { partArrivals } from './transcode/part-arrivals.ts'

const TARGET_PER_SECOND = 5000
const TARGET_ADDED_MS = 5
const PART_MS = 1000 / 3
const SESSIONS = 500
const WATCHED_STREAMS = 4
const LIVE_TIMEOUT_MS = 30_000
const DELIVERY_TIMEOUT_MS = 120_000
const SETTLE_MS = 2000

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    streams: { type: 'string' },
    seconds: { type: 'string' },
    rounds: { type: 'string' },
    rate: { type: 'string' },
  },
})
const plan = {
  streams: Number(options.streams ?? 20),
  seconds: Number(options.seconds ?? (options.quick ? 5 : 20)),
  rounds: Number(options.rounds ?? (options.quick ? 1 : 4)),
  perSecond: Number(options.rate ?? TARGET_PER_SECOND),
}

type Stretch = {
  readonly name: 'without' | 'with events'
  /** For each part how late it was, compared with the earliest of its stream. */
  readonly latenessMs: readonly number[]
  readonly writtenPerSecond: number
  readonly deliveredPerSecond: number
  readonly cores: number
}

await using receiver = await startWebhookReceiver()
await using load = await startEventLoad({
  webhookUrl: receiver.url,
  streams: plan.streams,
  sessions: SESSIONS,
})
const clip = await clipFile({ size: '640x360', frameRate: 30, bitrateBps: 1_000_000 })
const streamNames = load.channels.map(({ streamKey }) => streamKey)
await using _publishers = startLoad(
  { port: load.rtmpPort, app: 'app', streamNames, clipFile: clip, startIntervalMs: 37 },
  LOAD_CORE,
)
await Promise.all(load.channels.map(({ playbackUrl }) => untilLive(playbackUrl)))
await sleep(5000)

const stretches: Stretch[] = []
const earliest = new Map<string, number>()
for (let round = 0; round < plan.rounds; round++) {
  for (const name of ['without', 'with events'] as const) {
    progress(`round ${round + 1} of ${plan.rounds}: ${name}`)
    stretches.push(await measure(load, name))
  }
}
report(stretches)
process.exit(0)

async function measure(server: EventLoad, name: Stretch['name']): Promise<Stretch> {
  server.setRate(name === 'without' ? 0 : plan.perSecond)
  if (name === 'without') await untilDelivered(server)
  // The first moments belong to neither.
  await sleep(SETTLE_MS)
  const before = await server.report()
  const processor = measureProcessor(server.pid)
  const startMs = performance.now()
  const untilMs = startMs + plan.seconds * 1000
  const watched = server.channels.slice(0, WATCHED_STREAMS)
  const arrivals = await Promise.all(
    watched.map(async ({ playbackUrl }) => ({
      playbackUrl,
      arrivals: await partArrivals(playbackUrl, () => true, untilMs),
    })),
  )
  const { cores } = processor()
  const after = await server.report()
  const seconds = (performance.now() - startMs) / 1000
  const latenessMs = arrivals.flatMap((one) => latenessOf(one.playbackUrl, one.arrivals))
  return {
    name,
    latenessMs,
    writtenPerSecond: (after.written - before.written) / seconds,
    deliveredPerSecond: (after.delivered - before.delivered) / seconds,
    cores,
  }
}

/** A flood that is over has its rest to deliver. */
async function untilDelivered(server: EventLoad): Promise<void> {
  const deadlineMs = performance.now() + DELIVERY_TIMEOUT_MS
  for (;;) {
    const { written, delivered } = await server.report()
    if (delivered >= written) return
    if (performance.now() > deadlineMs) throw new Error('the events are not delivered in time')
    await sleep(SETTLE_MS)
  }
}

/** Against the pace of the publisher, which is even: what is left is the delay, but for a constant of the stream. */
function latenessOf(stream: string, arrivals: ReadonlyMap<string, number>): readonly number[] {
  const offsets = [...arrivals].map(([place, atMs]) => {
    const [msn = 0, part = 0] = place.split('.').map(Number)
    return atMs - msn * KEYFRAME_SECONDS * 1000 - (part + 1) * PART_MS
  })
  const least = Math.min(earliest.get(stream) ?? Infinity, percentile(offsets, 0.01))
  earliest.set(stream, least)
  return offsets.map((offsetMs) => offsetMs - least)
}

async function untilLive(playbackUrl: string): Promise<void> {
  const deadlineMs = performance.now() + LIVE_TIMEOUT_MS
  for (;;) {
    try {
      await mediaPlaylistUrl(playbackUrl)
      return
    } catch (error) {
      if (performance.now() > deadlineMs) throw error
      await sleep(100)
    }
  }
}

function report(all: readonly Stretch[]): void {
  const rows = (['without', 'with events'] as const).map((name) => {
    const chosen = all.filter((stretch) => stretch.name === name)
    const latenessMs = chosen.flatMap((stretch) => stretch.latenessMs)
    const middle = (value: (stretch: Stretch) => number): number => median(chosen.map(value))
    return {
      name,
      parts: latenessMs.length,
      p50Ms: percentile(latenessMs, 0.5),
      p99Ms: percentile(latenessMs, 0.99),
      written: middle((stretch) => stretch.writtenPerSecond),
      delivered: middle((stretch) => stretch.deliveredPerSecond),
      cores: middle((stretch) => stretch.cores),
    }
  })
  const [without, flooded] = rows
  const addedMs = (flooded?.p99Ms ?? NaN) - (without?.p99Ms ?? NaN)
  printReport({
    title: `Events: ${plan.perSecond} a second beside ${plan.streams} live streams`,
    columns: [
      '',
      'parts seen',
      'part late p50',
      'part late p99',
      'events written/s',
      'events delivered/s',
      'CPU cores',
    ],
    rows: rows.map((row) => [
      row.name,
      String(row.parts),
      `${row.p50Ms.toFixed(1)} ms`,
      `${row.p99Ms.toFixed(1)} ms`,
      row.written.toFixed(0),
      row.delivered.toFixed(0),
      row.cores.toFixed(2),
    ]),
    programs: ['ffmpeg'],
    settings: [
      `publishers: ${plan.streams} of 1 Mbps, 640x360 at 30 pictures a second, keyframe every 2 s; parts of ${WATCHED_STREAMS} watched with blocking reloads`,
      `events: Starvation Start and End of ${SESSIONS} sessions, through journal, SQLite and outbox to one webhook (8 requests at once)`,
      `${plan.rounds} rounds of ${plan.seconds} s without and ${plan.seconds} s with events; server on core 0, publishers, player and webhook on core 1`,
    ],
    findings: [
      judged(
        'events written a second',
        (flooded?.written ?? 0).toFixed(0),
        `≥ ${TARGET_PER_SECOND}`,
        (flooded?.written ?? 0) >= TARGET_PER_SECOND * 0.99,
      ),
      judged(
        'added to the p99 of part publication',
        `${addedMs.toFixed(1)} ms`,
        `≤ ${TARGET_ADDED_MS} ms`,
        addedMs <= TARGET_ADDED_MS,
      ),
    ],
  })
}
