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
}

/** File names of the copies. */
export const COPIES = { part: 'part.ts', playlist: 'live.m3u8' } as const

const WANTED_PART_BYTES = 60_000
const PARTS_LOOKED_AT = 6

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
  const compressed = gzipSync(text)
  await writeFile(join(directory, COPIES.part), part.bytes)
  await writeFile(join(directory, COPIES.playlist), text)
  await writeFile(join(directory, `${COPIES.playlist}.gz`), compressed)
  return {
    playlistUrl,
    partUrl: part.url,
    partBytes: part.bytes.length,
    playlistBytes: text.length,
    gzipBytes: compressed.length,
  }
}
