/**
 * Keeps what hls.js holds of the past short.
 *
 * hls.js has an option for it, `backBufferLength`, which empties the buffer whenever the next segment begins to play. If a
 * part is being taken in at that moment, hls.js (1.7) forgets which parts of the newest segment it has, and may wait for
 * seconds before it goes on. Here the buffer is emptied when the newest part has just been taken in: the next one does not
 * exist yet.
 */

/** Of what was played, so much stays; it is emptied when there is half as much again. */
export const BACK_BUFFER_S = 20
const EMPTIED_AT_S = 1.5 * BACK_BUFFER_S

/** Where a part lies: its segment, and its place in that. */
export type PartPlace = { readonly index: number; readonly fragment: { readonly sn: number | string } }

/** The buffer as it is when a segment or part has been taken in. */
export type BufferState = {
  /** Undefined for a whole segment. */
  readonly taken: PartPlace | undefined
  /** The newest part that the playlist lists; undefined where it lists none. */
  readonly newest: PartPlace | undefined
  readonly bufferStartS: number
  readonly currentTimeS: number
}

/** Up to where the buffer can be emptied now; undefined to leave it as it is. */
export function emptyUntilS({ taken, newest, bufferStartS, currentTimeS }: BufferState): number | undefined {
  if (currentTimeS - bufferStartS < EMPTIED_AT_S) return undefined
  if (taken && !(newest && isSame(taken, newest))) return undefined
  return currentTimeS - BACK_BUFFER_S
}

function isSame(one: PartPlace, other: PartPlace): boolean {
  return one.fragment.sn === other.fragment.sn && one.index === other.index
}
