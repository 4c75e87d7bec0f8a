/**
 * Runs the `ffmpeg` program as a ladder's child: media in on standard input, one pipe for each output, and the end of
 * what it says on standard error.
 *
 * A child ends by itself when this process does: its standard input is closed then, by the system if need be.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { FIRST_OUTPUT_FD } from './ladder-arguments.ts'
import type { LadderProcess, ProcessEvents, StartProcess } from './ladder-process.ts'

/** What is kept of standard error. */
const MAX_LAST_WORDS_CHARS = 2000

/**
 * Starts children from `program`, a path or a name that the system finds.
 *
 * @param onPid told of each child that runs.
 */
export function ffmpegStarter(program: string, onPid?: (pid: number) => void): StartProcess {
  return (args, outputs, events) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'ignore', 'pipe', ...Array.from({ length: outputs }, () => 'pipe' as const)],
    })
    if (child.pid !== undefined) onPid?.(child.pid)
    listen(child, outputs, events)
    return asLadderProcess(child)
  }
}

function listen(child: ChildProcess, outputs: number, events: ProcessEvents): void {
  let lastWords = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    lastWords = (lastWords + text).slice(-MAX_LAST_WORDS_CHARS)
  })
  for (let index = 0; index < outputs; index++) {
    const pipe = child.stdio[FIRST_OUTPUT_FD + index] as Readable | null | undefined
    pipe?.on('data', (bytes: Buffer) => {
      events.onOutput(index, bytes)
    })
    pipe?.on('error', ignoreBrokenPipe)
  }
  child.stdin?.on('error', ignoreBrokenPipe)
  let ended = false
  const end = (exitCode: number | null, signal: string | null): void => {
    if (ended) return
    ended = true
    events.onEnd({ exitCode, signal, lastWords: lastWords.trim() })
  }
  child.on('error', (error) => {
    lastWords = error.message
    // A child that never was does not close either when it failed for want of file descriptors.
    if (child.pid === undefined) end(null, null)
  })
  child.once('close', end)
}

function asLadderProcess(child: ChildProcess): LadderProcess {
  const stdin = child.stdin
  return {
    backlogBytes: () => stdin?.writableLength ?? 0,
    write: (pieces) => {
      if (!stdin || !isOpen(stdin)) return
      stdin.cork()
      for (const piece of pieces) stdin.write(piece)
      stdin.uncork()
    },
    finish: () => {
      if (stdin && isOpen(stdin)) stdin.end()
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

function isOpen(stream: Writable): boolean {
  return stream.writable && !stream.destroyed
}

// The child's end says it all.
function ignoreBrokenPipe(): void {
  return
}
