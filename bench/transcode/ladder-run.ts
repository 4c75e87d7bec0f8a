/**
 * One source through a ladder: by the bare program, then by the server.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { clip } from '../../test/harness/ffmpeg-publisher.ts'
import { flvTags } from '../../test/harness/media/flv-file.ts'
import { publishPaced } from '../../test/harness/paced-publisher.ts'
import { startHeadwater, type BenchChannel, type HeadwaterServer } from '../rig/headwater-server.ts'
import { startOwned } from '../rig/owned-process.ts'
import { measureProcessor, residentBytes } from '../rig/process-usage.ts'
import { clipFile } from '../rig/publisher-clip.ts'
import { median, percentile } from '../rig/statistics.ts'
import { partArrivals } from './part-arrivals.ts'

/** What is published and what becomes of it. */
export type LadderSource = {
  readonly name: string
  readonly size: string
  readonly bitrateBps: number
  /** Transcoded rungs: width, height and video bitrate in bits a second. */
  readonly rungs: readonly (readonly [number, number, number])[]
}

/** What was measured. */
export type LadderResult = {
  readonly source: string
  readonly bareCores: number
  /** Server and child. */
  readonly totalCores: number
  readonly childCores: number
  readonly addedMs: { readonly median: number; readonly p95: number }
  readonly firstPlayableMs: number
  readonly serverBytes: number
  readonly childBytes: number
  readonly warnings: readonly string[]
}

const FRAME_RATE = 30
const SETTLE_MS = 10_000
const LIVE_TIMEOUT_MS = 30_000
const FIRST_PLAYABLE_ROUNDS = 3

/** Measures one source, with nothing else at work. */
export async function measureLadder(
  source: LadderSource,
  plan: { readonly measureSeconds: number },
): Promise<LadderResult> {
  const file = await clipFile({ size: source.size, frameRate: FRAME_RATE, bitrateBps: source.bitrateBps })
  const bareCores = await measureBare(source, file, plan.measureSeconds)
  await using server = await startHeadwater({ flags: ['--ingest-limits', 'off', '--max-ladders', '2'] })
  const [ladder] = await server.createChannels(1, { type: 'STANDARD' })
  const cost = await measureCost(server, ladder!, file, plan.measureSeconds)
  const addedMs = await measureAdded(server, file, plan.measureSeconds)
  const firstPlayableMs = await measureFirstPlayable(server, source)
  return { source: source.name, bareCores, ...cost, addedMs, firstPlayableMs, warnings: server.warnings() }
}

async function measureBare(source: LadderSource, file: string, seconds: number): Promise<number> {
  await using bare = startOwned('ffmpeg', bareArguments(source, file))
  await sleep(SETTLE_MS)
  const measured = measureProcessor(bare.pid)
  await sleep(seconds * 1000)
  return measured().cores
}

function bareArguments(source: LadderSource, file: string): string[] {
  const labels = source.rungs.map((_, index) => `r${index}`)
  const scales = source.rungs.map(([width, height], i) => `[s${i}]scale=${width}:${height}[${labels[i]}]`)
  const split = `[0:v]split=${labels.length}${labels.map((_, i) => `[s${i}]`).join('')}`
  const outputs = source.rungs.flatMap(([, , bitrateBps], index) => [
    ...['-map', `[${labels[index]}]`, '-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency'],
    ...['-b:v', String(bitrateBps), '-maxrate', String(bitrateBps), '-bufsize', String(bitrateBps / 2)],
    ...['-force_key_frames', 'source', '-sc_threshold', '0', '-fps_mode', 'passthrough'],
    ...['-f', 'mpegts', '-y', '/dev/null'],
  ])
  const input = ['-re', '-stream_loop', '-1', '-i', file]
  return [
    '-hide_banner',
    '-v',
    'error',
    ...input,
    '-filter_complex',
    [split, ...scales].join(';'),
    ...outputs,
  ]
}

type Cost = Pick<LadderResult, 'totalCores' | 'childCores' | 'serverBytes' | 'childBytes'>

async function measureCost(
  server: HeadwaterServer,
  channel: BenchChannel,
  file: string,
  seconds: number,
): Promise<Cost> {
  await using _publisher = publish(server, [channel], file)
  await untilPlayable(channel)
  await sleep(SETTLE_MS)
  const children = childrenOf(server.pid)
  const ofServer = measureProcessor(server.pid)
  const ofChildren = children.map((pid) => measureProcessor(pid))
  await sleep(seconds * 1000)
  const childCores = ofChildren.reduce((sum, measured) => sum + measured().cores, 0)
  return {
    childCores,
    totalCores: childCores + ofServer().cores,
    serverBytes: residentBytes(server.pid),
    childBytes: children.reduce((sum, pid) => sum + residentBytes(pid), 0),
  }
}

async function measureAdded(
  server: HeadwaterServer,
  file: string,
  seconds: number,
): Promise<LadderResult['addedMs']> {
  const [ladder] = await server.createChannels(1, { type: 'STANDARD' })
  const [source] = await server.createChannels(1)
  await using _publisher = publish(server, [ladder!, source!], file)
  await Promise.all([untilPlayable(ladder!), untilPlayable(source!)])
  await sleep(SETTLE_MS)
  const untilMs = performance.now() + seconds * 1000
  const [transcoded, passed] = await Promise.all([
    partArrivals(ladder!.playbackUrl, (name) => name.startsWith('720p'), untilMs),
    partArrivals(source!.playbackUrl, () => true, untilMs),
  ])
  const added = [...transcoded].flatMap(([part, atMs]) => {
    const sourceAtMs = passed.get(part)
    return sourceAtMs === undefined ? [] : [atMs - sourceAtMs]
  })
  return { median: median(added), p95: percentile(added, 0.95) }
}

/** From the first byte of a publisher whose keyframes are a second apart; the middle of a few. */
async function measureFirstPlayable(server: HeadwaterServer, source: LadderSource): Promise<number> {
  const tags = flvTags(readFileSync(await clip({ size: source.size, keyframeSeconds: 1 })))
  const times: number[] = []
  for (let round = 0; round < FIRST_PLAYABLE_ROUNDS; round++) {
    const [channel] = await server.createChannels(1, { type: 'STANDARD' })
    const startMs = performance.now()
    await using _publisher = await publishPaced(
      `rtmp://127.0.0.1:${server.rtmpPort}/app/${channel!.streamKey}`,
      tags,
    )
    await untilPlayable(channel!)
    times.push(performance.now() - startMs)
  }
  return median(times)
}

function publish(
  server: HeadwaterServer,
  channels: readonly BenchChannel[],
  file: string,
): ReturnType<typeof startOwned> {
  const urls = channels.map(({ streamKey }) => `rtmp://127.0.0.1:${server.rtmpPort}/app/${streamKey}`)
  const tee = urls.map((url) => `[f=flv:flvflags=no_duration_filesize]${url}`).join('|')
  const input = ['-re', '-stream_loop', '-1', '-i', file]
  return startOwned('ffmpeg', [
    ...['-hide_banner', '-v', 'error', ...input, '-map', '0', '-c', 'copy', '-f', 'tee', tee],
  ])
}

async function untilPlayable(channel: BenchChannel): Promise<void> {
  const deadlineMs = performance.now() + LIVE_TIMEOUT_MS
  while ((await fetch(channel.playbackUrl)).status !== 200) {
    if (performance.now() > deadlineMs) throw new Error('the stream did not become playable')
    await sleep(20)
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ').map(Number)
}
