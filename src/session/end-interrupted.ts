/**
 * Ends the sessions that a server left open because it crashed.
 */
import type { OpenSessionFilter, StreamSessionStore } from '../domain/stores.ts'
import { interruptedEntry } from './session-entries.ts'

const MAX_AT_ONCE = 100

/** Ends all that `filter` finds; how many it were. None of them may be one that still runs. */
export async function endInterruptedSessions(
  store: Pick<StreamSessionStore, 'listOpen' | 'write'>,
  filter: OpenSessionFilter,
): Promise<number> {
  let ended = 0
  for (;;) {
    const open = await store.listOpen(filter, MAX_AT_ONCE)
    if (open.length === 0) return ended
    await store.write(open.map((session) => interruptedEntry(session)))
    ended += open.length
  }
}
