/**
 * What each room may use from outside the project: Node's modules, npm packages and the process itself.
 */
import ts from 'typescript'
import { isTest, type ProjectFile, type Violations } from './project.ts'
import { importsOf, lineOf, parse, walk } from './syntax.ts'

const PURE_MODULES = ['node:assert', 'node:buffer', 'node:crypto', 'node:util']

/** Rooms that may use only some of Node: the low floors compute, they do not reach out. */
const NODE_MODULES: Readonly<Record<string, readonly string[]>> = {
  base: PURE_MODULES,
  media: PURE_MODULES,
  domain: PURE_MODULES,
  session: PURE_MODULES,
  packager: PURE_MODULES,
}

/** Packages and modules that stay in one room; a package that is not here may be used wherever the floors allow. */
const PACKAGE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  kysely: ['store'],
  'node:sqlite': ['store'],
  pino: ['base'],
  'pino-pretty': ['base'],
  fastify: ['api', 'app'],
  commander: ['app'],
  yaml: ['app'],
  selfsigned: ['app'],
  jose: ['playback-auth'],
  maxmind: ['playback-auth'],
  '@aws-sdk/client-eventbridge': ['events'],
  '@nats-io/transport-node': ['events'],
}

const CLOCK_CALLS = /^(Date\.now|performance\.now|setTimeout|setInterval|setImmediate)$/
const CLOCK_FREE_ROOMS = ['media', 'domain', 'session', 'packager']

/** Modules of Node or packages that the room may not use. */
export function findForeignImports(files: readonly ProjectFile[]): Violations {
  return serverFiles(files).flatMap(({ file, room }) =>
    importsOf(file)
      .filter((specifier) => !specifier.startsWith('.'))
      .filter((specifier) => !isAllowed(specifier, room))
      .map((specifier) => `${file.path}: must not import ${specifier}`),
  )
}

/** Packages that the program uses but does not list among its dependencies, where a test-only one would be missing. */
export function findUndeclaredPackages(
  files: readonly ProjectFile[],
  dependencies: readonly string[],
): Violations {
  return serverFiles(files).flatMap(({ file }) =>
    importsOf(file)
      .filter((specifier) => !specifier.startsWith('.') && !specifier.startsWith('node:'))
      .filter((specifier) => !dependencies.includes(packageName(specifier)))
      .map((specifier) => `${file.path}: ${specifier} is not among the dependencies`),
  )
}

/** Places that read the environment outside `app/config`, or end or watch the process outside `app/main.ts`. */
export function findProcessUse(files: readonly ProjectFile[]): Violations {
  return serverFiles(files).flatMap(({ file }) =>
    expressions(file).flatMap(({ text, line }) => {
      const isEnvironment = text === 'process.env' && !file.path.startsWith('src/app/config/')
      const isEnd =
        /^process\.(exit|on|once|kill|abort|exitCode)$/.test(text) && file.path !== 'src/app/main.ts'
      return isEnvironment || isEnd ? [`${file.path}:${line}: must not use ${text}`] : []
    }),
  )
}

/** Places that read the machine's clock in rooms whose time is handed in. */
export function findClockUse(files: readonly ProjectFile[]): Violations {
  return serverFiles(files)
    .filter(({ room }) => CLOCK_FREE_ROOMS.includes(room))
    .flatMap(({ file }) =>
      expressions(file)
        .filter(({ text }) => CLOCK_CALLS.test(text) || text === 'new Date()')
        .map(({ text, line }) => `${file.path}:${line}: must not use ${text}`),
    )
}

function serverFiles(files: readonly ProjectFile[]): { file: ProjectFile; room: string }[] {
  return files.filter((file) => !isTest(file)).map((file) => ({ file, room: file.path.split('/')[1] ?? '' }))
}

function isAllowed(specifier: string, room: string): boolean {
  const rooms = PACKAGE_ROOMS[specifier.startsWith('node:') ? specifier : packageName(specifier)]
  if (rooms) return rooms.includes(room)
  const nodeModules = NODE_MODULES[room]
  return !specifier.startsWith('node:') || nodeModules === undefined || nodeModules.includes(specifier)
}

function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Property accesses, called names and argument-less constructions, with `process['env']` written as `process.env`. */
function expressions(file: ProjectFile): { text: string; line: number }[] {
  const source = parse(file)
  const found: { text: string; line: number }[] = []
  walk(source, (node) => {
    const text = expressionText(node)
    if (text !== undefined) found.push({ text, line: lineOf(source, node) })
  })
  return found
}

function expressionText(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.getText()
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression)) {
    return `${node.expression.getText()}.${node.argumentExpression.text}`
  }
  if (ts.isCallExpression(node) && ts.isIdentifier(node.expression)) return node.expression.text
  const isBareNew = ts.isNewExpression(node) && (node.arguments?.length ?? 0) === 0
  return isBareNew ? `new ${node.expression.getText()}()` : undefined
}
