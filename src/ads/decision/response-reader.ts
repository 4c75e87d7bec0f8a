/**
 * Reads answers of ad servers without holding up the streams of this process.
 *
 * Equal answers are read once. Small ones are read here, for at most a few milliseconds in one turn of the event loop;
 * large ones on a thread of their own.
 */
import { readAdResponse } from '../../media/vast/ad-response.ts'
import type { AdResponse } from '../../media/vast/vast-document.ts'
import type { ReadingThread } from './reading-thread.ts'
import type { SessionMarks } from './session-marks.ts'
import type { TurnBudget } from './turn-budget.ts'

/** Reading takes about a millisecond for 10,000 bytes. */
const MAX_BYTES_HERE = 65_536
/** Of the answers that are kept, as text. */
const MAX_KEPT_CHARS = 8_388_608

/** Reads and remembers. */
export class ResponseReader {
  readonly #thread: Pick<ReadingThread, 'read'>
  readonly #budget: TurnBudget
  readonly #known = new Map<string, Promise<AdResponse>>()
  #keptChars = 0
  #readings = 0

  constructor(thread: Pick<ReadingThread, 'read'>, budget: TurnBudget) {
    this.#thread = thread
    this.#budget = budget
  }

  /** How many answers were really read. */
  get readings(): number {
    return this.#readings
  }

  /**
   * What `body` says, with marks in place of the session's values: the same object for all sessions whose answers are alike.
   * Rejects only when the thread for large ones cannot take it.
   */
  read(body: Buffer, marks: SessionMarks): Promise<AdResponse> {
    return this.#budget.run(() => this.#read(body, marks))
  }

  #read(body: Buffer, marks: SessionMarks): Promise<AdResponse> {
    // One character for each byte: the text is exactly the bytes, whatever encoding they are in.
    const text = body.toString('latin1')
    const marked = marks.mark(text)
    return (
      this.#known.get(marked) ?? this.#readNew(marked, marked === text ? body : Buffer.from(marked, 'latin1'))
    )
  }

  #readNew(text: string, bytes: Buffer): Promise<AdResponse> {
    this.#readings++
    const response =
      bytes.length <= MAX_BYTES_HERE ? Promise.resolve(readAdResponse(bytes)) : this.#thread.read(bytes)
    this.#keep(text, response)
    response.catch(() => this.#forget(text))
    return response
  }

  #keep(text: string, response: Promise<AdResponse>): void {
    this.#known.set(text, response)
    this.#keptChars += text.length
    for (const oldest of this.#known.keys()) {
      if (this.#keptChars <= MAX_KEPT_CHARS) break
      this.#forget(oldest)
    }
  }

  #forget(text: string): void {
    if (this.#known.delete(text)) this.#keptChars -= text.length
  }
}
