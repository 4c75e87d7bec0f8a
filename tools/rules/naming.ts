/**
 * Names: files in kebab-case, one thing each, and none of the words that name nothing.
 */
import ts from 'typescript'
import type { ProjectFile, Violations } from './project.ts'
import { exportsOf, lineOf, parse } from './syntax.ts'

const KEBAB_CASE = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|d))?\.[a-z]+$/
const OPERATION_PLACE = /^(src\/api\/(ivs|cloudwatch|mediatailor)|test\/conformance(\/mediatailor)?)\//
const OPERATION = /^[a-z][A-Za-z]*(\.test)?\.ts$/
const EMPTY_WORDS = ['manager', 'helper', 'helpers', 'util', 'utils', 'misc', 'common', 'data', 'info']
const EMPTY_SUFFIX = /(Manager|Helpers?|Utils?|Misc|Common|Data|Info)$/
const EMPTY_PREFIX = /^(Base|I)[A-Z][a-z]/

/** Files whose name is not in the project's form. */
export function findBadFileNames(files: readonly Pick<ProjectFile, 'path'>[]): Violations {
  return files.flatMap(({ path }) => {
    const name = path.split('/').at(-1) ?? ''
    const isOperation = OPERATION_PLACE.test(path) && OPERATION.test(name)
    if (!isOperation && !KEBAB_CASE.test(name)) return [`${path}: want a kebab-case name`]
    if (name === 'index.ts' && !/^src\/[^/]+\/index\.ts$/.test(path)) {
      return [`${path}: index.ts stands only at the door of a room`]
    }
    const words = name.split('.', 1)[0]?.split('-') ?? []
    const empty = words.find((word) => EMPTY_WORDS.includes(word))
    return empty ? [`${path}: "${empty}" names nothing`] : []
  })
}

/** Exported names with an empty word at their end or front, and default exports, which have no name at all. */
export function findBadExports(files: readonly ProjectFile[]): Violations {
  return files.flatMap((file) => {
    const source = parse(file)
    const places = exportsOf(source).flatMap(({ statement, names }) => {
      const where = `${file.path}:${lineOf(source, statement)}`
      const bad = names
        .filter((name) => EMPTY_SUFFIX.test(name) || EMPTY_PREFIX.test(name))
        // Operations are spelled as their contract spells them.
        .filter((name) => !OPERATION_PLACE.test(file.path) || !file.path.endsWith(`/${name}.ts`))
      return [
        ...bad.map((name) => `${where}: ${name} has an empty word`),
        ...(isDefault(statement) ? [`${where}: default export`] : []),
      ]
    })
    const assignments = source.statements.filter(ts.isExportAssignment)
    return [...places, ...assignments.map((node) => `${file.path}:${lineOf(source, node)}: default export`)]
  })
}

function isDefault(statement: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined
  return modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword) ?? false
}
