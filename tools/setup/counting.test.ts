/**
 * Runs the test step on a project whose checks and test runner answer what each test wants.
 */
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'

let project = ''

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'headwater-counting-'))
  cpSync(import.meta.dirname, join(project, 'tools', 'setup'), { recursive: true })
  write('package.json', '{ "type": "module" }')
  write('node_modules/package.json', '{ "type": "commonjs" }')
  write('run.js', RUN)
  for (const checker of CHECKERS) write(`node_modules/${checker}`, '')
  answer({})
})

afterEach(() => rmSync(project, { recursive: true }))

const CHECKERS = ['prettier/bin/prettier.cjs', 'typescript/bin/tsc', 'eslint/bin/eslint.js']

/** The test step without the set-up before it. */
const RUN = `
import { runChecks } from './tools/setup/run-checks.js'
import { runAllTests, runSomeTests } from './tools/setup/run-tests.js'
import { finish } from './tools/setup/sums.js'
const filters = process.argv.slice(2)
const results = filters.length > 0
  ? [await runSomeTests(process.execPath, filters)]
  : [...(await runChecks(process.execPath)), ...(await runAllTests(process.execPath))]
finish(results)
`

type Answer = { readonly result?: object; readonly code?: number }

/** Lets the test runner give, for each kind, a result file and an exit code: `<kind>-again` for its second try. */
function answer(byKind: Readonly<Record<string, Answer>>): void {
  const script = `
    const args = process.argv.slice(2)
    const file = args.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1]
    const kind = require('path').basename(file, '.json')
    const answers = ${JSON.stringify(byKind)}
    const { result, code = 0 } = answers[kind] ?? {}
    const alone = args.includes('--no-file-parallelism') ? 'one by one' : 'side by side'
    if (kind.endsWith('-again')) console.log('again', alone, args.at(-1))
    if (result) require('fs').writeFileSync(file, JSON.stringify(result))
    process.exit(code)`
  write(
    'node_modules/vitest/vitest.mjs',
    `import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)\n${script}`,
  )
}

/** A result file; failed tests are one to a file, and broken files cannot be loaded. */
function counts(passed: number, failed = 0, skipped = 0, broken = 0): object {
  const failedFile = (_: unknown, index: number): object => ({
    name: join(project, `failed-${String(index)}.test.ts`),
    status: 'failed',
    assertionResults: [
      { status: 'failed', fullName: 'stands still', failureMessages: ['Error: too late\n at x'] },
    ],
  })
  const brokenFile = (): object => ({
    name: join(project, 'broken.test.ts'),
    status: 'failed',
    message: 'no such module',
    assertionResults: [],
  })
  return {
    numPassedTests: passed,
    numPendingTests: skipped,
    numTodoTests: 0,
    testResults: [
      ...Array.from({ length: failed }, failedFile),
      ...Array.from({ length: broken }, brokenFile),
    ],
  }
}

function write(path: string, text: string): void {
  const full = join(project, path)
  mkdirSync(dirname(full), { recursive: true })
  writeFileSync(full, text)
}

function runStep(...filters: string[]): {
  status: number | null
  lastLine: string | undefined
  output: string
} {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['run.js', ...filters], {
    cwd: project,
    encoding: 'utf8',
  })
  return { status, lastLine: stdout.trimEnd().split('\n').at(-1), output: stdout + stderr }
}

test('sums the checks and all kinds of tests', () => {
  answer({ unit: { result: counts(10, 0, 1) }, browser: { result: counts(2, 0, 3) } })
  expect(runStep()).toMatchObject({ status: 0, lastLine: '16 passed, 0 failed, 4 skipped' })
})

test('a failing check is one failure, shows its output and does not stop the rest', () => {
  write('node_modules/eslint/bin/eslint.js', "console.log('src/a.ts: bad'); process.exit(1)")
  answer({ unit: { result: counts(10) } })
  const { status, lastLine, output } = runStep()
  expect({ status, lastLine }).toEqual({ status: 1, lastLine: '13 passed, 1 failed, 0 skipped' })
  expect(output).toContain(' FAILED lint\nsrc/a.ts: bad\n')
})

test('failing tests of one kind do not stop the next', () => {
  answer({ unit: { result: counts(1, 2), code: 1 }, browser: { result: counts(3) } })
  expect(runStep()).toMatchObject({ status: 1, lastLine: '8 passed, 2 failed, 0 skipped' })
})

test('what failed is named at the end', () => {
  answer({ unit: { result: counts(1, 1, 0, 1), code: 1 }, interop: { code: 134 } })
  expect(runStep().output.trimEnd().split('\n').slice(-4)).toEqual([
    'failed: unit > failed-0.test.ts > stands still: Error: too late',
    'failed: unit > broken.test.ts > no such module',
    'failed: interop > ended with code 134',
    '5 passed, 3 failed, 0 skipped',
  ])
})

test('failed files of a kind that measures live media run once more, and are named when they pass then', () => {
  answer({ browser: { result: counts(7, 1), code: 1 }, 'browser-again': { result: counts(3) } })
  const { status, output } = runStep()
  expect(status).toBe(0)
  expect(output).toContain('again one by one failed-0.test.ts\n')
  expect(output.trimEnd().split('\n').slice(-2)).toEqual([
    'failed at first: browser > failed-0.test.ts > stands still: Error: too late',
    '12 passed, 0 failed, 0 skipped',
  ])
})

test('a file that fails twice is a failure', () => {
  const failing = { result: counts(7, 1), code: 1 }
  answer({ browser: failing, 'browser-again': failing })
  expect(runStep()).toMatchObject({ status: 1, lastLine: '11 passed, 1 failed, 0 skipped' })
})

test('many failing files are no accident, and do not run again', () => {
  answer({ browser: { result: counts(7, 4), code: 1 }, 'browser-again': { result: counts(9) } })
  expect(runStep()).toMatchObject({ status: 1, lastLine: '11 passed, 4 failed, 0 skipped' })
})

test.each([
  ['a file that cannot be loaded', { result: counts(1, 0, 0, 1), code: 1 }, '5 passed, 1 failed, 0 skipped'],
  ['an error outside every test', { result: counts(1), code: 1 }, '5 passed, 1 failed, 0 skipped'],
  ['a run that died without result', { code: 134 }, '4 passed, 1 failed, 0 skipped'],
])('%s is a failure', (_what, unit, lastLine) => {
  answer({ unit })
  expect(runStep()).toMatchObject({ status: 1, lastLine })
})

test('a filter runs the selected tests only', () => {
  answer({ some: { result: counts(4) } })
  expect(runStep('src/base')).toMatchObject({ status: 0, lastLine: '4 passed, 0 failed, 0 skipped' })
})

test('a run in which nothing passed is no success', () => {
  answer({ some: { result: counts(0) } })
  expect(runStep('no-such-file')).toMatchObject({ status: 1, lastLine: '0 passed, 0 failed, 0 skipped' })
})
