/**
 * Timed metadata around a fragment: `emsg` boxes that hold ID3 tags.
 *
 * Each piece is written twice, as no form serves all players, and each kind of player passes over the other's form. The
 * standard one (version 1, scheme of the Alliance for Open Media) stands before the fragment and counts from media time
 * zero. The IVS player reads only version 0 with a scheme of its own, and counts from the decoding time of the last
 * `traf` that it has seen: so that form stands behind the fragment it counts from.
 *
 * Spec: ISO/IEC 23009-1 §5.10.3.3 (emsg); AOM ID3 §2.2.
 */
import { MEDIA_TIMESCALE } from '../access-unit.ts'
import { id3Tag } from '../id3/id3-tag.ts'
import { MAX_METADATA_PAYLOAD_BYTES } from '../timed-metadata.ts'
import type { TimedMetadata } from '../timed-metadata.ts'
import { fullBox, u32 } from './box.ts'

/** Schemes of the two forms. */
export const EVENT_SCHEME = {
  ivs: 'urn:twitch:id3',
  standard: 'https://aomedia.org/emsg/ID3',
} as const

/** Boxes in the standard form, to stand before the fragment. */
export function standardMessages(metadata: readonly TimedMetadata[]): Buffer[] {
  return metadata
    .filter(isCarried)
    .map((piece) =>
      fullBox(
        'emsg',
        { version: 1, flags: 0 },
        u32(MEDIA_TIMESCALE, Math.floor(piece.ptsTicks / 2 ** 32), messageId(piece)),
        u32(UNKNOWN_DURATION, messageId(piece)),
        text(EVENT_SCHEME.standard),
        NO_VALUE,
        id3Tag(piece),
      ),
    )
}

/**
 * Boxes in the form of the IVS player, to stand behind the fragment.
 *
 * @param baseTicks decoding time of the fragment's last track, 90 kHz. A piece from before it is raised there: at most
 *   an audio frame late.
 */
export function ivsMessages(metadata: readonly TimedMetadata[], baseTicks: number): Buffer[] {
  return metadata
    .filter(isCarried)
    .map((piece) =>
      fullBox(
        'emsg',
        { version: 0, flags: 0 },
        text(EVENT_SCHEME.ivs),
        NO_VALUE,
        u32(MEDIA_TIMESCALE, Math.max(0, piece.ptsTicks - baseTicks)),
        u32(UNKNOWN_DURATION, messageId(piece)),
        id3Tag(piece),
      ),
    )
}

const UNKNOWN_DURATION = 0xffff_ffff
const NO_VALUE = text('')

function isCarried({ payload }: TimedMetadata): boolean {
  return payload.length <= MAX_METADATA_PAYLOAD_BYTES
}

/** The same in every rendition and whenever the message is repeated: readers raise an id once. */
function messageId({ ptsTicks }: TimedMetadata): number {
  return ptsTicks % 2 ** 32
}

function text(value: string): Buffer {
  return Buffer.from(`${value}\0`, 'utf8')
}
