/**
 * The program as operators run it: a process with flags, its addresses, its log and its exit code.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A `headwater serve` that has printed its addresses. */
export type HeadwaterProcess = AsyncDisposable & {
  readonly addresses: Readonly<Record<string, string>>
  readonly kill: (signal: NodeJS.Signals) => void
  readonly exited: Promise<ProgramResult>
}

/** How a run of the program ended. */
export type ProgramResult = {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const PROGRAM = fileURLToPath(new URL('../../bin/headwater.js', import.meta.url))
const START_TIMEOUT_MS = 20_000
const FREE_PORTS = ['--http-port', '0', '--rtmp-port', '0', '--tls-port', '0']
const FLAGS = ['serve', '--log-format', 'json', ...FREE_PORTS, '--throttling', 'off']

/** Starts `headwater serve` on free ports (flags in `args` win) and waits for its addresses. */
export async function startHeadwater(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<HeadwaterProcess> {
  const program = launch(args, environment)
  const addresses = await Promise.race([
    program.addresses,
    program.exited.then((result) => {
      throw new Error(`headwater ended with ${result.exitCode}: ${result.stderr}`)
    }),
    new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('headwater did not start in time')), START_TIMEOUT_MS).unref()
    }),
  ])
  return {
    addresses,
    kill: program.kill,
    exited: program.exited,
    [Symbol.asyncDispose]: async () => {
      program.kill('SIGKILL')
      await program.exited
    },
  }
}

/** Runs `headwater serve` to its end, for settings with which it does not start. */
export function runHeadwater(args: readonly string[]): Promise<ProgramResult> {
  return launch(args, {}).exited
}

function launch(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): {
  addresses: Promise<Record<string, string>>
  kill: (signal: NodeJS.Signals) => void
  exited: Promise<ProgramResult>
} {
  const child = spawn(process.execPath, [PROGRAM, ...FLAGS, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const addresses = new Promise<Record<string, string>>((resolve) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout += `${line}\n`
      if (line.startsWith('{"addresses"')) {
        resolve((JSON.parse(line) as { addresses: Record<string, string> }).addresses)
      }
    })
  })
  const exited = new Promise<ProgramResult>((resolve) => {
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal, stdout, stderr }))
  })
  return { addresses, kill: (signal) => void child.kill(signal), exited }
}
