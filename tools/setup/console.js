/**
 * Builds the web console when its sources, or the packages it is made of, changed since the last build.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './child.js'
import { say, SetupError } from './say.js'

const NOT_SOURCES = ['dist', 'node_modules']

/** Leaves a current build in `console/dist`. */
export async function buildConsole(root, node) {
  const stampPath = join(root, '.setup', 'console.sha256')
  const stamp = hashSources(root)
  const isBuilt = existsSync(join(root, 'console', 'dist', 'index.html'))
  if (isBuilt && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return
  say('building the web console')
  const vite = join('node_modules', 'vite', 'bin', 'vite.js')
  const code = await run(node, [vite, 'build', 'console', '--logLevel', 'warn'], { cwd: root })
  if (code !== 0) throw new SetupError(`the build of the web console ended with code ${code}`)
  mkdirSync(join(root, '.setup'), { recursive: true })
  writeFileSync(stampPath, stamp)
}

function hashSources(root) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  for (const path of listFiles(join(root, 'console'))) {
    hash.update(`\0${path}\0`).update(readFileSync(path))
  }
  return hash.digest('hex')
}

function listFiles(directory) {
  return readdirSync(directory, { withFileTypes: true })
    .filter(({ name }) => !NOT_SOURCES.includes(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name)
      return entry.isDirectory() ? listFiles(path) : [path]
    })
}
