/**
 * Numbers as people read them. A value that is not known yet prints as a dash, so that nothing jumps.
 */

const UNKNOWN = '–'
/** Up to here a rate goes without saying. */
const USUAL_FRAME_RATE = 30

/** Seconds with one decimal. */
export function formatSeconds(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return UNKNOWN
  return `${Math.max(0, seconds).toFixed(1)} s`
}

/** Bits a second in the unit that keeps the number short. */
export function formatBitrate(bitrateBps: number | undefined): string {
  if (bitrateBps === undefined || !Number.isFinite(bitrateBps) || bitrateBps <= 0) return UNKNOWN
  if (bitrateBps >= 1_000_000) return `${(bitrateBps / 1_000_000).toFixed(1)} Mbps`
  return `${String(Math.round(bitrateBps / 1000))} kbps`
}

/** Picture size in pixels. */
export function formatPicture(picture: { readonly width: number; readonly height: number }): string {
  if (picture.width <= 0 || picture.height <= 0) return UNKNOWN
  return `${String(picture.width)}×${String(picture.height)}`
}

/** Pictures a second; empty when that is not known. */
export function formatFrameRate(frameRate: number | undefined): string {
  if (frameRate === undefined || frameRate <= 0) return ''
  return `${String(Math.round(frameRate * 100) / 100)} fps`
}

/** Place in the ladder, best first, for streams that have more than one rendition; empty otherwise. */
export function formatLevel(level: { readonly index: number; readonly count: number } | undefined): string {
  if (!level || level.count < 2 || level.index < 0) return ''
  return `level ${String(level.index + 1)} of ${String(level.count)}`
}

/** Name of a rendition by its shorter edge, and its frame rate when that is more than usual. */
export function formatRendition(rendition: {
  readonly width: number
  readonly height: number
  readonly frameRate: number
}): string {
  const edge = Math.min(rendition.width, rendition.height)
  if (edge <= 0) return 'Audio only'
  const rate = Math.round(rendition.frameRate)
  return rate > USUAL_FRAME_RATE ? `${String(edge)}p${String(rate)}` : `${String(edge)}p`
}

/** A length of time, by its largest two units. */
export function formatLength(seconds: number): string {
  const whole = Math.round(seconds)
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60]
  if (hours > 0) return `${String(hours)} h ${String(minutes)} min`
  return minutes > 0 ? `${String(minutes)} min ${String(whole % 60)} s` : `${String(whole)} s`
}

/** A moment on the reader's clock, with its day when that is not the day of `nowMs`. */
export function formatMoment(atMs: number, nowMs: number, locale?: string): string {
  const at = new Date(atMs)
  const time = at.toLocaleTimeString(locale)
  if (at.toDateString() === new Date(nowMs).toDateString()) return time
  return `${at.toLocaleDateString(locale, { month: 'short', day: 'numeric' })}, ${time}`
}
