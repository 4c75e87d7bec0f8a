/**
 * `npm test`: sets up, then runs every check and every test, and ends with one line of sums.
 * Arguments after `--` go to Vitest and narrow the run: `npm test -- src/packager`.
 */
import { prepare } from './prepare.js'
import { runChecks } from './run-checks.js'
import { runAllTests, runSomeTests } from './run-tests.js'
import { finish } from './sums.js'
import { TEST_PROGRAMS } from './system-programs.js'

const node = await prepare(TEST_PROGRAMS, 'npm test')
finish(node === undefined ? [{ passed: 0, failed: 1, skipped: 0 }] : await runEverything(node))

async function runEverything(node) {
  const filters = process.argv.slice(2)
  if (filters.length > 0) return [await runSomeTests(node, filters)]
  return [...(await runChecks(node)), ...(await runAllTests(node))]
}
