/**
 * Port to a running `ffmpeg`: what the ladder needs of the child and nothing else. `ffmpeg-process.ts` fills it.
 */

/** How a child came to its end. */
export type ProcessEnd = {
  readonly exitCode: number | null
  readonly signal: string | null
  /** The last lines that it wrote to its standard error, or why it could not be started. */
  readonly lastWords: string
}

/** What a child tells; nothing after `onEnd`. */
export type ProcessEvents = {
  /** Bytes of one output, counted from 0. The buffer may be kept. */
  readonly onOutput: (index: number, bytes: Buffer) => void
  /** The child and all its pipes are closed. Called once, never from inside `start`. */
  readonly onEnd: (end: ProcessEnd) => void
}

/** A child that runs. Every call is harmless after its end. */
export type LadderProcess = {
  /** Bytes that were written and not taken yet. */
  readonly backlogBytes: () => number
  /** Writes `pieces` to its standard input in one go, without copying them. */
  readonly write: (pieces: readonly Uint8Array[]) => void
  /** Closes its standard input: the child puts out what it still holds and ends. */
  readonly finish: () => void
  /** Ends it without delay, also when it is stopped. */
  readonly kill: () => void
}

/** Starts a child with so many output pipes; a child that cannot be started ends at once. */
export type StartProcess = (args: readonly string[], outputs: number, events: ProcessEvents) => LadderProcess
