/**
 * Turns the expected reasons why a server cannot start into one line for the operator.
 */
import type { ServerConfig } from './config/server-config.ts'
import { flagName } from './config/setting.ts'

const PORT_KEYS = ['httpPort', 'rtmpPort', 'tlsPort'] as const

/** One line naming the cause and the setting to change; undefined when the error is a fault of the program. */
export function startFailureText(error: unknown, config: ServerConfig): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code: unknown = 'code' in error ? error.code : undefined
  const port: unknown = 'port' in error ? error.port : undefined
  if (code === 'EADDRINUSE') return `port ${String(port)} is in use; ${portAdvice(port, config)}`
  if (code === 'EACCES' && typeof port === 'number') {
    return `no permission to listen on port ${port}; ${portAdvice(port, config)}`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `host "${config.host}" is no address of this machine; give another one with --host`
  }
  // Our own errors carry a stable code and a message made for people; anything else deserves its stack.
  return typeof code === 'string' && STARTUP_ERROR_NAMES.has(error.name) ? error.message : undefined
}

function portAdvice(port: unknown, config: ServerConfig): string {
  const key = PORT_KEYS.find((candidate) => config[candidate] === port)
  return key === undefined
    ? 'change its setting'
    : `give another one with --${flagName(key)} (setting ${key})`
}

const STARTUP_ERROR_NAMES: ReadonlySet<string> = new Set([
  'ConfigError',
  'StoreError',
  'TlsError',
  'TranscodeError',
  'CountryDatabaseError',
  'StartError',
])
