/**
 * Conditioned creatives on disk: a directory for each, named by its key, in `ads/` of the data directory.
 *
 * A creative is written into a workspace beside the others and appears by a rename, so that it is there as a whole or not
 * at all. What is on disk is known in memory; those not used for longest go first when there is too much of it.
 *
 * One server owns the directory. Beside it, any number of _visitors_ (the command that conditions ahead) may add
 * creatives, which the owner finds by looking again, and evict nothing. Workspaces that a crash left behind go at the
 * owner's next start, those of visitors when they are old.
 *
 * Nothing is synced: what a power cut damages does not fit its digest any more, and is conditioned again.
 */
import { randomUUID, webcrypto } from 'node:crypto'
import { mkdir, open, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../base/clock.ts'
import { isCreativeKey } from './creative-key.ts'
import {
  MANIFEST_FILE,
  MAX_MANIFEST_BYTES,
  parseManifest,
  sizeBytesOf,
  type CreativeManifest,
  type StoredTrack,
} from './creative-manifest.ts'

/** What the store has done since it was opened. */
export type StoreTotals = {
  readonly storedCreatives: number
  readonly storedBytes: number
  readonly evictions: number
}

/** How a store is opened. */
export type CreativeStoreOptions = {
  /** Made when missing; nothing else may be in it. */
  readonly directory: string
  readonly maxBytes: number
  readonly role: 'owner' | 'visitor'
  /** Creatives that must stay although it is their turn to go. */
  readonly isHeld: (key: string) => boolean
  readonly clock: Clock
}

const WORKSPACE_PREFIXES = { owner: 'work-', visitor: 'visit-' } as const
/** No visitor works on one creative for so long. */
const OLD_WORKSPACE_MS = 60 * 60_000
/** A creative that stays is marked as used at most so often, in milliseconds. */
const TOUCH_INTERVAL_MS = 60_000

type Stored = { readonly manifest: CreativeManifest; touchedAtMs: number }

/** The creatives of a data directory. */
export class CreativeStore {
  readonly #options: CreativeStoreOptions
  /** Least recently used first. */
  readonly #stored = new Map<string, Stored>()
  #bytes = 0
  #evictions = 0

  private constructor(options: CreativeStoreOptions) {
    this.#options = options
  }

  /** Opens the directory with what is in it. */
  static async open(options: CreativeStoreOptions): Promise<CreativeStore> {
    const store = new CreativeStore(options)
    await mkdir(options.directory, { recursive: true })
    if (options.role === 'owner') await store.#clearWorkspaces()
    await store.look()
    return store
  }

  /** Looks for creatives that are not known yet; their owner removes what is not whole. */
  async look(): Promise<void> {
    const { directory } = this.#options
    const found: FoundCreative[] = []
    for (const name of await readdir(directory)) {
      if (!isCreativeKey(name) || this.#stored.has(name)) continue
      const creative = await readStored(join(directory, name), name)
      if (typeof creative === 'object') found.push(creative)
      else if (creative === 'broken' && this.#options.role === 'owner') await this.remove(name)
    }
    for (const { manifest, usedAtMs } of found.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
      this.#add(manifest, usedAtMs)
    }
    await this.#evict()
  }

  /** What is stored under `key`; counts as used. Looks into memory only. */
  find(key: string): CreativeManifest | undefined {
    const stored = this.#stored.get(key)
    if (!stored) return undefined
    this.#stored.delete(key)
    this.#stored.set(key, stored)
    return stored.manifest
  }

  /** An empty directory for what is going to be a creative. */
  async createWorkspace(): Promise<string> {
    const path = this.#newWorkspacePath()
    await mkdir(path)
    return path
  }

  /** Removes a workspace that did not become a creative. */
  async removeWorkspace(path: string): Promise<void> {
    await rm(path, { recursive: true, force: true })
  }

  /** Makes a workspace, which holds the tracks and nothing else, the creative of the manifest. */
  async commit(workspace: string, manifest: CreativeManifest): Promise<void> {
    await writeFile(join(workspace, MANIFEST_FILE), JSON.stringify(manifest))
    await this.remove(manifest.key)
    await rename(workspace, this.#pathOf(manifest.key))
    this.#add(manifest, this.#options.clock.nowMs())
    await this.#evict()
  }

  /** The bytes of one track; undefined when they are not what was stored. */
  async readTrack(key: string, track: StoredTrack): Promise<Buffer | undefined> {
    try {
      const bytes = await readLimited(join(this.#pathOf(key), track.file), track.sizeBytes)
      if (!bytes) return undefined
      // On a thread of its own: tracks may be large, and live media does not wait.
      const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex')
      return digest === track.digest ? bytes : undefined
    } catch {
      return undefined
    }
  }

  /** Writes down that a creative was used, for the order after a restart. */
  async touch(key: string): Promise<void> {
    const stored = this.#stored.get(key)
    const nowMs = this.#options.clock.nowMs()
    if (!stored || nowMs - stored.touchedAtMs < TOUCH_INTERVAL_MS) return
    stored.touchedAtMs = nowMs
    const seconds = nowMs / 1000
    // One that is being removed cannot be touched, and need not be.
    await utimes(join(this.#pathOf(key), MANIFEST_FILE), seconds, seconds).catch(() => undefined)
  }

  /** Forgets a creative and removes it. */
  async remove(key: string): Promise<void> {
    const stored = this.#stored.get(key)
    if (stored) {
      this.#stored.delete(key)
      this.#bytes -= sizeBytesOf(stored.manifest)
    }
    // Whoever looks at the directory sees all of it or nothing.
    const path = this.#newWorkspacePath()
    try {
      await rename(this.#pathOf(key), path)
    } catch {
      return
    }
    await rm(path, { recursive: true, force: true })
  }

  /** Counts for metrics. */
  get totals(): StoreTotals {
    return { storedCreatives: this.#stored.size, storedBytes: this.#bytes, evictions: this.#evictions }
  }

  #pathOf(key: string): string {
    return join(this.#options.directory, key)
  }

  #newWorkspacePath(): string {
    return join(this.#options.directory, `${WORKSPACE_PREFIXES[this.#options.role]}${randomUUID()}`)
  }

  #add(manifest: CreativeManifest, touchedAtMs: number): void {
    if (this.#stored.has(manifest.key)) return
    this.#stored.set(manifest.key, { manifest, touchedAtMs })
    this.#bytes += sizeBytesOf(manifest)
  }

  async #evict(): Promise<void> {
    while (this.#options.role === 'owner' && this.#bytes > this.#options.maxBytes) {
      const key = [...this.#stored.keys()].find((candidate) => !this.#options.isHeld(candidate))
      if (key === undefined) return
      this.#evictions++
      await this.remove(key)
    }
  }

  async #clearWorkspaces(): Promise<void> {
    const { directory, clock } = this.#options
    for (const name of await readdir(directory)) {
      const path = join(directory, name)
      const isOwn = name.startsWith(WORKSPACE_PREFIXES.owner)
      const isOld = async (): Promise<boolean> =>
        clock.nowMs() - (await stat(path)).mtimeMs > OLD_WORKSPACE_MS
      const isLeft = isOwn || (name.startsWith(WORKSPACE_PREFIXES.visitor) && (await isOld()))
      if (isLeft) await rm(path, { recursive: true, force: true })
    }
  }
}

type FoundCreative = { readonly manifest: CreativeManifest; readonly usedAtMs: number }

/**
 * A creative whose files have the sizes they should have; what is in them shows when it is loaded. `unknown` when the
 * system does not let it be read now.
 */
async function readStored(path: string, key: string): Promise<FoundCreative | 'broken' | 'unknown'> {
  try {
    const { mtimeMs, size } = await stat(join(path, MANIFEST_FILE))
    if (size > MAX_MANIFEST_BYTES) return 'broken'
    const manifest = parseManifest(await readFile(join(path, MANIFEST_FILE), 'utf8'), key)
    if (!manifest) return 'broken'
    for (const { file, sizeBytes } of manifest.tracks) {
      if ((await stat(join(path, file))).size !== sizeBytes) return 'broken'
    }
    return { manifest, usedAtMs: mtimeMs }
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'broken' : 'unknown'
  }
}

/** A file of exactly `sizeBytes`: whatever else stands there is not read. */
async function readLimited(path: string, sizeBytes: number): Promise<Buffer | undefined> {
  const file = await open(path, 'r')
  try {
    if ((await file.stat()).size !== sizeBytes) return undefined
    const bytes = Buffer.allocUnsafe(sizeBytes)
    const { bytesRead } = await file.read(bytes, 0, sizeBytes, 0)
    return bytesRead === sizeBytes ? bytes : undefined
  } finally {
    await file.close()
  }
}
