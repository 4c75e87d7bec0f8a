/**
 * The set-up step before `npm start` and `npm test`: plain JavaScript for any Node from 18 on, and nothing to install
 * first. Each piece looks first and acts only when something is missing, so a second run costs next to nothing.
 */
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './console.js'
import { findNode, installPackages } from './packages.js'
import { SetupError } from './say.js'
import { providePrograms } from './system-programs.js'

/** Directory of the project. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..')

/**
 * Makes everything ready and resolves with the path of the Node to go on with; undefined after saying what is missing.
 *
 * `command` is what the user typed, for the advice.
 */
export async function prepare(programs, command) {
  try {
    await providePrograms(programs, command)
    await installPackages(root)
    const node = await findNode(root)
    await buildConsole(root, node)
    return node
  } catch (error) {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`set-up: ${error.message}\n`)
    return undefined
  }
}
