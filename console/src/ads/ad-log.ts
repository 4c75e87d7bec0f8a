/**
 * The list of what happened with ads on this page, as data.
 *
 * Pure: time is handed in.
 */
import { breakStarted } from './ad-words.ts'
import type { AdPosition } from './ad-position.ts'

/** A line of the list. */
export type AdLine = { readonly id: number; readonly atMs: number; readonly text: string }

/** The list, newest first, and what it is made of. */
export type AdLog = {
  readonly lines: readonly AdLine[]
  readonly position: AdPosition | undefined
  /** A break that was asked for here and is not seen yet. */
  readonly awaited: { readonly breakId: string; readonly sinceMs: number } | undefined
}

/** Something that changes the list. */
export type AdLogEvent =
  | { readonly kind: 'inserted'; readonly breakId: string; readonly durationS: number; readonly atMs: number }
  /** What the player shows; undefined in live content and without a player. */
  | { readonly kind: 'position'; readonly position: AdPosition | undefined; readonly atMs: number }

/** Nothing has happened yet. */
export const EMPTY_AD_LOG: AdLog = { lines: [], position: undefined, awaited: undefined }

/** A break that was announced shows after the server's lead, which is 30 s at most and 8 s as a rule. */
const AWAIT_LIMIT_MS = 40_000
const MAX_LINES = 6

/** The list after `event`. */
export function nextAdLog(log: AdLog, event: AdLogEvent): AdLog {
  const { atMs } = event
  if (event.kind === 'inserted') {
    const noted = withLine(log, atMs, `Break of ${String(event.durationS)} s announced`)
    return { ...noted, awaited: { breakId: event.breakId, sinceMs: atMs } }
  }
  const { position } = event
  const isSame = log.position?.breakId === position?.breakId
  if (!isSame) return { ...changeOfBreak(log, position, atMs), position }
  if (log.awaited && atMs - log.awaited.sinceMs > AWAIT_LIMIT_MS) {
    const text =
      'No ads for this viewer: the live picture went on. Ads are prepared when they are first asked for.'
    return { ...withLine(log, atMs, text), awaited: undefined, position }
  }
  return log.position === position ? log : { ...log, position }
}

function changeOfBreak(log: AdLog, position: AdPosition | undefined, atMs: number): AdLog {
  const ended = log.position ? withLine(log, atMs, 'Ad break ended') : log
  if (!position) return ended
  const awaited = ended.awaited?.breakId === position.breakId ? undefined : ended.awaited
  return { ...withLine(ended, atMs, breakStarted(position)), awaited }
}

function withLine(log: AdLog, atMs: number, text: string): AdLog {
  const id = (log.lines[0]?.id ?? 0) + 1
  return { ...log, lines: [{ id, atMs, text }, ...log.lines].slice(0, MAX_LINES) }
}
