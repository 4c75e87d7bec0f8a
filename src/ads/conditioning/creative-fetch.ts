/**
 * Brings a creative into one file, whether the ad server names a file or an HLS playlist.
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { OutboundClient, OutboundFile } from '../outbound/outbound-client.ts'
import { OutboundError, type OutboundErrorCode } from '../outbound/outbound-error.ts'
import { ConditioningError, type ConditioningErrorCode } from './conditioning-error.ts'
import { PLAYLIST_MAGIC, readCreativePlaylist } from './creative-playlist.ts'

/** Fetches creatives. */
export type CreativeFetcher = Pick<OutboundClient, 'fetchToFile'>

/** Most bytes that are fetched for one creative. */
export const MAX_CREATIVE_BYTES: number = 512 * 1024 * 1024
/** What the fetching of one file may take, in milliseconds. */
export const MAX_FETCH_MS = 120_000
/** What the fetching of all files of a creative may take, in milliseconds. */
export const MAX_FETCH_ALL_MS = 300_000

const MAX_PLAYLIST_BYTES = 1024 * 1024
/** From a multivariant playlist to a media playlist to the media. */
const MAX_PLAYLISTS = 2

/**
 * Fetches the creative at `url` into the directory `workspace`.
 *
 * @returns the path of the file.
 * @throws {ConditioningError} when it cannot be had.
 */
export async function fetchCreative(
  outbound: CreativeFetcher,
  url: string,
  workspace: string,
  signal: AbortSignal,
): Promise<string> {
  const deadline = AbortSignal.timeout(MAX_FETCH_ALL_MS)
  const fetching = new CreativeFetching(outbound, workspace, AbortSignal.any([signal, deadline]))
  try {
    return await fetching.run(url)
  } catch (error) {
    if (signal.aborted) throw new ConditioningError('CONDITIONING_CANCELLED', 'the server is going down')
    if (!(error instanceof OutboundError)) throw error
    if (deadline.aborted) {
      throw new ConditioningError('CREATIVE_TIMEOUT', `not there within ${MAX_FETCH_ALL_MS} ms`, {
        cause: error,
      })
    }
    throw new ConditioningError(FETCH_CODES.get(error.code) ?? 'CREATIVE_UNREACHABLE', error.message, {
      cause: error,
    })
  }
}

const FETCH_CODES: ReadonlyMap<OutboundErrorCode, ConditioningErrorCode> = new Map([
  ['TOO_LARGE', 'CREATIVE_TOO_LARGE'],
  ['TIMEOUT', 'CREATIVE_TIMEOUT'],
])

class CreativeFetching {
  readonly #outbound: CreativeFetcher
  readonly #workspace: string
  readonly #signal: AbortSignal
  #files = 0
  #bytesLeft = MAX_CREATIVE_BYTES

  constructor(outbound: CreativeFetcher, workspace: string, signal: AbortSignal) {
    this.#outbound = outbound
    this.#workspace = workspace
    this.#signal = signal
  }

  async run(firstUrl: string): Promise<string> {
    let file = await this.#fetch(firstUrl)
    for (let playlists = 0; playlists < MAX_PLAYLISTS; playlists++) {
      if (!(await isPlaylist(file.path))) return file.path
      const playlist = readCreativePlaylist(await readPlaylist(file.path), file.url)
      await rm(file.path)
      if (playlist.kind === 'media') return this.#putTogether(playlist.urls)
      file = await this.#fetch(playlist.url)
    }
    throw new ConditioningError('CREATIVE_PLAYLIST_UNSUPPORTED', 'a playlist leads to another one and so on')
  }

  async #putTogether(urls: readonly string[]): Promise<string> {
    const path = join(this.#workspace, 'source')
    for (const url of urls) {
      const piece = await this.#fetch(url)
      await pipeline(createReadStream(piece.path), createWriteStream(path, { flags: 'a' }))
      await rm(piece.path)
    }
    return path
  }

  async #fetch(url: string): Promise<OutboundFile & { readonly path: string }> {
    const path = join(this.#workspace, `fetched-${this.#files++}`)
    const request = { url, timeoutMs: MAX_FETCH_MS, signal: this.#signal }
    const file = await this.#outbound.fetchToFile(request, path, this.#bytesLeft)
    this.#bytesLeft -= file.sizeBytes
    return { ...file, path }
  }
}

async function isPlaylist(path: string): Promise<boolean> {
  const file = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PLAYLIST_MAGIC.length + 3), 0)
    // A byte order mark may stand in front.
    return buffer.toString('latin1', 0, bytesRead).includes(PLAYLIST_MAGIC)
  } finally {
    await file.close()
  }
}

async function readPlaylist(path: string): Promise<string> {
  if ((await stat(path)).size > MAX_PLAYLIST_BYTES) {
    throw new ConditioningError('CREATIVE_TOO_LARGE', `a playlist of more than ${MAX_PLAYLIST_BYTES} bytes`)
  }
  return readFile(path, 'utf8')
}
