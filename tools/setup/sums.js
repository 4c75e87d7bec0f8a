/**
 * The end of a test run: one line of sums and the exit code that goes with it.
 */

/** Prints `N passed, N failed, N skipped` and settles the exit code; a run in which nothing passed is no success. */
export function finish(results) {
  const sum = (field) => results.reduce((total, result) => total + result[field], 0)
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
  process.stdout.write(`\n${passed} passed, ${failed} failed, ${skipped} skipped\n`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}
