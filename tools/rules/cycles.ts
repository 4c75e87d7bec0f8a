/**
 * Import cycles, with type-only imports counted: two files that need each other are one file in two pieces.
 */
import { importsOf, resolveImport } from './syntax.ts'
import type { ProjectFile, Violations } from './project.ts'

/** One line for each cycle, naming its files in order. */
export function findCycles(files: readonly ProjectFile[]): Violations {
  const graph = new Map(files.map((file) => [file.path, relativeImports(file)]))
  const cycles: string[] = []
  const finished = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start !== -1) cycles.push([...trail.slice(start), path].join(' → '))
    if (start !== -1 || finished.has(path)) return
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path])
    finished.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}

function relativeImports(file: ProjectFile): readonly string[] {
  const targets = importsOf(file).filter((specifier) => specifier.startsWith('.'))
  return [...new Set(targets.map((specifier) => resolveImport(file, specifier)))]
}
