/**
 * What decoded media shows, when ads are of one colour each and content is of none.
 */
import { runFfmpeg } from './media/media-programs.ts'

/** Colours of ads, as ffmpeg names them. */
export type PlainColour = keyof typeof COLOURS

const COLOURS = {
  magenta: [255, 0, 255],
  blue: [0, 0, 255],
  lime: [0, 255, 0],
  yellow: [255, 255, 0],
  red: [255, 0, 0],
  cyan: [0, 255, 255],
  orange: [255, 165, 0],
  white: [255, 255, 255],
  black: [0, 0, 0],
} as const
const COLUMNS = 8
/** Of each primary; what coding makes of a plain colour is nearer. */
const MAX_DIFFERENCE = 40
const FRAME_RATE = 30

/**
 * What is shown one after the other, with its length: `content 2`, `magenta 4`, … A picture of one colour between black
 * bars is `boxed white`.
 *
 * @param media Of 30 pictures a second.
 */
export async function shownIn(media: Buffer): Promise<readonly string[]> {
  const filter = `scale=${COLUMNS}:1:flags=area,format=rgb24`
  const args = ['-i', 'pipe:0', '-an', '-vf', filter, '-fps_mode', 'passthrough', '-f', 'rawvideo', '-']
  const pictures = await runFfmpeg(args, media)
  const runs: { what: string; count: number }[] = []
  for (let at = 0; at < pictures.length; at += COLUMNS * 3) {
    const what = kindOf(pictures.subarray(at, at + COLUMNS * 3))
    const last = runs.at(-1)
    if (last?.what === what) last.count++
    else runs.push({ what, count: 1 })
  }
  return runs.map(({ what, count }) => `${what} ${Math.round((count / FRAME_RATE) * 10) / 10}`)
}

/** The same without the content before and behind it. */
export async function adsShownIn(media: Buffer): Promise<readonly string[]> {
  const all = await shownIn(media)
  const isAd = (run: string): boolean => !run.startsWith('content ')
  return all.slice(all.findIndex(isAd), all.findLastIndex(isAd) + 1)
}

function kindOf(picture: Buffer): string {
  const columns = Array.from({ length: COLUMNS }, (_, index) =>
    colourOf(picture.subarray(index * 3, index * 3 + 3)),
  )
  const [first] = columns
  const middle = columns[COLUMNS / 2]
  if (middle === undefined || middle !== columns[COLUMNS / 2 - 1]) return 'content'
  if (columns.every((colour) => colour === middle)) return middle
  return first === 'black' && columns.at(-1) === 'black' ? `boxed ${middle}` : 'content'
}

function colourOf(pixel: Buffer): string | undefined {
  return Object.entries(COLOURS).find(([, primaries]) =>
    primaries.every((primary, index) => Math.abs(primary - pixel.readUInt8(index)) <= MAX_DIFFERENCE),
  )?.[0]
}
