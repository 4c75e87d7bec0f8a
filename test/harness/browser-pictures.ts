/**
 * What a page's player really shows: every picture that is presented, with the colours in it, and how far behind the live
 * edge the player says it is.
 */
import type { Page } from 'playwright-core'

/** Red, green and blue, each 0 to 255. */
export type Colour = readonly [red: number, green: number, blue: number]

/** A picture that was presented. */
export type ShownPicture = {
  /** Wall clock of its presentation. */
  readonly atMs: number
  /** Its time in the player's own media time. */
  readonly mediaMs: number
  readonly height: number
  /** From left to right, in the middle of as many equal columns, a third of the height down. */
  readonly columns: readonly Colour[]
}

/** What a picture is of; `other` is everything that is neither an ad's nor black. */
export type PictureKind = 'bars' | 'magenta' | 'black' | 'other'

/** Pictures of one kind that follow each other. */
export type PictureRun = { readonly kind: PictureKind; readonly fromMs: number; readonly toMs: number }

/** How evenly pictures followed each other. */
export type Evenness = {
  /** The longest time that one stood. */
  readonly longestStandMs: number
  /** The most media from one to the next. */
  readonly longestSkipMs: number
  /** How much later they are at the end than at the beginning. */
  readonly lostMs: number
}

/** How far a player says that it is behind the live edge. */
export type LatencySample = { readonly atMs: number; readonly latencyMs: number }

const SAMPLE_INTERVAL_MS = 200
/** So much before and after a moment is near it. */
const NEAR_MS = 1500
/** Of a colour's parts, after encoding and decoding. */
const MAX_COLOUR_ERROR = 40
/** The upper stripes of the SMPTE colour bars as players show them. */
const BARS: readonly Colour[] = [
  [180, 180, 180],
  [180, 180, 16],
  [16, 180, 180],
  [16, 180, 16],
  [180, 16, 180],
  [180, 16, 16],
  [16, 16, 180],
]
const MAGENTA: Colour = [255, 0, 255]
const BLACK: Colour = [0, 0, 0]

/** Begins to note what the page presents from now on. */
export async function notePictures(page: Page): Promise<void> {
  await page.evaluate(NOTE)
}

/** What was presented since, in order. */
export async function shownPictures(page: Page): Promise<readonly ShownPicture[]> {
  return page.evaluate<readonly ShownPicture[]>('window.pictures')
}

/** The latencies since, in order: of the IVS player `getLiveLatency()`, of hls.js `latency`. */
export async function latencySamples(page: Page): Promise<readonly LatencySample[]> {
  return page.evaluate<readonly LatencySample[]>('window.latencies')
}

/** What `pictures` are of, in order. */
export function pictureRuns(pictures: readonly ShownPicture[]): readonly PictureRun[] {
  const runs: PictureRun[] = []
  for (const { atMs, columns } of pictures) {
    const kind = kindOf(columns)
    const last = runs.at(-1)
    if (last?.kind === kind) runs.splice(-1, 1, { ...last, toMs: atMs })
    else runs.push({ kind, fromMs: atMs, toMs: atMs })
  }
  return runs
}

/** How evenly `pictures` followed each other near any of the moments `edgesMs`, or away from all of them. */
export function evenness(
  pictures: readonly ShownPicture[],
  edgesMs: readonly number[],
  where: 'near' | 'away',
): Evenness {
  let [longestStandMs, longestSkipMs, lostMs] = [0, 0, 0]
  for (const [index, { atMs, mediaMs }] of pictures.slice(1).entries()) {
    const before = pictures[index]
    if (!before) continue
    const isNear = edgesMs.some((edgeMs) => atMs >= edgeMs - NEAR_MS && before.atMs <= edgeMs + NEAR_MS)
    if (isNear !== (where === 'near')) continue
    longestStandMs = Math.max(longestStandMs, atMs - before.atMs)
    longestSkipMs = Math.max(longestSkipMs, mediaMs - before.mediaMs)
    lostMs += atMs - before.atMs - (mediaMs - before.mediaMs)
  }
  return { longestStandMs, longestSkipMs, lostMs }
}

/** The middle one of the latencies between `fromMs` and `toMs`. */
export function usualLatencyMs(samples: readonly LatencySample[], fromMs: number, toMs: number): number {
  const within = samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs)
  const sorted = within.map(({ latencyMs }) => latencyMs).sort((one, other) => one - other)
  return sorted[sorted.length >> 1] ?? NaN
}

function kindOf(columns: readonly Colour[]): PictureKind {
  if (columns.every((colour, index) => isLike(colour, BARS[index] ?? BLACK))) return 'bars'
  if (columns.every((colour) => isLike(colour, MAGENTA))) return 'magenta'
  if (columns.every((colour) => isLike(colour, BLACK))) return 'black'
  return 'other'
}

function isLike(colour: Colour, wanted: Colour): boolean {
  return colour.every((part, index) => Math.abs(part - (wanted[index] ?? 0)) <= MAX_COLOUR_ERROR)
}

const NOTE = `
  window.pictures = []
  window.latencies = []
  const video = document.querySelector('video')
  const context = new OffscreenCanvas(${BARS.length}, 1).getContext('2d', { willReadFrequently: true })
  const note = (_nowMs, { presentationTime, mediaTime }) => {
    video.requestVideoFrameCallback(note)
    const { videoWidth: width, videoHeight: height } = video
    context.drawImage(video, 0, height / 3, width, height / 30, 0, 0, ${BARS.length}, 1)
    const { data } = context.getImageData(0, 0, ${BARS.length}, 1)
    const columns = []
    for (let at = 0; at < data.length; at += 4) columns.push([data[at], data[at + 1], data[at + 2]])
    const atMs = performance.timeOrigin + presentationTime
    window.pictures.push({ atMs, mediaMs: mediaTime * 1000, height, columns })
  }
  video.requestVideoFrameCallback(note)
  setInterval(() => {
    const { latencyS, liveLatencyS } = window.stats()
    window.latencies.push({ atMs: Date.now(), latencyMs: (liveLatencyS ?? latencyS) * 1000 })
  }, ${SAMPLE_INTERVAL_MS})
`
