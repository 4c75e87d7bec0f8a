/**
 * The dependency table of ARCHITECTURE: a row with a reason for each package, and none for what is gone.
 */
import type { Violations } from './project.ts'

/** The packages named in backquotes in the first cell of the rows of the section `## Dependencies`. */
export function explainedPackages(architecture: string): readonly string[] {
  const [, section = ''] = architecture.split(/^## Dependencies$/m)
  const [table = ''] = section.split(/^## /m)
  return [...table.matchAll(/^\|([^|]+)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => (name ? [name] : [])),
  )
}

/** Packages without a row, and rows without a package. */
export function compareDependencies(installed: readonly string[], explained: readonly string[]): Violations {
  return [
    ...installed
      .filter((name) => !explained.includes(name))
      .map((name) => `${name}: no row says why it is here`),
    ...explained.filter((name) => !installed.includes(name)).map((name) => `${name}: not in package.json`),
  ]
}
