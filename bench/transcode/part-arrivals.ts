/**
 * When the parts of a rendition can be fetched, as a player with blocking reloads learns it.
 */

/** Moment at which each part was listed, by `<MSN>.<part>`; milliseconds of this process. */
export async function partArrivals(
  playbackUrl: string,
  wants: (renditionName: string) => boolean,
  untilMs: number,
): Promise<ReadonlyMap<string, number>> {
  const url = await renditionUrl(playbackUrl, wants)
  const arrivals = new Map<string, number>()
  let { msn, part } = nextPart(await text(url))
  while (performance.now() < untilMs) {
    const ask = new URL(url)
    ask.searchParams.set('_HLS_msn', String(msn))
    ask.searchParams.set('_HLS_part', String(part))
    const playlist = await text(ask.href)
    const atMs = performance.now()
    const next = nextPart(playlist)
    // Only what was waited for has a moment: a part that came with it may have been there before.
    if (next.msn === msn) for (let p = part; p < next.part; p++) arrivals.set(`${msn}.${p}`, atMs)
    ;({ msn, part } = next)
  }
  return arrivals
}

async function renditionUrl(playbackUrl: string, wants: (name: string) => boolean): Promise<string> {
  const lines = (await text(playbackUrl)).split('\n')
  const index = lines.findIndex(
    (line) => line.startsWith('#EXT-X-STREAM-INF') && wants(/VIDEO="([^"]+)"/.exec(line)?.[1] ?? ''),
  )
  if (index < 0) throw new Error('the stream has no such rendition')
  return new URL(lines[index + 1] ?? '', playbackUrl).href
}

/** The part that the preload hint names. */
function nextPart(playlist: string): { readonly msn: number; readonly part: number } {
  const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="[^"]*\/(\d+)\.(\d+)\.(?:ts|mp4)"/.exec(playlist)
  return { msn: Number(hint?.[1]), part: Number(hint?.[2]) }
}

async function text(url: string): Promise<string> {
  return (await fetch(url)).text()
}
