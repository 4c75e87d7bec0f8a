/**
 * Reads as much of a Headwater stream's playlists as measurements need.
 */

/** A media playlist of 2-second segments, in the form of this server's printer. */
export type ReadPlaylist = {
  readonly url: string
  readonly text: string
  /** Complete segments, oldest first. */
  readonly segmentUrls: readonly string[]
  readonly firstMsn: number
  /** Every listed part, oldest first. */
  readonly partUrls: readonly string[]
  /** Seconds of media in parts after the last complete segment. */
  readonly openSeconds: number
}

/** The media playlist that a channel's playback URL leads to; fails when it is not live. */
export async function mediaPlaylistUrl(playbackUrl: string): Promise<string> {
  const text = await fetchText(playbackUrl)
  const uri = text.split('\n').find((line) => line !== '' && !line.startsWith('#'))
  if (uri === undefined) throw new Error(`no media playlist in ${text}`)
  return new URL(uri, playbackUrl).href
}

/** Fetches and reads a media playlist. */
export async function readPlaylist(url: string): Promise<ReadPlaylist> {
  const text = await fetchText(url)
  const segmentUrls: string[] = []
  const partUrls: string[] = []
  let openSeconds = 0
  for (const line of text.split('\n')) {
    const part = /^#EXT-X-PART:DURATION=([\d.]+),URI="([^"]+)"/.exec(line)
    if (part) {
      partUrls.push(new URL(part[2] ?? '', url).href)
      openSeconds += Number(part[1])
    } else if (line !== '' && !line.startsWith('#')) {
      segmentUrls.push(new URL(line, url).href)
      openSeconds = 0
    }
  }
  const firstMsn = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(text)?.[1] ?? 0)
  return { url, text, segmentUrls, firstMsn, partUrls, openSeconds }
}

/** A body in whole; fails on anything but 200. */
export async function fetchBytes(url: string): Promise<Buffer> {
  const response = await fetch(url)
  const body = Buffer.from(await response.arrayBuffer())
  if (response.status !== 200) throw new Error(`${url} answered ${response.status}`)
  return body
}

async function fetchText(url: string): Promise<string> {
  return (await fetchBytes(url)).toString()
}
