/**
 * The end of a test run: what failed, then one line of sums and the exit code that goes with it.
 */

/** Prints remarks and `N passed, N failed, N skipped`, and settles the exit code; a run in which nothing passed is no success. */
export function finish(results) {
  const sum = (field) => results.reduce((total, result) => total + result[field], 0)
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')]
  const remarks = results.flatMap((result) => result.remarks ?? [])
  process.stdout.write(
    ['', ...remarks, `${passed} passed, ${failed} failed, ${skipped} skipped\n`].join('\n'),
  )
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
}
