/**
 * Loaded into a server before its own code: ends its database thread when the file beside the database says so.
 *
 * Used by `store-lost.test.ts`.
 */
import { existsSync } from 'node:fs'
import { isMainThread, workerData } from 'node:worker_threads'

const POLL_MS = 20

const { databasePath } = (workerData ?? {}) as { readonly databasePath?: string }
if (!isMainThread && databasePath !== undefined) {
  setInterval(() => {
    // In a worker this ends the thread alone.
    if (existsSync(`${databasePath}.end`)) process.exit(3)
  }, POLL_MS)
}
