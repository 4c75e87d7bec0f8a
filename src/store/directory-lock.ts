/**
 * Keeps a second process off a data directory, whichever database the server uses.
 *
 * The lock is SQLite's on an empty file, and so the operating system's: it ends with the process, however that ends.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from './store-error.ts'

const LOCK_FILE = 'headwater.lock'
const SQLITE_BUSY = 5

/**
 * Makes the directory when it is absent and holds it until the result is disposed.
 *
 * @throws {StoreError} `DATA_DIR_IN_USE` or `DATA_DIR_UNUSABLE`.
 */
export async function lockDataDir(path: string): Promise<Disposable> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (cause) {
    throw new StoreError('DATA_DIR_UNUSABLE', `the data directory ${path} cannot be made`, { cause })
  }
  try {
    return lock(join(path, LOCK_FILE))
  } catch (cause) {
    throw (cause as { errcode?: unknown }).errcode === SQLITE_BUSY
      ? new StoreError('DATA_DIR_IN_USE', `the data directory ${path} is in use by another process`)
      : new StoreError('DATA_DIR_UNUSABLE', `the data directory ${path} cannot be written`, { cause })
  }
}

function lock(path: string): Disposable {
  const file = new DatabaseSync(path, { timeout: 0 })
  try {
    file.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    file.close()
    throw error
  }
  return { [Symbol.dispose]: () => file.close() }
}
