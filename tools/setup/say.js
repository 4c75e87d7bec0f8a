/**
 * How the set-up speaks: short lines that a person can follow, and one kind of failure that is theirs to solve.
 */

/** Says in one line what happens now. */
export function say(line) {
  process.stdout.write(`set-up: ${line}\n`)
}

/** Something outside this project is missing or failed; the message says what to do about it. */
export class SetupError extends Error {
  name = 'SetupError'
}
