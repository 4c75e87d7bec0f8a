/**
 * The name of this server among those that share a database. It is in the data directory, so that a restarted server
 * knows what it left behind.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { randomAlphanumeric } from '../base/ids.ts'

const NODE_ID_FILE = 'node-id'
const NODE_ID_CHARS = 16
const NODE_ID = /^[a-zA-Z0-9]{1,64}$/

/** The name that the data directory keeps, made on first use. */
export async function loadNodeId(dataDir: string): Promise<string> {
  const path = join(dataDir, NODE_ID_FILE)
  const kept = (await readIfThere(path))?.trim() ?? ''
  if (NODE_ID.test(kept)) return kept
  const nodeId = randomAlphanumeric(NODE_ID_CHARS)
  await writeFile(path, `${nodeId}\n`)
  return nodeId
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
