/**
 * nginx-rtmp under the same publishers, writing plain HLS.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LOAD_CORE, SERVER_CORE } from '../rig/cores.ts'
import { NGINX_HLS, startNginx } from '../rig/nginx-server.ts'
import { probeMedia } from '../rig/probe.ts'
import { residentBytes } from '../rig/process-usage.ts'
import { startLoad } from '../rig/publisher-load.ts'
import { progress } from '../rig/report.ts'
import { measureUnderLoad, type IngestPlan, type IngestResult } from './ingest-run.ts'

/** A playlist is written anew with every segment. */
const MAX_PLAYLIST_AGE_MS = NGINX_HLS.fragmentSeconds * 1000 + 1000

/** Runs the peer with `plan.streams` publishers. */
export async function measureNginx(plan: IngestPlan): Promise<IngestResult> {
  await using server = await startNginx({ core: SERVER_CORE, keepsFilesOpen: false })
  const emptyBytes = residentBytes(server.pid)
  const streamNames = Array.from({ length: plan.streams }, (_, index) => `bench-${index}`)
  const { clipFile, startIntervalMs } = plan
  await using load = startLoad(
    { port: server.rtmpPort, app: 'app', streamNames, clipFile, startIntervalMs },
    LOAD_CORE,
  )
  progress(`nginx-rtmp: ${plan.streams} publishers for ${plan.settleSeconds + plan.measureSeconds} s`)
  const measured = await measureUnderLoad(plan, server.pid, emptyBytes, load, () => Promise.resolve())
  const playlists = streamNames.map((name) => join(server.directory, `${name}.m3u8`))
  const ages = await Promise.all(playlists.map(ageMs))
  const segments = await newestSegments(playlists[0] ?? '')
  const sizes = await Promise.all(segments.map(async (path) => (await stat(path)).size))
  const probe = await probeMedia(await readFile(segments.at(-1) ?? ''))
  return {
    ...measured,
    server: 'nginx-rtmp (plain HLS)',
    live: ages.filter((age) => age < MAX_PLAYLIST_AGE_MS).length,
    windowBytes: sizes.reduce((sum, size) => sum + size, 0),
    edgeAgesMs: undefined,
    notes: [
      `nginx-rtmp: ffprobe of the newest segment of one: ${probe}; its window is in files, not in its memory`,
      ...measured.notes.map((note) => `nginx-rtmp: ${note}`),
    ],
  }
}

async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs
  } catch {
    return Infinity
  }
}

async function newestSegments(playlist: string): Promise<string[]> {
  const lines = (await readFile(playlist, 'utf8')).split('\n')
  return lines.filter((line) => line.endsWith('.ts')).map((line) => join(playlist, '..', line))
}
