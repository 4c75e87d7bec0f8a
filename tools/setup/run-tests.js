/**
 * Runs the tests kind by kind (see `vitest.config.ts`) and counts them.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run } from './child.js'
import { root } from './prepare.js'

const KINDS = ['rules', 'unit', 'integration', 'conformance', 'conformance-postgres', 'interop', 'browser']
const RESULTS = join(root, '.setup', 'results')

/** Every kind, one after the other, whatever became of the ones before. */
export async function runAllTests(node) {
  const results = []
  for (const kind of KINDS)
    results.push(await runVitest(node, kind, ['--project', kind, '--passWithNoTests']))
  return results
}

/** The test files that `filters` select, of all kinds. */
export function runSomeTests(node, filters) {
  return runVitest(node, 'some', filters)
}

async function runVitest(node, name, args) {
  process.stdout.write(`\ntests: ${name}\n`)
  const resultPath = join(RESULTS, `${name}.json`)
  mkdirSync(RESULTS, { recursive: true })
  rmSync(resultPath, { force: true })
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultPath}`]
  const code = await run(node, [vitest, 'run', ...reporters, ...args], { cwd: root, env: testEnvironment() })
  return withExitCode(countTests(resultPath), code)
}

function countTests(resultPath) {
  try {
    const result = JSON.parse(readFileSync(resultPath, 'utf8'))
    // A file that cannot even be loaded has no tests to count: it is one failure by itself.
    const broken = result.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    )
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + broken.length,
      skipped: result.numPendingTests + result.numTodoTests,
    }
  } catch {
    return { passed: 0, failed: 0, skipped: 0 }
  }
}

/** An error outside every test, or a run that died, is a failure too. */
function withExitCode(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** The machine's environment without settings of the server, which would change what the tests start. */
function testEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('HEADWATER_'))
  const { PATH = '', ...rest } = Object.fromEntries(entries)
  return { ...rest, PATH: [join(root, 'node_modules', '.bin'), PATH].join(delimiter) }
}
