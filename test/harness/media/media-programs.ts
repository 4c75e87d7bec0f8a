/**
 * The ffmpeg and ffprobe programs as makers of input and as judges of output.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** One packet as ffprobe sees it. */
export type ProbedPacket = {
  /** `data` is timed metadata. */
  readonly kind: 'video' | 'audio' | 'data'
  readonly pts: number
  readonly dts: number
  readonly keyframe: boolean
  readonly sizeBytes: number
  /** Hexadecimal MD5 of its bytes. */
  readonly md5: string
}

/** Longest any one of these programs may take. */
const PROGRAM_TIMEOUT_MS = 30_000
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024

/** Runs ffmpeg with `args`, feeding `input`; gives what it writes to standard output. Fails on any complaint. */
export async function runFfmpeg(args: readonly string[], input?: Buffer): Promise<Buffer> {
  return run('ffmpeg', ['-hide_banner', '-v', 'error', ...args], input)
}

/** Packets of `media` in file order. Fails on any complaint. */
export async function probePackets(media: Buffer): Promise<ProbedPacket[]> {
  const fields = 'packet=codec_type,pts,dts,size,flags,data_hash'
  const args = ['-v', 'error', '-show_data_hash', 'md5', '-show_entries', fields, '-of', 'json', 'pipe:0']
  const report = JSON.parse((await run('ffprobe', args, media)).toString('utf8')) as {
    packets: {
      codec_type: ProbedPacket['kind']
      pts: number
      dts: number
      size: string
      flags: string
      data_hash: string
    }[]
  }
  return report.packets.map((packet) => ({
    kind: packet.codec_type,
    pts: packet.pts,
    dts: packet.dts,
    keyframe: packet.flags.startsWith('K'),
    sizeBytes: Number(packet.size),
    md5: packet.data_hash.replace('MD5:', '').toLowerCase(),
  }))
}

/** What one track of media is, as ffprobe reads it from the media itself. */
export type ProbedTrack = {
  readonly kind: 'video' | 'audio' | 'data'
  readonly codec: string
  readonly profile: string | undefined
  /** AVC: ten times the level. */
  readonly level: number | undefined
  readonly width: number | undefined
  readonly height: number | undefined
  readonly sampleRate: number | undefined
  readonly channels: number | undefined
}

/** Tracks of `media`. Fails on any complaint. */
export async function probeTracks(media: Buffer): Promise<ProbedTrack[]> {
  const fields = 'stream=codec_type,codec_name,profile,level,width,height,sample_rate,channels'
  const args = ['-v', 'error', '-show_entries', fields, '-of', 'json', 'pipe:0']
  const report = JSON.parse((await run('ffprobe', args, media)).toString('utf8')) as {
    streams: {
      codec_type: ProbedTrack['kind']
      codec_name?: string
      profile?: string
      level?: number
      width?: number
      height?: number
      sample_rate?: string
      channels?: number
    }[]
  }
  return report.streams.map((stream) => ({
    kind: stream.codec_type,
    codec: stream.codec_name ?? '',
    profile: stream.profile,
    level: stream.level,
    width: stream.width,
    height: stream.height,
    sampleRate: stream.sample_rate === undefined ? undefined : Number(stream.sample_rate),
    channels: stream.channels,
  }))
}

/** Decodes everything in `media`; MD5 of each decoded frame, by kind. Fails on any complaint. */
export async function decodeHashes(media: Buffer): Promise<{ video: string[]; audio: string[] }> {
  const text = (
    await runFfmpeg(['-i', 'pipe:0', '-fps_mode', 'passthrough', '-f', 'framemd5', '-'], media)
  ).toString()
  const streamKinds = new Map<string, string>()
  const hashes = { video: [] as string[], audio: [] as string[] }
  for (const line of text.split('\n')) {
    const kind = /^#media_type (\d+): (\w+)/.exec(line)
    if (kind) streamKinds.set(kind[1] ?? '', kind[2] ?? '')
    const columns = line.split(',').map((column) => column.trim())
    if (line.startsWith('#') || columns.length < 6) continue
    hashes[streamKinds.get(columns[0] ?? '') === 'video' ? 'video' : 'audio'].push(columns[5] ?? '')
  }
  return hashes
}

/** The text of the CEA-608 captions (channel 1) that a decoder shows over `media`. */
export async function captionsShown(media: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-captions-'))
  try {
    const file = join(folder, 'media')
    await writeFile(file, media)
    const args = ['-f', 'lavfi', '-i', `movie=${file}[out0+subcc]`, '-map', '0:s:0', '-f', 'srt', 'pipe:1']
    return (await runFfmpeg(args)).toString('utf8')
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function run(program: string, args: readonly string[], input?: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { encoding: 'buffer', maxBuffer: MAX_OUTPUT_BYTES, timeout: PROGRAM_TIMEOUT_MS } as const
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error) reject(new Error(`${program} failed: ${stderr.toString()}`, { cause: error }))
      else if (stderr.length > 0) reject(new Error(`${program} complained: ${stderr.toString()}`))
      else resolve(stdout)
    })
    assert(child.stdin)
    // A program that has seen enough closes its input early; its exit code tells whether that was an error.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input)
  })
}
