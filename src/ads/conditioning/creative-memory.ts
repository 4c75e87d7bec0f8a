/**
 * Creatives in memory, shared by everybody who shows them.
 *
 * One that is held stays. Those that are released stay too, as long as they are not more than `maxIdleBytes` together:
 * the next viewer may come to the same creative a moment later.
 */
import type { HeldCreative, LoadedCreative } from '../creative-library.ts'

/** How creatives get into memory, and how many stay. */
export type CreativeMemoryOptions = {
  readonly read: (key: string) => Promise<LoadedCreative | undefined>
  /** Most bytes of creatives that nobody holds. */
  readonly maxIdleBytes: number
}

/** What is in memory. */
export type MemoryTotals = {
  readonly heldCreatives: number
  readonly loadedBytes: number
  readonly idleBytes: number
}

/** What an access unit takes besides its bytes, about. */
const UNIT_OVERHEAD_BYTES = 200

type InMemory = { readonly media: LoadedCreative; readonly bytes: number; holders: number }

/** Loads, shares and lets go. */
export class CreativeMemory {
  readonly #options: CreativeMemoryOptions
  /** Least recently released first, as far as nobody holds them. */
  readonly #present = new Map<string, InMemory>()
  readonly #reading = new Map<string, Promise<InMemory | undefined>>()

  constructor(options: CreativeMemoryOptions) {
    this.#options = options
  }

  /** A creative that stays until it is released; undefined when it cannot be read. */
  async load(key: string): Promise<HeldCreative | undefined> {
    const read = this.#present.get(key) ?? (await this.#read(key))
    return read && this.#hold(key, this.#present.get(key) ?? read)
  }

  /** Whether somebody holds it, or is about to. */
  isHeld(key: string): boolean {
    return this.#reading.has(key) || (this.#present.get(key)?.holders ?? 0) > 0
  }

  /** Counts for metrics. */
  get totals(): MemoryTotals {
    const all = [...this.#present.values()]
    const held = all.filter(({ holders }) => holders > 0)
    const bytes = sum(all)
    return { heldCreatives: held.length, loadedBytes: bytes, idleBytes: bytes - sum(held) }
  }

  #read(key: string): Promise<InMemory | undefined> {
    const reading = this.#reading.get(key) ?? this.#startReading(key)
    this.#reading.set(key, reading)
    return reading
  }

  async #startReading(key: string): Promise<InMemory | undefined> {
    try {
      const media = await this.#options.read(key)
      if (!media) return undefined
      const present = { media, bytes: bytesOf(media), holders: 0 }
      this.#present.set(key, present)
      return present
    } finally {
      this.#reading.delete(key)
    }
  }

  #hold(key: string, present: InMemory): HeldCreative {
    // It may have been let go between its reading and this moment.
    this.#present.set(key, present)
    present.holders++
    let isReleased = false
    const release = (): void => {
      if (isReleased) return
      isReleased = true
      present.holders--
      if (present.holders > 0) return
      this.#present.delete(key)
      this.#present.set(key, present)
      this.#letGo()
    }
    return { media: present.media, release }
  }

  #letGo(): void {
    let { idleBytes } = this.totals
    for (const [key, { bytes, holders }] of this.#present) {
      if (idleBytes <= this.#options.maxIdleBytes) return
      if (holders > 0) continue
      this.#present.delete(key)
      idleBytes -= bytes
    }
  }
}

function bytesOf({ renditions }: LoadedCreative): number {
  // Renditions share their sound.
  const tracks = new Set(
    [...renditions.values()].flatMap(({ video, audio }) => (video ? [video, audio] : [audio])),
  )
  return sum(
    [...tracks].map(({ units }) => ({
      bytes: units.reduce((bytes, { data }) => bytes + data.length + UNIT_OVERHEAD_BYTES, 0),
    })),
  )
}

function sum(parts: readonly { readonly bytes: number }[]): number {
  return parts.reduce((total, { bytes }) => total + bytes, 0)
}
