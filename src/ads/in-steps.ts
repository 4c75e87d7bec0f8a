/**
 * Does something for each of many sessions, so that no segment waits for it.
 */
import type { Clock } from '../base/clock.ts'

const STEP_ITEMS = 250
const STEP_MS = 10

/** Calls `act` for each item in order, the first ones at once. */
export function inSteps<Item>(
  items: readonly Item[],
  clock: Pick<Clock, 'after'>,
  act: (item: Item) => void,
): void {
  step(0)

  function step(from: number): void {
    for (const item of items.slice(from, from + STEP_ITEMS)) act(item)
    const next = from + STEP_ITEMS
    if (next < items.length) clock.after(STEP_MS, () => step(next))
  }
}
