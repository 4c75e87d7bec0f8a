/**
 * Child processes that never outlive the measurement: whatever ends it, they end too.
 */
import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'

/** A program that belongs to this run; `await using` ends it. */
export type OwnedProcess = AsyncDisposable & {
  readonly pid: number
  readonly child: ChildProcess
  readonly exited: Promise<number | null>
  /** What it wrote to standard error, the last of it. */
  readonly complaints: () => string
  /** Asks it to end and waits; kills it when that takes too long. */
  readonly stop: () => Promise<void>
}

const STOP_TIMEOUT_MS = 12_000
const MAX_COMPLAINT_CHARS = 8000
const running = new Set<ChildProcess>()

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

/** Starts `command`; on `core` alone when one is given. */
export function startOwned(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly core?: number | undefined } = {},
): OwnedProcess {
  const { core, ...spawnOptions } = options
  const onCore = core === undefined ? [] : ['taskset', '-c', String(core)]
  const [program, ...rest] = [...onCore, command, ...args] as [string, ...string[]]
  const child = spawn(program, rest, { stdio: ['ignore', 'ignore', 'pipe'], ...spawnOptions })
  let complaints = ''
  child.stderr?.setEncoding('utf8')
  child.stderr?.on('data', (text: string) => {
    complaints = (complaints + text).slice(-MAX_COMPLAINT_CHARS)
  })
  running.add(child)
  const exited = new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      complaints += String(error)
      running.delete(child)
      resolve(null)
    })
    child.once('exit', (code) => {
      running.delete(child)
      resolve(code)
    })
  })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    const kill = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await exited
    clearTimeout(kill)
  }
  return {
    pid: child.pid ?? 0,
    child,
    exited,
    complaints: () => complaints,
    stop,
    [Symbol.asyncDispose]: () => (running.has(child) ? stop() : Promise.resolve()),
  }
}

/** Runs `command` to its end and gives its standard output; fails when it fails. */
export async function runOwned(
  command: string,
  args: readonly string[],
  options: { readonly core?: number | undefined } = {},
): Promise<string> {
  const program = startOwned(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  program.child.stdout?.setEncoding('utf8').on('data', (text: string) => (output += text))
  const closed = new Promise((resolve) => program.child.once('close', resolve))
  const code = await program.exited
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}: ${program.complaints()}`)
  await closed
  return output
}
