/**
 * Creatives as ad servers hand them out, made on the spot, and a library that fetches them from a directory.
 */
import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type {
  AdProfile,
  CreativeState,
  HeldCreative,
  LoadedCreative,
} from '../../src/ads/creative-library.ts'
import {
  ConditioningLibrary,
  type ConditioningLibraryOptions,
} from '../../src/ads/conditioning/conditioning-library.ts'
import type { MediaTool } from '../../src/ads/conditioning/media-tool.ts'
import type { OutboundFile } from '../../src/ads/outbound/outbound-client.ts'
import { OutboundError } from '../../src/ads/outbound/outbound-error.ts'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { AccessUnit, AudioTrack } from '../../src/media/access-unit.ts'
import { ADTS_HEADER_BYTES, AdtsStream } from '../../src/media/mpegts/adts-stream.ts'

const run = promisify(execFile)

/** Works beside other tests as one of them. */
export const TEST_TOOL: MediaTool = { program: 'ffmpeg', clock: systemClock, priority: 0 }

/** Two small pictures that share their sound, and sound alone. */
export const SMALL_PROFILE: AdProfile = {
  fingerprint: 'small',
  renditions: [
    {
      name: 'chunked',
      video: { width: 320, height: 180, frameRate: 30, bitrateBps: 400_000 },
      audioBitrateBps: 64_000,
    },
    {
      name: '160p30',
      video: { width: 160, height: 90, frameRate: 30, bitrateBps: 150_000 },
      audioBitrateBps: 64_000,
    },
    { name: 'audio_only', video: undefined, audioBitrateBps: 48_000 },
  ],
}

/** As little as can be conditioned, where the media do not matter. */
export const TINY_PROFILE: AdProfile = {
  fingerprint: 'tiny',
  renditions: [
    {
      name: 'chunked',
      video: { width: 64, height: 36, frameRate: 10, bitrateBps: 100_000 },
      audioBitrateBps: 48_000,
    },
  ],
}

/** A directory of creatives, which are known as `http://ads.test/<file>`. */
export class CreativeFiles {
  /** Sends the files, whatever host is asked. */
  readonly outbound: ConditioningLibraryOptions['outbound'] = {
    fetchToFile: ({ url }, path) => this.#fetch(url, path),
  }
  readonly directory: string

  private constructor(directory: string) {
    this.directory = directory
  }

  /** An empty directory. */
  static async create(): Promise<CreativeFiles> {
    return new CreativeFiles(await mkdtemp(join(tmpdir(), 'headwater-creatives-')))
  }

  /** A directory that is there already. */
  static in(directory: string): CreativeFiles {
    return new CreativeFiles(directory)
  }

  /** Where a file is. */
  path(file: string): string {
    return join(this.directory, file)
  }

  /** Has ffmpeg make a file. */
  async make(file: string, ...args: readonly string[]): Promise<void> {
    await run('ffmpeg', ['-v', 'error', '-y', ...args, this.path(file)])
  }

  /** A library with a directory of its own beside the files, or in `place` again. */
  async openLibrary(
    place: string,
    options: Partial<ConditioningLibraryOptions> = {},
  ): Promise<ConditioningLibrary> {
    return ConditioningLibrary.open({
      directory: this.path(place),
      role: 'owner',
      maxCacheBytes: 1_000_000_000,
      workers: 1,
      outbound: this.outbound,
      mediaTool: TEST_TOOL,
      clock: systemClock,
      logger: silentLogger,
      ...options,
    })
  }

  /** A creative that has been conditioned and loaded in a library. */
  async condition(
    library: ConditioningLibrary,
    file: string,
    profile: AdProfile = SMALL_PROFILE,
  ): Promise<HeldCreative> {
    const [outcome] = await library.warm([`http://ads.test/${file}`], profile)
    const state = requestFile(library, file, '', profile)
    if (state.kind !== 'ready') throw new Error(`${file} is ${state.kind}: ${outcome?.result ?? ''}`)
    const held = await library.load(state.creative.key)
    if (!held) throw new Error(`${file} cannot be loaded`)
    return held
  }

  /** The samples of a sound from its beginning on, its first channel only, 48,000 a second. */
  async samples({ track, units }: CreativeSound): Promise<Float32Array> {
    const path = this.path(`sound-${units.length}.aac`)
    await writeFile(path, adtsOf({ track, units }))
    const { stdout } = await run(
      'ffmpeg',
      ['-v', 'error', '-i', path, '-filter:a', 'pan=mono|c0=c0', '-f', 'f32le', '-'],
      { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
    )
    return new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.length))
  }

  /** Integrated loudness of the first `durationMs` of a sound, in LKFS. */
  async loudnessLkfs({ track, units }: CreativeSound, durationMs: number): Promise<number> {
    const path = this.path(`loudness-${units.length}.aac`)
    await writeFile(path, adtsOf({ track, units }))
    const input = ['-nostats', '-hide_banner', '-t', String(durationMs / 1000), '-i', path]
    const { stderr } = await run('ffmpeg', [...input, '-af', 'ebur128=framelog=verbose', '-f', 'null', '-'])
    return Number(/I:\s+(-?[\d.]+) LUFS/.exec(stderr)?.[1])
  }

  /** The luma of one picture of a stored track, row by row. */
  async luma(trackPath: string, pictureIndex: number): Promise<Buffer> {
    const choice = `select=eq(n\\,${pictureIndex}),format=gray`
    const { stdout } = await run(
      'ffmpeg',
      ['-v', 'error', '-i', trackPath, '-vf', choice, '-frames:v', '1', '-f', 'rawvideo', '-'],
      { encoding: 'buffer', maxBuffer: 64 * 1024 * 1024 },
    )
    return stdout
  }

  async #fetch(url: string, path: string): Promise<OutboundFile> {
    try {
      await copyFile(this.path(url.replace('http://ads.test/', '')), path)
    } catch (cause) {
      throw new OutboundError('HTTP_STATUS', 'answered 404', { cause, status: 404 })
    }
    return { status: 200, url, contentType: 'video/mp4', sizeBytes: (await stat(path)).size }
  }

  /** Removes everything. */
  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** The sound of a loaded creative. */
export type CreativeSound = { readonly track: AudioTrack; readonly units: readonly AccessUnit[] }

/** One rendition of a creative. */
export function rendition(
  { renditions }: LoadedCreative,
  name = 'chunked',
): NonNullable<ReturnType<LoadedCreative['renditions']['get']>> {
  const found = renditions.get(name)
  if (!found) throw new Error(`no rendition ${name}`)
  return found
}

function adtsOf({ track, units }: CreativeSound): Buffer {
  const stream = new AdtsStream(track.aac)
  return Buffer.concat(
    units.map(({ data }) => {
      const frame = Buffer.alloc(ADTS_HEADER_BYTES + data.length)
      stream.put(frame, 0, data)
      return frame
    }),
  )
}

/** The state that a request finds. */
export function requestFile(
  library: ConditioningLibrary,
  file: string,
  creativeId = '',
  profile: AdProfile = SMALL_PROFILE,
): CreativeState {
  return library.request({ creativeId, url: `http://ads.test/${file}` }, profile)
}
