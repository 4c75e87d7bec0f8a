/**
 * Makes answers of an ad server equal that differ only in whom they are for.
 *
 * Ad servers write the session that asks into every tracking URL. Those values are exchanged for marks before the answer
 * is read, so that one reading serves all sessions, and put back into what somebody wants to know of it.
 *
 * It works because a value and its mark are alike for whoever reads: letters, digits, `-` and `_`, and long enough to be
 * neither a number nor a name of the format.
 */
import { randomBytes } from 'node:crypto'

const MIN_VALUE_CHARS = 16
const MAX_VALUES = 8
const MARKABLE = /^[A-Za-z0-9_-]+$/
/** Nobody can guess it, so that no answer holds one of its own. */
const MARK_PREFIX = `mark${randomBytes(12).toString('hex')}n`
const MARK = new RegExp(`${MARK_PREFIX}([0-${MAX_VALUES - 1}])`, 'g')

/** The values of one session. */
export class SessionMarks {
  readonly #values: readonly string[]

  constructor(values: readonly string[]) {
    const markable = values.filter((value) => value.length >= MIN_VALUE_CHARS && MARKABLE.test(value))
    this.#values = markable.slice(0, MAX_VALUES)
  }

  /** The text with marks in place of the values. */
  mark(text: string): string {
    let marked = text
    for (const [index, value] of this.#values.entries()) {
      if (marked.includes(value)) marked = marked.replaceAll(value, `${MARK_PREFIX}${index}`)
    }
    return marked
  }

  /** A copy of what was read, with the values in place of the marks. */
  unmark<Value>(value: Value): Value {
    return this.#unmark(value) as Value
  }

  #unmark(value: unknown): unknown {
    if (typeof value === 'string') return value.includes(MARK_PREFIX) ? this.#putBack(value) : value
    if (Array.isArray(value)) return value.map((item) => this.#unmark(item))
    if (typeof value !== 'object' || value === null) return value
    const copy: Record<string, unknown> = {}
    for (const key in value) copy[key] = this.#unmark((value as Record<string, unknown>)[key])
    return copy
  }

  #putBack(text: string): string {
    return text.replace(MARK, (whole, index: string) => this.#values[Number(index)] ?? whole)
  }
}
