/**
 * Reads what an encoder says about itself in `onMetaData`. Nothing of it is trusted for decoding.
 */
import type { PublisherAnnouncement } from '../domain/publishing.ts'
import type { Amf0Object } from '../media/amf0/amf0-value.ts'

const MAX_ENCODER_CHARS = 128
const MAX_KILOBITS = 1_000_000
const MAX_FRAME_RATE = 1000

/** The facts in `metadata` that are there and plausible. */
export function readAnnouncement(metadata: Amf0Object): PublisherAnnouncement {
  const encoder = metadata.get('encoder')
  const videoKilobits = positive(metadata, ['videodatarate'], MAX_KILOBITS)
  const audioKilobits = positive(metadata, ['audiodatarate'], MAX_KILOBITS)
  const frameRate = positive(metadata, ['framerate', 'fps'], MAX_FRAME_RATE)
  return {
    ...(typeof encoder === 'string' && encoder !== '' && { encoder: printable(encoder) }),
    ...(videoKilobits !== undefined && { videoBitrateBps: Math.round(videoKilobits * 1000) }),
    ...(audioKilobits !== undefined && { audioBitrateBps: Math.round(audioKilobits * 1000) }),
    ...(frameRate !== undefined && { frameRate }),
  }
}

// Encoders write numbers as numbers or as text.
function positive(metadata: Amf0Object, names: readonly string[], limit: number): number | undefined {
  for (const name of names) {
    const value = metadata.get(name)
    const number = typeof value === 'string' ? Number(value) : value
    if (typeof number === 'number' && number > 0 && number <= limit) return number
  }
  return undefined
}

function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '').slice(0, MAX_ENCODER_CHARS)
}
