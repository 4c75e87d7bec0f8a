/**
 * Runs the `ffmpeg` program once, with a low priority and within limits.
 *
 * Everything it makes comes over pipes into this process: what it may write is bounded here, and it ends by itself when
 * this process does, at its next write. The limit on processor time, which the system keeps, ends it in any case.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import type { Readable } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { asConditioningError, ConditioningError, type ConditioningErrorCode } from './conditioning-error.ts'

/** Takes everything that comes out of one pipe. What it throws ends the run. */
export type PipeReader = (chunks: AsyncIterable<Buffer>) => Promise<void>

/** What is run, and for how long at most. */
export type MediaToolRun = {
  readonly args: readonly string[]
  /** One for each pipe, the first being descriptor `FIRST_PIPE_FD`. */
  readonly readers: readonly PipeReader[]
  /** Wall clock, milliseconds. */
  readonly deadlineMs: number
  readonly signal: AbortSignal
  /** What it means when the program gives up by itself. */
  readonly failureCode: ConditioningErrorCode
}

/** The program and its surroundings. */
export type MediaTool = {
  /** A path, or a name that the system finds. */
  readonly program: string
  readonly clock: Clock
  /** Default `PRIORITY_LOW`: ladders of live streams come first. */
  readonly priority?: number
  /** Told of each child that runs. */
  readonly onPid?: (pid: number) => void
}

/** Descriptor of the first pipe. */
export const FIRST_PIPE_FD = 3

/** Options that every run begins with; `cpuSeconds` is what it may take of a processor. */
export function quietArguments(logLevel: 'error' | 'info', cpuSeconds: number): string[] {
  return ['-hide_banner', '-nostdin', '-nostats', '-loglevel', logLevel, '-timelimit', String(cpuSeconds)]
}

/** What is kept of standard error: the end. */
const MAX_LAST_WORDS_CHARS = 4000

/**
 * Runs the program to its end.
 *
 * @returns the end of what it said: printable ASCII and line breaks, with text that the creative's author may have chosen.
 * @throws {ConditioningError} when it fails, is stopped or takes too long.
 */
export async function runMediaTool(tool: MediaTool, run: MediaToolRun): Promise<string> {
  if (run.signal.aborted) throw new ConditioningError('CONDITIONING_CANCELLED', 'the server is going down')
  const child = spawn(tool.program, run.args, {
    stdio: ['ignore', 'ignore', 'pipe', ...run.readers.map(() => 'pipe' as const)],
  })
  if (child.pid !== undefined) {
    setPriorityOf(child.pid, tool.priority ?? constants.priority.PRIORITY_LOW)
    tool.onPid?.(child.pid)
  }
  let stopped: ConditioningError | undefined
  const stop = (error: ConditioningError): void => {
    stopped ??= error
    child.kill('SIGKILL')
  }
  const cancel = (): void => stop(new ConditioningError('CONDITIONING_CANCELLED', 'the server is going down'))
  run.signal.addEventListener('abort', cancel, { once: true })
  const deadline = tool.clock.after(run.deadlineMs, () =>
    stop(new ConditioningError('CONDITIONING_TIMEOUT', `took longer than ${run.deadlineMs} ms`)),
  )
  try {
    const readings = run.readers.map((reader, index) => readPipe(child, index, reader, stop))
    const end = await endOf(child)
    await Promise.all(readings)
    if (stopped) throw stopped
    if (end.exitCode !== 0) throw failureOf(end, run.failureCode)
    return end.lastWords
  } finally {
    deadline.cancel()
    run.signal.removeEventListener('abort', cancel)
  }
}

/** Too much of the input could not be decoded (`-max_error_rate`). */
const EXIT_TOO_MANY_ERRORS = 69

function failureOf(
  { exitCode, how, lastWords }: ToolEnd,
  failureCode: ConditioningErrorCode,
): ConditioningError {
  const message = `ffmpeg ended with ${how}: ${lastLine(lastWords)}`
  // Without an exit code something killed it, which says nothing of the creative.
  if (exitCode === null) return new ConditioningError('CONDITIONING_FAILED', message)
  return new ConditioningError(
    exitCode === EXIT_TOO_MANY_ERRORS ? 'CREATIVE_UNREADABLE' : failureCode,
    message,
  )
}

type ToolEnd = { readonly exitCode: number | null; readonly how: string; readonly lastWords: string }

async function endOf(child: ChildProcess): Promise<ToolEnd> {
  let lastWords = ''
  child.stderr?.setEncoding('latin1')
  child.stderr?.on('data', (text: string) => {
    lastWords = (lastWords + text.replaceAll(UNPRINTABLE, '?')).slice(-MAX_LAST_WORDS_CHARS)
  })
  return new Promise((resolve, reject) => {
    child.once('error', (cause: NodeJS.ErrnoException) => {
      const message = `ffmpeg cannot be run (${cause.code ?? 'unknown'})`
      reject(new ConditioningError('CONDITIONING_FAILED', message, { cause }))
    })
    child.once('close', (exitCode, signal) => {
      resolve({ exitCode, how: signal ?? `exit code ${exitCode ?? 'unknown'}`, lastWords })
    })
  })
}

async function readPipe(
  child: ChildProcess,
  index: number,
  reader: PipeReader,
  stop: (error: ConditioningError) => void,
): Promise<void> {
  const pipe = child.stdio[FIRST_PIPE_FD + index] as Readable | null | undefined
  if (!pipe) return
  try {
    await reader(pipe)
  } catch (error) {
    stop(asConditioningError(error))
  }
}

/** Threads that it begins later have the same priority. */
function setPriorityOf(pid: number, priority: number): void {
  try {
    setPriority(pid, priority)
  } catch {
    // It has just ended.
  }
}

const UNPRINTABLE = /[^\x20-\x7e\n]/g
const MAX_REASON_CHARS = 200

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, MAX_REASON_CHARS)
}
