/**
 * Where PostgreSQL's programs are. Debian keeps them out of the PATH, one directory for each release.
 */
import { existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const DEBIAN_DIRECTORY = '/usr/lib/postgresql'

/**
 * The directory of `postgres` and `initdb`, the newest release first.
 *
 * @throws {Error} saying what to install.
 */
export function postgresPrograms(): string {
  const candidates = [...debianReleases(), ...(process.env['PATH'] ?? '').split(delimiter)]
  const found = candidates.find((directory) => existsSync(join(directory, 'initdb')))
  if (found === undefined) throw new Error('PostgreSQL is missing: install the package postgresql')
  return found
}

function debianReleases(): readonly string[] {
  if (!existsSync(DEBIAN_DIRECTORY)) return []
  return readdirSync(DEBIAN_DIRECTORY)
    .sort((one, other) => Number(other) - Number(one))
    .map((release) => join(DEBIAN_DIRECTORY, release, 'bin'))
}
