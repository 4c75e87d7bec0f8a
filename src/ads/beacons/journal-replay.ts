/**
 * What the journal of a process that is no more says about its beacons.
 */
import { open } from 'node:fs/promises'
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'
import type { JournalLine } from './beacon-journal.ts'

/** Beacons by what is to be done about them. */
export type ReplayedBeacons = {
  /** In the order in which they became due. */
  readonly waiting: readonly QueuedBeacon[]
  /** Of those that wait, the ones that the database may have. */
  readonly handed: ReadonlySet<string>
  /** On their way when the process ended. */
  readonly uncertain: readonly string[]
  /** Keys of all that were due. */
  readonly due: ReadonlySet<string>
}

/** Reads files, oldest first; lines that were not written to their end are left out. */
export async function replayJournal(paths: readonly string[]): Promise<ReplayedBeacons> {
  const replay = new Replay()
  for (const path of paths) {
    await using file = await open(path)
    for await (const text of file.readLines()) {
      const line = parseLine(text)
      if (line) replay.take(line)
    }
  }
  return replay.result()
}

/** Undefined for what no process wrote whole. */
export function parseLine(text: string): JournalLine | undefined {
  try {
    const line = JSON.parse(text) as unknown
    return Array.isArray(line) && typeof line[0] === 'string' ? (line as unknown as JournalLine) : undefined
  } catch {
    return undefined
  }
}

class Replay {
  readonly #waiting = new Map<string, QueuedBeacon>()
  readonly #leaving = new Map<string, QueuedBeacon>()
  readonly #handed = new Set<string>()
  readonly #due = new Set<string>()

  take(line: JournalLine): void {
    switch (line[0]) {
      case 'due': {
        const [, ...beacons] = line
        for (const beacon of beacons) this.#add(beacon)
        return
      }
      case 'again': {
        const [, retryAtMs, ...keys] = line
        for (const key of keys) this.#return(key, retryAtMs)
        return
      }
      case 'leaving':
      case 'handing':
      case 'over': {
        const [step, ...keys] = line
        for (const key of keys) this.#step(step, key)
      }
    }
  }

  result(): ReplayedBeacons {
    return {
      waiting: [...this.#waiting.values()].toSorted((one, other) => one.place - other.place),
      handed: this.#handed,
      uncertain: [...this.#leaving.keys()],
      due: this.#due,
    }
  }

  #add(beacon: QueuedBeacon): void {
    this.#waiting.set(beacon.key, beacon)
    this.#due.add(beacon.key)
  }

  #return(key: string, retryAtMs: number): void {
    const beacon = this.#leaving.get(key)
    if (!beacon) return
    this.#leaving.delete(key)
    this.#waiting.set(key, { ...beacon, retryAtMs })
  }

  #step(step: 'leaving' | 'handing' | 'over', key: string): void {
    const beacon = this.#waiting.get(key)
    if (step === 'handing') this.#handed.add(key)
    else this.#waiting.delete(key)
    if (step === 'leaving' && beacon) this.#leaving.set(key, beacon)
    if (step === 'over') this.#leaving.delete(key)
  }
}
