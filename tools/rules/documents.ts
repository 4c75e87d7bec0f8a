/**
 * The project's documents: their links lead somewhere, and nothing in the project speaks of the place where it was made.
 */
import { posix } from 'node:path'
import type { ProjectFile, Violations } from './project.ts'

const MACHINE_PATH = /(?<![\w.:/])\/(work|root|home|Users|mnt|tmp\/\w)[/\w]*/g
const OPEN_WORK = /\b(TODO(?!\(#[0-9]+\): )|FIXME|XXX|HACK)\b/g
const DOCUMENT_NAME = /(?<![\w/.-])[\w./-]+\.md\b/g

/** Absolute paths of somebody's machine. */
export function findMachinePaths(files: readonly ProjectFile[]): Violations {
  return matches(files, MACHINE_PATH, (path) => `names the machine path ${path}`)
}

/** Open work that names no issue. */
export function findOpenWork(files: readonly ProjectFile[]): Violations {
  return matches(files, OPEN_WORK, (word) => `${word} without an issue; want TODO(#123): …`)
}

/** Markdown links to files of the project that are not there. */
export function findDeadLinks(documents: readonly ProjectFile[], paths: ReadonlySet<string>): Violations {
  return documents.flatMap((file) =>
    [...file.text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target.replace(/#.*$/, ''))
      .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
      .map((target) => posix.normalize(posix.join(posix.dirname(file.path), target)).replace(/\/$/, ''))
      .filter((target) => !paths.has(target) && ![...paths].some((path) => path.startsWith(`${target}/`)))
      .map((target) => `${file.path}: there is no ${target}`),
  )
}

/** Names of Markdown documents in code and text that belong to no document of the project. */
export function findUnknownDocuments(files: readonly ProjectFile[], paths: ReadonlySet<string>): Violations {
  const names = new Set([...paths].map((path) => posix.basename(path)))
  return files.flatMap((file) =>
    [...file.text.matchAll(DOCUMENT_NAME)]
      .filter(([name]) => !names.has(posix.basename(name)))
      .map(([name]) => `${file.path}: names ${name}, which is not in the project`),
  )
}

function matches(
  files: readonly ProjectFile[],
  pattern: RegExp,
  describe: (found: string) => string,
): Violations {
  return files.flatMap((file) =>
    file.text
      .split('\n')
      .flatMap((line, index) =>
        [...line.matchAll(pattern)].map(([found]) => `${file.path}:${index + 1}: ${describe(found)}`),
      ),
  )
}
