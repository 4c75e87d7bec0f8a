/**
 * The process: from arguments to exit code. The only place that ends the process or listens to signals.
 */
import { systemClock } from '../base/clock.ts'
import { createLogger, type Logger } from '../base/logger.ts'
import { runWarm, type WarmCommand } from './ads-command.ts'
import { parseCommandLine } from './cli.ts'
import { ConfigError } from './config/config-error.ts'
import { readConfig } from './config/read-config.ts'
import type { ServerConfig } from './config/server-config.ts'
import { EventTailError } from './event-tail.ts'
import { runEventTail, type EventTailCommand } from './events-command.ts'
import { startFailureText } from './start-failure.ts'
import type { RunningServer } from './server.ts'
import { createToken, TokenCommandError, type TokenOptions } from './token-command.ts'

// Supervisors commonly wait ten seconds before they kill; the half second is for the exit itself.
const SHUTDOWN_LIMIT_MS = 9_500
const KEEP_ALIVE_MS = 60_000
const STOP_SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Does what the arguments ask for. Returns after printing; a server ends the process itself. */
export async function main(args: readonly string[]): Promise<void> {
  const invocation = parseCommandLine(args)
  switch (invocation.kind) {
    case 'print':
      process.stdout.write(invocation.text)
      return
    case 'refused':
      return refuse(invocation.problem)
    case 'create-token':
      return printToken(invocation.options)
    case 'tail-events':
      return printEvents(invocation.options)
    case 'warm-ads':
      return warmAds(invocation.command)
    case 'serve':
      return serve(readConfigOrExit(invocation.flags))
  }
}

async function printToken(options: TokenOptions): Promise<void> {
  try {
    process.stdout.write(`${await createToken(options, Date.now())}\n`)
  } catch (error) {
    if (error instanceof TokenCommandError) refuse(error.message)
    throw error
  }
}

/** Ends with exit code 1 when one of the creatives cannot be played. */
async function warmAds(command: WarmCommand): Promise<void> {
  const config = readConfigOrExit(command.flags)
  const logger = createLogger({ level: 'silent', format: 'text' })
  const print = (line: string): void => void process.stdout.write(`${line}\n`)
  if (!(await runWarm(command, config, { print, logger }))) process.exit(1)
}

/** Ends with the process, or when the server refuses. */
async function printEvents(options: EventTailCommand): Promise<void> {
  const output = {
    print: (line: string) => process.stdout.write(`${line}\n`),
    complain: (line: string) => process.stderr.write(`headwater: ${line}\n`),
  }
  // Whoever reads the lines has gone: then there is nothing left to do.
  process.stdout.on('error', () => process.exit(0))
  const { signal } = new AbortController()
  // Between two connections nothing else keeps the process alive.
  setInterval(() => undefined, KEEP_ALIVE_MS)
  try {
    await runEventTail(options, output, { clock: systemClock, signal })
  } catch (error) {
    if (error instanceof EventTailError) refuse(error.message)
    throw error
  }
}

async function serve(config: ServerConfig): Promise<void> {
  const logger = createLogger({ level: config.logLevel, format: config.logFormat })
  const stopAsked = stopSignal(logger)
  const server = await startOrExit(config, logger)
  printAddresses(config, server)
  const reason = await Promise.race([stopAsked, server.failed])
  if (reason instanceof Error) {
    logger.error('the server cannot go on and stops', { err: reason })
    limitShutdown(logger)
  } else logger.info('stopping', { signal: reason })
  await server.close()
  logger.info('stopped')
  process.exit(reason instanceof Error ? 1 : 0)
}

function readConfigOrExit(flags: Readonly<Record<string, string>>): ServerConfig {
  try {
    return readConfig({ flags })
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.message)
    throw error
  }
}

async function startOrExit(config: ServerConfig, logger: Logger): Promise<RunningServer> {
  // Loaded only now, so that help and a wrong setting answer at once.
  const { startServer } = await import('./server.ts')
  try {
    return await startServer(config, logger)
  } catch (error) {
    const text = startFailureText(error, config)
    if (text !== undefined) refuse(text)
    throw error
  }
}

/** Resolves with the first stop signal, and gives the process a limited time from there, also while it starts. */
function stopSignal(logger: Logger): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const onSignal = (signal: NodeJS.Signals): void => {
      resolve(signal)
      limitShutdown(logger)
    }
    // A terminal and the npm script above both pass Ctrl-C on: every signal after the first is the same wish again.
    for (const name of STOP_SIGNALS) process.on(name, onSignal)
  })
}

function limitShutdown(logger: Logger): void {
  setTimeout(() => {
    logger.error('stopping took too long', { limitMs: SHUTDOWN_LIMIT_MS })
    process.exit(1)
  }, SHUTDOWN_LIMIT_MS).unref()
}

function printAddresses(config: ServerConfig, server: RunningServer): void {
  const { addresses } = server
  const byName = Object.fromEntries(addresses.map(({ name, url }) => [name, url]))
  const text =
    config.logFormat === 'json'
      ? JSON.stringify({ addresses: byName })
      : addresses.map(({ name, url }) => `${name}: ${url}`).join('\n')
  process.stdout.write(`${text}\n`)
}

function refuse(problem: string): never {
  process.stderr.write(`headwater: ${problem}\n`)
  process.exit(1)
}
