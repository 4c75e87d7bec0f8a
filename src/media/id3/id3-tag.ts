/**
 * ID3 tags around timed metadata.
 *
 * Spec: ID3v2.4.0 structure §3.1 (header), §4 (frame header), §6.2 (sync-safe sizes); frames §4.27 (PRIV), §4.2.6 (TXXX).
 */
import type { TimedMetadata } from '../timed-metadata.ts'

/** A tag with one frame: private data of the owner, or a text in UTF-8 that the owner describes. */
export function id3Tag({ owner, payload, frame }: Omit<TimedMetadata, 'ptsTicks'>): Buffer {
  const name = Buffer.from(`${owner}\0`, 'latin1')
  return frame === 'text' ? tag('TXXX', UTF_8, name, payload) : tag('PRIV', name, payload)
}

const UTF_8 = Buffer.from([3])

const HEADER_BYTES = 10

/** Header and frame header are of one size, and the frame is all there is behind the header. */
function tag(frameId: string, ...contents: readonly Uint8Array[]): Buffer {
  const contentBytes = contents.reduce((sum, content) => sum + content.length, 0)
  return Buffer.concat([
    // Version 2.4.0, no flags.
    Buffer.from([0x49, 0x44, 0x33, 4, 0, 0, ...syncSafe(HEADER_BYTES + contentBytes)]),
    Buffer.from(frameId, 'latin1'),
    Buffer.from([...syncSafe(contentBytes), 0, 0]),
    ...contents,
  ])
}

/** A size in four bytes of seven bits each, so that it never looks like the beginning of an audio frame. */
function syncSafe(sizeBytes: number): number[] {
  return [21, 14, 7, 0].map((shift) => (sizeBytes >> shift) & 0x7f)
}
