/**
 * Logging: a fixed sentence plus fields. Secrets never go into either.
 */
import pino from 'pino'
import pretty from 'pino-pretty'

/** Values that say what a sentence was about. */
export type LogFields = Readonly<Record<string, unknown>>

/** One module's log, bound to the ids it was made with. */
export type Logger = {
  readonly debug: (sentence: string, fields?: LogFields) => void
  readonly info: (sentence: string, fields?: LogFields) => void
  readonly warn: (sentence: string, fields?: LogFields) => void
  readonly error: (sentence: string, fields?: LogFields) => void
  /** The same log with `fields` added to every line. */
  readonly with: (fields: LogFields) => Logger
}

/** Least important line that is written. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** How lines look: for people, or one JSON object each. */
export type LogFormat = 'text' | 'json'

/** A logger that writes to standard output. */
export function createLogger(options: { level: LogLevel; format: LogFormat }): Logger {
  const destination =
    options.format === 'json'
      ? pino.destination({ dest: 1, sync: true })
      : pretty({
          colorize: process.stdout.isTTY,
          ignore: 'pid,hostname',
          translateTime: 'SYS:HH:MM:ss.l',
          singleLine: true,
          sync: true,
        })
  return wrap(pino({ level: options.level, base: null }, destination))
}

/** A logger that drops everything. */
export const silentLogger: Logger = wrap(pino({ level: 'silent' }))

function wrap(inner: pino.Logger): Logger {
  return {
    debug: (sentence, fields) => inner.debug(fields ?? {}, sentence),
    info: (sentence, fields) => inner.info(fields ?? {}, sentence),
    warn: (sentence, fields) => inner.warn(fields ?? {}, sentence),
    error: (sentence, fields) => inner.error(fields ?? {}, sentence),
    with: (fields) => wrap(inner.child(fields)),
  }
}
