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
import { untilPlayable } from '../rig/playable.ts'
import { measureProcessor, residentBytes } from '../rig/process-usage.ts'
import { clipFile } from '../rig/publisher-clip.ts'
import { median, percentile } from '../rig/statistics.ts'
import { partArrivals } from './part-arrivals.ts'

/** What is published and what becomes of it. */
export type LadderSource = {
  readonly name: string
  readonly size: string
  readonly bitrateBps: number
  /** Transcoded rungs. */
  readonly rungs: readonly LadderRung[]
}

/** A rung that is encoded; its sound too where it has a bitrate of its own. */
export type LadderRung = {
  readonly width: number
  readonly height: number
  readonly videoBps: number
  readonly audioBps?: number
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
/** The bare command and the server take turns, so that whatever else the machine does meets both. */
const ROUNDS = 3
const SETTLE_MS = 5000
const FIRST_PLAYABLE_ROUNDS = 3

/** Measures one source, with nothing else at work. */
export async function measureLadder(
  source: LadderSource,
  plan: { readonly measureSeconds: number },
): Promise<LadderResult> {
  const file = await clipFile({ size: source.size, frameRate: FRAME_RATE, bitrateBps: source.bitrateBps })
  await using server = await startHeadwater({ flags: ['--ingest-limits', 'off', '--max-ladders', '2'] })
  const roundSeconds = plan.measureSeconds / ROUNDS
  const bareCores: number[] = []
  const costs: Cost[] = []
  for (let round = 0; round < ROUNDS; round++) {
    bareCores.push(await measureBare(source, file, roundSeconds))
    costs.push(await measureCost(server, file, roundSeconds))
  }
  const addedMs = await measureAdded(server, file, plan.measureSeconds)
  const firstPlayableMs = await measureFirstPlayable(server, source)
  return {
    source: source.name,
    bareCores: median(bareCores),
    ...medianCost(costs),
    addedMs,
    firstPlayableMs,
    warnings: server.warnings(),
  }
}

async function measureBare(source: LadderSource, file: string, seconds: number): Promise<number> {
  await using bare = startOwned('ffmpeg', bareArguments(source, file))
  await sleep(SETTLE_MS)
  const measured = measureProcessor(bare.pid)
  await sleep(seconds * 1000)
  return measured().cores
}

function bareArguments({ rungs }: LadderSource, file: string): string[] {
  const splits = rungs.map((_, index) => `[s${index}]`)
  const scales = rungs.map(({ width, height }, index) => `[s${index}]scale=${width}:${height}[r${index}]`)
  const filters = [`[0:v]split=${rungs.length}${splits.join('')}`, ...scales].join(';')
  return [
    ...['-hide_banner', '-v', 'error', '-re', '-stream_loop', '-1', '-i', file, '-filter_complex', filters],
    ...rungs.flatMap((rung, index) => ['-map', `[r${index}]`, '-map', '0:a', ...bareOutput(rung)]),
  ]
}

function bareOutput({ videoBps, audioBps }: LadderRung): string[] {
  const sound = audioBps === undefined ? ['copy'] : ['aac', '-b:a', String(audioBps)]
  return [
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', '-profile:v', 'main'],
    ...['-b:v', String(videoBps), '-maxrate', String(videoBps), '-bufsize', String(videoBps / 2)],
    ...['-force_key_frames', 'source', '-sc_threshold', '0', '-fps_mode', 'passthrough', '-c:a', ...sound],
    ...['-f', 'mpegts', '-y', '/dev/null'],
  ]
}

type Cost = Pick<LadderResult, 'totalCores' | 'childCores' | 'serverBytes' | 'childBytes'>

async function measureCost(server: HeadwaterServer, file: string, seconds: number): Promise<Cost> {
  const [channel] = await server.createChannels(1, { type: 'STANDARD' })
  await using _publisher = publish(server, [channel!], file)
  await untilPlayable(channel!.playbackUrl)
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

function medianCost(costs: readonly Cost[]): Cost {
  const middle = (read: (cost: Cost) => number): number => median(costs.map(read))
  return {
    totalCores: middle(({ totalCores }) => totalCores),
    childCores: middle(({ childCores }) => childCores),
    serverBytes: middle(({ serverBytes }) => serverBytes),
    childBytes: middle(({ childBytes }) => childBytes),
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
  await Promise.all([untilPlayable(ladder!.playbackUrl), untilPlayable(source!.playbackUrl)])
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
    await untilPlayable(channel!.playbackUrl)
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

function childrenOf(pid: number): number[] {
  const listed = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim()
  return listed === '' ? [] : listed.split(' ').map(Number)
}
