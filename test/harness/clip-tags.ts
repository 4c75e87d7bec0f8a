/**
 * Clips as FLV tags, to be cut up and put together otherwise than an encoder would.
 */
import { readFile } from 'node:fs/promises'
import { clip } from './ffmpeg-publisher.ts'
import { flvTags, type FlvTag } from './media/flv-file.ts'

const METADATA_TAG = 18

/** The audio and video tags of the first `seconds` of a clip of that picture size. */
export async function clipTags(size: string, seconds: number): Promise<FlvTag[]> {
  const tags = flvTags(await readFile(await clip({ size })))
  return tags.filter((tag) => tag.type !== METADATA_TAG && tag.timeMs < seconds * 1000)
}

/** The same tags, `byMs` later. */
export function shifted(tags: readonly FlvTag[], byMs: number): FlvTag[] {
  return tags.map((tag) => ({ ...tag, timeMs: tag.timeMs + byMs }))
}
