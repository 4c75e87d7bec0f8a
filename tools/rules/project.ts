/**
 * The project's own text, as the rules read it. A rule is a function from files to violations, so that each rule is also
 * tried on small bad samples.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'

/** One file: path from the root of the project with `/`, and its text. */
export type ProjectFile = { readonly path: string; readonly text: string }

/** One line for each place that breaks a rule, beginning with the path of the file. */
export type Violations = readonly string[]

const ROOT = resolve(import.meta.dirname, '..', '..')
const SKIPPED_DIRECTORIES = new Set(['node_modules', '.git', '.setup', 'data', 'dist', 'golden', 'fixtures'])

/** Every file under `directory` whose name `wanted` matches, in the order of their paths. */
export function readProject(directory: string, wanted: RegExp): readonly ProjectFile[] {
  return listPaths(join(ROOT, directory))
    .map((path) => relative(ROOT, path).replaceAll('\\', '/'))
    .filter((path) => wanted.test(path))
    .sort()
    .map((path) => ({ path, text: readProjectFile(path) }))
}

/** The text of one file of the project. */
export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** The TypeScript files of the server, tests included. */
export function readSources(): readonly ProjectFile[] {
  return readProject('src', /\.ts$/)
}

/** Whether the file is a test. */
export function isTest(file: ProjectFile): boolean {
  return /\.test\.tsx?$/.test(file.path)
}

/** Files made of `paths` and texts, for trying a rule. */
export function sample(texts: Readonly<Record<string, string>>): readonly ProjectFile[] {
  return Object.entries(texts).map(([path, text]) => ({ path, text }))
}

function listPaths(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    if (SKIPPED_DIRECTORIES.has(entry.name)) return []
    const path = join(directory, entry.name)
    return entry.isDirectory() ? listPaths(path) : [path]
  })
}
