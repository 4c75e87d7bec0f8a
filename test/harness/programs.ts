/**
 * Runs a program to its end, good or bad.
 */
import { spawn } from 'node:child_process'

/** How a program ended. */
export type ProgramEnd = { readonly exitCode: number | null; readonly stderr: string }

/** A program that runs. */
export type RunningProgram = {
  readonly ended: Promise<ProgramEnd>
  readonly kill: (signal: NodeJS.Signals) => void
}

const MAX_STDERR_CHARS = 20_000
const LIMIT_MS = 60_000

/** Starts `program`; it is killed after a minute. */
export function startProgram(program: string, args: readonly string[]): RunningProgram {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  let stderr = ''
  child.stderr.setEncoding('utf8')
  child.stderr.on('data', (text: string) => (stderr = (stderr + text).slice(-MAX_STDERR_CHARS)))
  const ended = new Promise<ProgramEnd>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (exitCode) => {
      clearTimeout(limit)
      resolve({ exitCode, stderr })
    })
  })
  return { ended, kill: (signal) => child.kill(signal) }
}

/** Runs `program` and waits. */
export function runProgram(program: string, args: readonly string[]): Promise<ProgramEnd> {
  return startProgram(program, args).ended
}
