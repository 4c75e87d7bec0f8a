/**
 * A folder for one run, gone afterwards even when the run is broken off.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes a folder that is removed when this process ends. */
export function scratchDirectory(name: string, parent: string = tmpdir()): string {
  const directory = mkdtempSync(join(parent, `headwater-bench-${name}-`))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  return directory
}
