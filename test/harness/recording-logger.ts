/**
 * A logger that keeps its lines for a test to look at.
 */
import type { LogFields, Logger } from '../../src/base/logger.ts'

/** One line: its sentence and every field it was bound to or given. */
export type LogLine = {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly sentence: string
  readonly fields: LogFields
}

/** Lines of a logger and of all that were made from it, in order. */
export class RecordingLogger implements Logger {
  readonly lines: LogLine[]
  readonly #fields: LogFields
  readonly #waiting: (() => void)[]

  constructor(fields: LogFields = {}, lines: LogLine[] = [], waiting: (() => void)[] = []) {
    this.#fields = fields
    this.lines = lines
    this.#waiting = waiting
  }

  readonly debug = (sentence: string, fields?: LogFields): void => this.#add('debug', sentence, fields)
  readonly info = (sentence: string, fields?: LogFields): void => this.#add('info', sentence, fields)
  readonly warn = (sentence: string, fields?: LogFields): void => this.#add('warn', sentence, fields)
  readonly error = (sentence: string, fields?: LogFields): void => this.#add('error', sentence, fields)

  readonly with = (fields: LogFields): RecordingLogger =>
    new RecordingLogger({ ...this.#fields, ...fields }, this.lines, this.#waiting)

  /** Waits for the line number `index` (from 0) with this sentence. */
  async line(sentence: string, index = 0): Promise<LogLine> {
    for (;;) {
      const found = this.lines.filter((line) => line.sentence === sentence)[index]
      if (found) return found
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
  }

  #add(level: LogLine['level'], sentence: string, fields: LogFields = {}): void {
    this.lines.push({ level, sentence, fields: { ...this.#fields, ...fields } })
    for (const resolve of this.#waiting.splice(0)) resolve()
  }
}
