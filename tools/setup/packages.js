/**
 * The npm packages, and with them Node 24: the npm package `node` carries the program itself.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join, sep } from 'node:path'
import { run } from './child.js'
import { say, SetupError } from './say.js'

const WANTED_MAJOR = 24

/** Installs the packages of the lock file unless they are there. */
export async function installPackages(root) {
  if (packagesAreCurrent(root)) return
  say('installing npm packages (npm ci); this takes a minute')
  const code = await run('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], {
    cwd: root,
    env: environmentForNpm(),
  })
  if (code !== 0) {
    throw new SetupError(`npm ci ended with code ${code}; see its messages above (it needs the npm registry)`)
  }
}

/**
 * Path of a Node that can run the server: the packaged one, or else the one that runs this script.
 *
 * The packaged one is fetched by an install script, which some npm settings hold back; then that script runs here.
 */
export async function findNode(root) {
  const directory = join(root, 'node_modules', 'node')
  const packaged = join(directory, 'bin', 'node')
  if (majorOf(packaged) >= WANTED_MAJOR) return packaged
  if (majorOf(process.execPath) >= WANTED_MAJOR) return process.execPath
  say(`fetching Node ${WANTED_MAJOR}, since npm did not run the install script of its package`)
  await run(process.execPath, ['installArchSpecificPackage.js'], { cwd: directory, env: environmentForNpm() })
  if (majorOf(packaged) >= WANTED_MAJOR) return packaged
  throw new SetupError(
    `Node ${WANTED_MAJOR} is missing: this is Node ${process.versions.node}, and the npm package "node" has no program ` +
      `for ${process.platform} ${process.arch}.\n  Get Node ${WANTED_MAJOR} or newer from https://nodejs.org and try again.`,
  )
}

/** Whether what npm says it installed is what the lock file asks for; npm writes that file last. */
function packagesAreCurrent(root) {
  const installedPath = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(installedPath)) return false
  const wanted = readPackages(join(root, 'package-lock.json'))
  const installed = readPackages(installedPath)
  const noneMissing = Object.entries(wanted).every(
    ([path, entry]) => path === '' || entry.optional || isSame(installed[path], entry),
  )
  const noneOutdated = Object.entries(installed).every(([path, entry]) => isSame(wanted[path], entry))
  return noneMissing && noneOutdated
}

function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages
}

function isSame(one, other) {
  return one?.version === other?.version && one?.integrity === other?.integrity
}

function majorOf(program) {
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8' })
  return Number(/^v([0-9]+)\./.exec(stdout ?? '')?.[1] ?? 0)
}

/**
 * npm replaces `node_modules` while it runs, so neither npm nor the scripts it starts may use the Node in there: without
 * those directories in the path, and without the names by which npm remembers its Node, they find the machine's own.
 */
function environmentForNpm() {
  const inPackages = `${sep}node_modules${sep}`
  const environment = { ...process.env }
  delete environment.NODE
  delete environment.npm_node_execpath
  environment.PATH = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((directory) => !`${directory}${sep}`.includes(inPackages))
    .join(delimiter)
  return environment
}
