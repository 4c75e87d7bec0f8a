/**
 * The beacons of one server that the database does not have yet, in files that outlive the process.
 *
 * Every step is in the operating system's hands before it is taken: a beacon that is due before the media answer that made
 * it due leaves, its departure before its request does. A killed process loses nothing of that. After a power cut the last
 * second may be missing: waiting for the disk at each step would hold up media. Where the system itself makes writers wait,
 * `writing-time.ts` bounds it: steps that cannot be written for a while are as those of a disk that fails.
 *
 * A file is removed when none of its beacons needs it any more. What became of earlier files is `journal-replay.ts`.
 */
import { closeSync, fdatasync, mkdirSync, openSync, readdirSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Timer } from '../../base/clock.ts'
import type { QueuedBeacon } from '../../domain/beacon-queue.ts'
import type { ChainMemory } from './chain-memories.ts'
import { WritingTime } from './writing-time.ts'

/** What the journal needs. */
export type BeaconJournalOptions = {
  /** Of this server alone. */
  readonly directory: string
  readonly clock: Pick<Clock, 'after' | 'monotonicMs'>
  /** A step could not be written. */
  readonly onFailure: (error: unknown) => void
}

/** One line: a step and the beacons that took it. */
export type JournalLine =
  | readonly ['due', ...(readonly QueuedBeacon[])]
  /** Their requests begin; handed over to the database; over. */
  | readonly ['leaving' | 'handing' | 'over', ...(readonly string[])]
  | readonly ['again', retryAtMs: number, ...(readonly string[])]

/** A file, and what still needs it. */
export type JournalFile = {
  readonly path: string
  /** Grows with every file. */
  readonly number: number
  /** With beacons in this file. */
  readonly chains: Set<ChainMemory>
  openBeacons: number
}

const FILE_NAME = /^(\d{10})\.jsonl$/
/** A file of this size is followed by the next. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
const SYNC_MS = 1000
/** Of what is over and could not be written; a crash may bring more than these back. */
const MAX_UNWRITTEN_KEYS = 4096

/** Takes down what happens to beacons. */
export class BeaconJournal {
  readonly #options: BeaconJournalOptions
  /** Files of earlier processes, oldest first. */
  readonly earlierPaths: readonly string[]
  /** Oldest first. */
  readonly #files: JournalFile[] = []
  readonly #open = new Map<string, JournalFile>()
  /** Of what could not be written. */
  readonly #nowhere: JournalFile = { path: '', number: 0, chains: new Set(), openBeacons: 0 }
  #current: JournalFile | undefined
  #number: number
  #descriptor: number | undefined
  #fileBytes = 0
  #isTorn = false
  #syncTimer: Timer | undefined
  /** Over, but not written yet: the next write says it too. */
  #over: string[] = []
  readonly #writingTime: WritingTime

  /** Creates the directory when it is absent. */
  constructor(options: BeaconJournalOptions) {
    this.#options = options
    this.#writingTime = new WritingTime(options.clock)
    mkdirSync(options.directory, { recursive: true, mode: 0o700 })
    const names = readdirSync(options.directory).filter((name) => FILE_NAME.test(name))
    this.earlierPaths = names.toSorted().map((name) => join(options.directory, name))
    this.#number = Number(names.toSorted().at(-1)?.slice(0, 10) ?? 0)
  }

  /** Beacons that are nowhere but here. */
  get openBeacons(): number {
    return this.#open.size
  }

  /** Whether the beacon is nowhere but here. */
  holds(key: string): boolean {
    return this.#open.has(key)
  }

  /** Of a beacon that is nowhere but here, how many times a page was turned since; -1 for any other. */
  pagesSince(key: string): number {
    const file = this.#open.get(key)
    return file ? this.#number - file.number + (this.#current ? 0 : 1) : -1
  }

