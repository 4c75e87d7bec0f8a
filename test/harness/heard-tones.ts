/**
 * What is heard in a piece of media: loudness and pitch, tenth of a second by tenth of a second.
 */
import { runFfmpeg } from './media/media-programs.ts'

/** A tenth of a second of sound. */
export type HeardTone = {
  /** Root mean square; 1 is the loudest that can be. */
  readonly level: number
  /** Of a pure tone: its frequency. */
  readonly pitchHz: number
}

const SAMPLE_RATE = 16_000
const WINDOW_SAMPLES = SAMPLE_RATE / 10
const FULL_SCALE = 32_768

/** The sound of `media` from its beginning to its end. */
export async function heardTones(media: Buffer): Promise<readonly HeardTone[]> {
  const form = ['-vn', '-ac', '1', '-ar', String(SAMPLE_RATE), '-f', 's16le', '-']
  const bytes = await runFfmpeg(['-i', 'pipe:0', ...form], media)
  const tones: HeardTone[] = []
  const windowBytes = WINDOW_SAMPLES * 2
  for (let at = 0; at + windowBytes <= bytes.length; at += windowBytes) {
    tones.push(toneOf(bytes.subarray(at, at + windowBytes)))
  }
  return tones
}

function toneOf(bytes: Buffer): HeardTone {
  let squares = 0
  let crossings = 0
  let before = 0
  for (let at = 0; at < bytes.length; at += 2) {
    const sample = bytes.readInt16LE(at) / FULL_SCALE
    squares += sample * sample
    if (sample >= 0 !== before >= 0) crossings++
    before = sample
  }
  return {
    level: Math.sqrt(squares / WINDOW_SAMPLES),
    pitchHz: (crossings * SAMPLE_RATE) / (2 * WINDOW_SAMPLES),
  }
}
