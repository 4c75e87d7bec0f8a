/**
 * Segments of two channels that show the same picture, alike enough to be compared.
 */
import { mediaPlaylistUrl, readPlaylist } from '../rig/live-playlist.ts'

/** A segment of each channel. */
export type TwinSegments = {
  readonly openUrl: string
  readonly closedUrl: string
  readonly openBytes: number
  readonly closedBytes: number
}

type Sized = { readonly url: string; readonly bytes: number }

/** Old ones leave the window during a round. */
const NEWEST = 4

/** The two of the newest segments whose sizes differ least. */
export async function findTwins(openPlaybackUrl: string, closedPlaybackUrl: string): Promise<TwinSegments> {
  const [open, closed] = await Promise.all([openPlaybackUrl, closedPlaybackUrl].map(newestSegments))
  const pairs = (open ?? []).flatMap((one) => (closed ?? []).map((other) => [one, other] as const))
  const apart = ([one, other]: readonly [Sized, Sized]): number => Math.abs(one.bytes - other.bytes)
  const [best] = pairs.toSorted((a, b) => apart(a) - apart(b))
  if (!best) throw new Error('the streams have no segments')
  const [{ url: openUrl, bytes: openBytes }, { url: closedUrl, bytes: closedBytes }] = best
  return { openUrl, closedUrl, openBytes, closedBytes }
}

async function newestSegments(playbackUrl: string): Promise<Sized[]> {
  const { segmentUrls } = await readPlaylist(await mediaPlaylistUrl(playbackUrl))
  return Promise.all(segmentUrls.slice(-NEWEST).map(async (url) => ({ url, bytes: await sizeOf(url) })))
}

async function sizeOf(url: string): Promise<number> {
  const response = await fetch(url, { method: 'HEAD' })
  return Number(response.headers.get('content-length'))
}
