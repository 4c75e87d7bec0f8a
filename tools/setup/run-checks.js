/**
 * The checks that read the code without running it. Each counts as one test.
 */
import { join } from 'node:path'
import { capture } from './child.js'
import { root } from './prepare.js'

const CHECKS = [
  {
    name: 'formatting',
    args: [join('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'],
  },
  { name: 'types', args: [join('typescript', 'bin', 'tsc'), '-p', '.'] },
  { name: 'types of the console', args: [join('typescript', 'bin', 'tsc'), '-p', 'console'] },
  { name: 'lint', args: [join('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'] },
]

/** Runs all checks side by side, since none of them measures time, and shows the output of those that fail. */
export async function runChecks(node) {
  process.stdout.write(`\nchecks: ${CHECKS.map(({ name }) => name).join(', ')}\n`)
  return Promise.all(CHECKS.map((check) => runCheck(node, check)))
}

async function runCheck(node, { name, args: [program, ...args] }) {
  const { code, output } = await capture(node, [join('node_modules', program), ...args], { cwd: root })
  process.stdout.write(code === 0 ? ` ok ${name}\n` : ` FAILED ${name}\n${output.trimEnd()}\n`)
  if (code === 0) return { passed: 1, failed: 0, skipped: 0 }
  return { passed: 0, failed: 1, skipped: 0, remarks: [`failed: ${name}`] }
}
