/**
 * A live stream with parts of about 60 KB, and a copy of its bytes as files for the peer.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fetchBytes, mediaPlaylistUrl, readPlaylist } from '../rig/live-playlist.ts'
import type { BenchChannel } from '../rig/headwater-server.ts'

/** The bodies of one moment. */
export type Bodies = {
  readonly playlistUrl: string
  readonly partUrl: string
  readonly partBytes: number
  readonly playlistBytes: number
  readonly gzipBytes: number
  /** Names of the copies; new ones each time, because the peer keeps files open. */
  readonly partFile: string
  readonly playlistFile: string
}

const WANTED_PART_BYTES = 60_000
const PARTS_LOOKED_AT = 6
let copies = 0

/** Finds the newest part of about 60 KB and copies it and the playlist into `directory`. */
export async function copyBodies(channel: BenchChannel, directory: string): Promise<Bodies> {
  const playlistUrl = await mediaPlaylistUrl(channel.playbackUrl)
  const playlist = await readPlaylist(playlistUrl)
  const urls = playlist.partUrls.slice(-PARTS_LOOKED_AT)
  const parts = await Promise.all(urls.map(async (url) => ({ url, bytes: await fetchBytes(url) })))
  const away = (part: { bytes: Buffer }): number => Math.abs(part.bytes.length - WANTED_PART_BYTES)
  const [part] = parts.toSorted((a, b) => away(a) - away(b))
  if (!part) throw new Error('the stream has no parts')
  const text = Buffer.from(playlist.text)
  const [partFile, playlistFile] = [`${copies}.ts`, `${copies}.m3u8`]
  copies++
  const compressed = gzipSync(text)
  await writeFile(join(directory, partFile), part.bytes)
  await writeFile(join(directory, playlistFile), text)
  await writeFile(join(directory, `${playlistFile}.gz`), compressed)
  return {
    playlistUrl,
    partUrl: part.url,
    partBytes: part.bytes.length,
    playlistBytes: text.length,
    gzipBytes: compressed.length,
    partFile,
    playlistFile,
  }
}