  /** Beacons of a chain are due. What cannot be written is sent all the same: only a crash would lose it. */
  due(chain: ChainMemory, beacons: readonly QueuedBeacon[]): void {
    if (this.#fileBytes > MAX_FILE_BYTES) this.turnPage()
    this.#write(['due', ...beacons])
    const file = this.#current ?? this.#nowhere
    if (this.#current && !file.chains.has(chain)) {
      file.chains.add(chain)
      chain.openFiles++
    }
    for (const { key } of beacons) this.#open.set(key, file)
    file.openBeacons += beacons.length
  }

  /** Their requests are about to begin; false when that could not be written, and they must not. */
  leaving(keys: readonly string[]): boolean {
    return this.#write(['leaving', ...keys])
  }

  /** They were not accepted, and go out again. */
  again(keys: readonly string[], retryAtMs: number): void {
    this.#write(['again', retryAtMs, ...keys])
  }

  /** The database is about to get them. */
  handing(keys: readonly string[]): void {
    this.#write(['handing', ...keys])
  }

  /** The database has them: this journal needs them no more. */
  handed(keys: readonly string[]): void {
    for (const key of keys) this.#close(key)
  }

  /** Nothing more will be done about them. */
  over(keys: readonly string[]): void {
    for (const key of keys) this.#end(key)
    this.#write()
  }

  /** The same, written together with others of this turn of the event loop: a crash before only makes it uncertain. */
  overSoon(key: string): void {
    this.#end(key)
    if (this.#over.length > 1) return
    setImmediate(() => {
      this.#write()
    })
  }

  /** From here on another file is written. */
  turnPage(): void {
    this.#write()
    this.#closeFile()
  }

  /** Files that are not written to any more, oldest first. */
  get closedFiles(): readonly JournalFile[] {
    return this.#files.filter((file) => file !== this.#current)
  }

  /** A closed file is of no use any more. */
  remove(file: JournalFile): void {
    const place = this.#files.indexOf(file)
    if (place < 0) return
    this.#files.splice(place, 1)
    for (const chain of file.chains) chain.openFiles--
    removeFile(file.path)
  }

  /** Writes nothing more. */
  close(): void {
    this.#write()
    this.#syncTimer?.cancel()
    this.#closeFile()
  }

  #close(key: string): void {
    const file = this.#open.get(key)
    if (!file) return
    this.#open.delete(key)
    file.openBeacons--
  }

  #end(key: string): void {
    this.#close(key)
    if (this.#over.length < MAX_UNWRITTEN_KEYS) this.#over.push(key)
  }

  /** Writes lines behind what is over; false when they are not written. */
  #write(...lines: readonly JournalLine[]): boolean {
    const all: readonly JournalLine[] = this.#over.length > 0 ? [['over', ...this.#over], ...lines] : lines
    if (all.length === 0) return true
    try {
      this.#append(all)
      this.#over = []
      return true
    } catch (error) {
      this.#options.onFailure(error)
      return false
    }
  }

  #append(lines: readonly JournalLine[]): void {
    const time = this.#writingTime
    if (!time.isLeft) throw new Error('writing takes too long')
    const descriptor = (this.#descriptor ??= time.take(() => this.#openFile()))
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
    const bytes = Buffer.from(this.#isTorn ? `\n${text}` : text)
    this.#isTorn = true
    const sizeBytes = time.take(() => writeSync(descriptor, bytes))
    if (sizeBytes < bytes.length) throw new Error('a step was written in part')
    this.#isTorn = false
    this.#fileBytes += bytes.length
    this.#syncSoon()
  }

  #openFile(): number {
    this.#number++
    const path = join(this.#options.directory, `${String(this.#number).padStart(10, '0')}.jsonl`)
    // Who watched from where is inside.
    const descriptor = openSync(path, 'ax', 0o600)
    this.#current = { path, number: this.#number, chains: new Set(), openBeacons: 0 }
    this.#files.push(this.#current)
    this.#fileBytes = 0
    this.#isTorn = false
    return descriptor
  }

  #closeFile(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
    this.#current = undefined
  }

  #syncSoon(): void {
    this.#syncTimer ??= this.#options.clock.after(SYNC_MS, () => {
      this.#syncTimer = undefined
      if (this.#descriptor !== undefined) fdatasync(this.#descriptor, () => undefined)
    })
  }
}

/** Removes a file that is there. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
