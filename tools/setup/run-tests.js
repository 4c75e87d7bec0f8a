/**
 * Runs the tests kind by kind (see `vitest.config.ts`), counts them and remembers what is to be said of them at the end.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, join, relative } from 'node:path'
import { capture, run } from './child.js'
import { root } from './prepare.js'

/**
 * `secondTry`: kinds that measure live media in real time. A machine that stands still for a second can fail them, so
 * their failed files run once more by themselves, and the end of the run names them: what often needs it is to be mended.
 *
 * `meanwhile`: kinds that only compute. Players leave a third of a small machine idle; these take it, and nothing else.
 */
const KINDS = [
  { name: 'rules' },
  { name: 'unit' },
  { name: 'integration', secondTry: true },
  { name: 'interop', secondTry: true },
  { name: 'browser', secondTry: true, meanwhile: ['conformance', 'conformance-postgres'] },
]
/** More failed files than this are no accident. */
const SECOND_TRY_FILES = 3
const RESULTS = join(root, '.setup', 'results')

/** Every kind, one after the other, whatever became of the ones before. */
export async function runAllTests(node) {
  const results = []
  for (const { name, secondTry, meanwhile = [] } of KINDS) {
    const others = runMeanwhile(node, meanwhile)
    const first = await runVitest(node, name, argsOf(name))
    results.push(...(await others))
    results.push(secondTry ? await tryAgain(node, name, first) : first)
  }
  return results
}

async function runMeanwhile(node, names) {
  const results = []
  for (const name of names) results.push(await runVitest(node, name, argsOf(name), runLater))
  return results
}

function argsOf(name) {
  return ['--project', name, '--passWithNoTests']
}

/** The test files that `filters` select, of all kinds. */
export function runSomeTests(node, filters) {
  return runVitest(node, 'some', filters)
}

async function tryAgain(node, name, first) {
  const files = [...new Set(first.failures.map(({ file }) => file))]
  if (files.length === 0 || files.length > SECOND_TRY_FILES || files.includes('')) return first
  const second = await runVitest(node, `${name}-again`, [...argsOf(name), '--no-file-parallelism', ...files])
  if (second.failed > 0) return { ...second, passed: first.passed, skipped: first.skipped }
  const remarks = first.remarks.map((remark) => remark.replace('failed', 'failed at first'))
  return { ...first, passed: first.passed + first.failed, failed: 0, remarks, failures: [] }
}

async function runVitest(node, name, args, runNow = runHere) {
  const resultPath = join(RESULTS, `${name}.json`)
  mkdirSync(RESULTS, { recursive: true })
  rmSync(resultPath, { force: true })
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultPath}`]
  const code = await runNow(name, node, [vitest, 'run', ...reporters, ...args])
  const result = readResult(resultPath)
  // An error outside every test, or a run that died, is a failure too.
  const failures =
    code !== 0 && result.failures.length === 0
      ? [{ file: '', what: `ended with code ${code}` }]
      : result.failures
  const remarks = failures.map(
    ({ file, what }) => `failed: ${[name, file, what].filter(Boolean).join(' > ')}`,
  )
  return { ...result, failures, failed: failures.length, remarks }
}

function runHere(name, node, args) {
  process.stdout.write(`\ntests: ${name}\n`)
  return run(node, args, { cwd: root, env: testEnvironment() })
}

/** Shows its output when it is over, so that it does not mix with another's. */
async function runLater(name, node, args) {
  const { code, output } = await capture(node, args, { cwd: root, env: testEnvironment(), isPatient: true })
  process.stdout.write(`\ntests: ${name}\n${output}`)
  return code
}

function readResult(resultPath) {
  let result
  try {
    result = JSON.parse(readFileSync(resultPath, 'utf8'))
  } catch {
    return { passed: 0, skipped: 0, failures: [] }
  }
  const { numPassedTests: passed, numPendingTests: pending, numTodoTests: todo, testResults } = result
  return { passed, skipped: pending + todo, failures: testResults.flatMap(failuresOf) }
}

/** A file that cannot be loaded or set up has no failed test: it is one failure by itself. */
function failuresOf({ name, status, message, assertionResults }) {
  const file = relative(root, name)
  const failed = assertionResults.filter((test) => test.status === 'failed')
  if (status === 'failed' && failed.length === 0) return [{ file, what: firstLine(message) }]
  return failed.map((test) => ({ file, what: `${test.fullName}: ${firstLine(test.failureMessages[0])}` }))
}

function firstLine(text = '') {
  return text.split('\n')[0].slice(0, 300)
}

/** The machine's environment without settings of the server, which would change what the tests start. */
function testEnvironment() {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('HEADWATER_'))
  const { PATH = '', ...rest } = Object.fromEntries(entries)
  return { ...rest, PATH: [join(root, 'node_modules', '.bin'), PATH].join(delimiter) }
}
