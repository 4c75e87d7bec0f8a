/**
 * Takes a stream of server-sent events apart.
 *
 * Spec: HTML Living Standard §9.2.6 (interpreting an event stream); events have no type here.
 */

/** One event. */
export type SseMessage = {
  /** The last id that was given, with this event or before; empty when there was none. */
  readonly id: string
  readonly data: string
}

const MAX_WAITING_CHARS = 1024 * 1024

/** Reads text in pieces of any size. */
export class SseReader {
  readonly #onMessage: (message: SseMessage) => void
  #rest = ''
  #data: string[] = []
  #id = ''

  constructor(onMessage: (message: SseMessage) => void) {
    this.#onMessage = onMessage
  }

  /** @throws {RangeError} when a line has more than a million characters. */
  push(text: string): void {
    const whole = this.#rest + text
    // A carriage return at the end may be one half of a line break.
    const end = whole.endsWith('\r') ? whole.length - 1 : whole.length
    const lines = whole.slice(0, end).split(/\r\n|\n|\r/)
    this.#rest = (lines.pop() ?? '') + whole.slice(end)
    if (this.#rest.length > MAX_WAITING_CHARS) throw new RangeError('a line of the event stream has no end')
    for (const line of lines) this.#readLine(line)
  }

  #readLine(line: string): void {
    if (line === '') {
      this.#dispatch()
      return
    }
    const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === 'data') this.#data.push(value)
    else if (field === 'id' && !value.includes('\0')) this.#id = value
  }

  #dispatch(): void {
    const data = this.#data.join('\n')
    const isMessage = this.#data.length > 0
    this.#data = []
    if (isMessage) this.#onMessage({ id: this.#id, data })
  }
}
