/**
 * Headwater under publishers.
 */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fetchBytes, mediaPlaylistUrl, readPlaylist, type ReadPlaylist } from '../rig/live-playlist.ts'
import { LOAD_CORE, SERVER_CORE } from '../rig/cores.ts'
import { startHeadwater, type BenchChannel } from '../rig/headwater-server.ts'
import { probeMedia } from '../rig/probe.ts'
import { residentBytes } from '../rig/process-usage.ts'
import { summariseProfile } from '../rig/profile-summary.ts'
import { KEYFRAME_SECONDS } from '../rig/publisher-clip.ts'
import { startLoad } from '../rig/publisher-load.ts'
import { progress } from '../rig/report.ts'
import { scratchDirectory } from '../rig/scratch-directory.ts'
import { median, percentile } from '../rig/statistics.ts'
import { measureUnderLoad, type IngestPlan, type IngestResult } from './ingest-run.ts'

/** A stream whose newest listed picture was sent longer ago than this is late. */
const MAX_EDGE_AGE_MS = 1500
const PROBED_STREAMS = 3
const PROFILE_LINES = 40

/** Runs the server with `plan.streams` publishers. */
export async function measureHeadwater(plan: IngestPlan): Promise<IngestResult> {
  const profileDirectory = plan.profile ? scratchDirectory('profile') : undefined
  const flags = ['--config', roomyConfig(plan.streams)]
  const server = await startHeadwater({ flags, core: SERVER_CORE, profileDirectory })
  progress(`headwater: making ${plan.streams} channels`)
  const { containerFormat } = plan
  const channels = await server.createChannels(plan.streams, { containerFormat })
  const emptyBytes = residentBytes(server.pid)
  const streamNames = channels.map((channel) => channel.streamKey)
  const { clipFile, startIntervalMs } = plan
  const load = startLoad(
    { port: server.rtmpPort, app: 'app', streamNames, clipFile, startIntervalMs },
    LOAD_CORE,
  )
  progress(`headwater: ${plan.streams} publishers for ${plan.settleSeconds + plan.measureSeconds} s`)
  const ages: number[] = []
  const measured = await measureUnderLoad(plan, server.pid, emptyBytes, load, async (startedAtMs) => {
    const slot = Math.floor(Math.random() * channels.length)
    const playlist = await lastPlaylist(channels[slot]!)
    if (playlist) ages.push(edgeAgeMs(playlist, startedAtMs[slot] ?? 0))
  })
  const all = await Promise.all(channels.map(lastPlaylist))
  const fresh = all.filter(
    (playlist, slot) => playlist && edgeAgeMs(playlist, measured.startedAtMs[slot]!) < MAX_EDGE_AGE_MS,
  )
  const listed = await server.countLive()
  const probes = await Promise.all(spread(all, PROBED_STREAMS).map(probeNewest))
  const windowBytes = median(await Promise.all(spread(all, PROBED_STREAMS).map(windowBytesOf)))
  await load[Symbol.asyncDispose]()
  await server.stop()
  if (profileDirectory) progress((await summariseProfile(profileDirectory, PROFILE_LINES)).join('\n'))
  const warnings = server.warnings()
  return {
    ...measured,
    server: 'headwater',
    live: fresh.length,
    windowBytes,
    edgeAgesMs: { median: Math.round(median(ages)), p99: Math.round(percentile(ages, 0.99)) },
    notes: [
      `headwater: the API lists ${listed} streams; ffprobe of the newest segment of ${PROBED_STREAMS}: ${probes.join(' | ')}`,
      ...measured.notes.map((note) => `headwater: ${note}`),
      ...(warnings.length > 0 ? [`headwater: its log warned, first: ${warnings[0] ?? ''}`] : []),
    ],
  }
}

/** All publishers are of one account, which has room for fewer by default. */
function roomyConfig(streams: number): string {
  const file = join(scratchDirectory('config'), 'config.yaml')
  writeFileSync(file, `quotas: { concurrentBroadcasts: ${streams} }\n`)
  return file
}

async function lastPlaylist(channel: BenchChannel): Promise<ReadPlaylist | undefined> {
  try {
    return await readPlaylist(await mediaPlaylistUrl(channel.playbackUrl))
  } catch {
    return undefined
  }
}

/** From the sending of the newest listed picture's end until now. */
function edgeAgeMs(playlist: ReadPlaylist, startedAtMs: number): number {
  const completeSeconds = (playlist.firstMsn + playlist.segmentUrls.length) * KEYFRAME_SECONDS
  return Date.now() - startedAtMs - (completeSeconds + playlist.openSeconds) * 1000
}

async function windowBytesOf(playlist: ReadPlaylist): Promise<number> {
  const sizes = await Promise.all(playlist.segmentUrls.map(async (url) => (await fetchBytes(url)).length))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function probeNewest(playlist: ReadPlaylist): Promise<string> {
  const init = /^#EXT-X-MAP:URI="([^"]+)"/m.exec(playlist.text)?.[1]
  const head = init === undefined ? [] : [await fetchBytes(new URL(init, playlist.url).href)]
  return probeMedia(Buffer.concat([...head, await fetchBytes(playlist.segmentUrls.at(-1) ?? '')]))
}

/** `count` of the values that exist, evenly chosen. */
function spread<T>(values: readonly (T | undefined)[], count: number): T[] {
  const there = values.filter((value) => value !== undefined)
  return Array.from(
    { length: Math.min(count, there.length) },
    (_, index) => there[Math.floor((index * there.length) / count)],
  ).filter((value) => value !== undefined)
}
