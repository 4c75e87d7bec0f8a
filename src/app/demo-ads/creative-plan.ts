/**
 * The creatives of the demo's ad server, and which of them fill a break.
 *
 * Pure. The files are made by `creative-files.ts`.
 */

/** One creative. */
export type DemoCreative = {
  /** As ad and creative are named in VAST. */
  readonly id: string
  readonly seconds: number
  readonly fileName: string
  /** Frequency of its tone in hertz: each its own, so that they can be told apart by ear. */
  readonly toneHz: number
  /** Colour behind its words, as ffmpeg names it. */
  readonly colour: string
}

/** Picture size of the creatives, in pixels. */
export const CREATIVE_SIZE: { readonly width: number; readonly height: number } = { width: 1280, height: 720 }
/** Bitrate of picture and sound together: bars need little. */
export const CREATIVE_BITRATE_KBPS = 300
/** A response names no more ads than this. */
const MAX_POD_ADS = 20

const SHORT = creative(10, 523, 'teal')
const MIDDLE = creative(15, 659, 'indigo')
const LONG = creative(20, 784, 'maroon')

/** All of them, shortest first: that is the order in which they are made. */
export const DEMO_CREATIVES: readonly DemoCreative[] = [SHORT, MIDDLE, LONG]

/**
 * The ads for a break of `seconds`: as much of it as creatives of these lengths can fill, never more. Long and short ones
 * take turns, and the middle one comes last where an odd five seconds want it.
 */
export function podFor(seconds: number): readonly DemoCreative[] {
  const pod: DemoCreative[] = []
  let leftSeconds = seconds - (seconds % 5)
  const last = leftSeconds % 10 === 5 && leftSeconds >= MIDDLE.seconds ? MIDDLE : undefined
  if (last) leftSeconds -= last.seconds
  const room = last ? MAX_POD_ADS - 1 : MAX_POD_ADS
  while (leftSeconds >= SHORT.seconds && pod.length < room) {
    const next = leftSeconds >= LONG.seconds && pod.at(-1) !== LONG ? LONG : SHORT
    pod.push(next)
    leftSeconds -= next.seconds
  }
  return last ? [...pod, last] : pod
}

function creative(seconds: number, toneHz: number, colour: string): DemoCreative {
  return { id: `demo-${seconds}`, seconds, fileName: `ad-${seconds}s.mp4`, toneHz, colour }
}
