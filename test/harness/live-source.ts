/**
 * An encoder's endless output, made of clips, that can be damaged and can change its picture size while it is published.
 */
import { clipTags } from './clip-tags.ts'
import type { FlvTag } from './media/flv-file.ts'

/** Tags without end; the reader asks for one when it is due. */
export type LiveSource = {
  readonly tags: Iterable<FlvTag>
  /** Damages that many of the next pictures; what is around them stays valid. */
  readonly damage: (pictures: number) => void
  /** Goes on with pictures of another size from the next keyframe on. */
  readonly changeSize: (size: string) => void
}

const VIDEO_TAG = 9
const KEYFRAME = 1
/** Tag header, length of the first NAL unit, and the beginning of its slice header. */
const KEPT_BYTES = 5 + 4 + 8
const CLIP_SECONDS = 20

/** A source that can show each of `sizes` and begins with the first. */
export async function liveSource(sizes: readonly [string, ...string[]]): Promise<LiveSource> {
  const clips = new Map<string, readonly FlvTag[]>()
  for (const size of sizes) clips.set(size, await clipTags(size, CLIP_SECONDS))
  let wantedSize = sizes[0]
  let picturesToDamage = 0

  function* tags(): Generator<FlvTag> {
    let fromMs = 0
    for (;;) {
      const size = wantedSize
      let endMs = fromMs + CLIP_SECONDS * 1000
      for (const tag of clips.get(size) ?? []) {
        const timeMs = fromMs + tag.timeMs
        if (tag.timeMs > 0 && isKeyframe(tag) && wantedSize !== size) {
          endMs = timeMs
          break
        }
        const isDamaged = picturesToDamage > 0 && isPicture(tag)
        if (isDamaged) picturesToDamage--
        yield { ...tag, timeMs, body: isDamaged ? damaged(tag.body) : tag.body }
      }
      fromMs = endMs
    }
  }

  return {
    tags: { [Symbol.iterator]: tags },
    damage: (pictures) => {
      picturesToDamage = pictures
    },
    changeSize: (size) => {
      wantedSize = size
    },
  }
}

function isPicture({ type, body }: FlvTag): boolean {
  return type === VIDEO_TAG && body[1] === 1
}

function isKeyframe(tag: FlvTag): boolean {
  return isPicture(tag) && tag.body.readUInt8(0) >> 4 === KEYFRAME
}

/** Coded bits turned over here and there, in the same places in each run. */
function damaged(body: Buffer): Buffer {
  const copy = Buffer.from(body)
  for (let at = KEPT_BYTES; at < copy.length; at += 7) copy.writeUInt8(copy.readUInt8(at) ^ 0x5a, at)
  return copy
}
