/**
 * Which room of the server may import which: arrows point down, and rooms of one floor do not see each other.
 */
import { importsOf, resolveImport } from './syntax.ts'
import { isTest, type ProjectFile, type Violations } from './project.ts'

/** The floors from the lowest up. */
export const FLOORS: readonly (readonly string[])[] = [
  ['base'],
  ['media'],
  ['domain'],
  ['store', 'session'],
  ['ingest', 'transcode', 'packager', 'delivery', 'playback-auth', 'record', 'events', 'metrics', 'ads'],
  ['api'],
  ['app'],
]

/** Lower rooms that are out of reach all the same: the API acts on live work through ports of the domain. */
const OUT_OF_REACH: Readonly<Record<string, readonly string[]>> = {
  api: ['ingest', 'transcode', 'packager', 'playback-auth', 'record', 'events', 'metrics', 'ads', 'session'],
}

/** Imports that break the order of the floors, or that leave the server. */
export function findFloorViolations(files: readonly ProjectFile[]): Violations {
  return files.flatMap((file) => {
    const room = roomOf(file.path)
    if (floorOf(room) === -1) return [`${file.path}: src/${room} is not on any floor`]
    return importsOf(file)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => resolveImport(file, specifier))
      .filter((target) => !mayImport(file, room, target))
      .map((target) => `${file.path}: must not import ${target}`)
  })
}

function mayImport(file: ProjectFile, room: string, target: string): boolean {
  if (!target.startsWith('src/')) return isTest(file) && target.startsWith('test/')
  const targetRoom = roomOf(target)
  if (targetRoom === room) return true
  return floorOf(targetRoom) < floorOf(room) && !OUT_OF_REACH[room]?.includes(targetRoom)
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room))
}
