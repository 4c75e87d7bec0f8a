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

type Known = { readonly response: Promise<AdResponse>; readonly isMarked: boolean }

/** Reading takes about a millisecond for 10,000 bytes. */
const MAX_BYTES_HERE = 65_536
/** Of the answers that are kept, as text. */
const MAX_KEPT_CHARS = 8_388_608

/** Reads and remembers. */
export class ResponseReader {
  readonly #thread: Pick<ReadingThread, 'read'>
  readonly #budget: TurnBudget
  readonly #known = new Map<string, Known>()
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

  /** What `body` says; rejects only when the thread for large ones cannot take it. */
  read(body: Buffer, marks: SessionMarks): Promise<AdResponse> {
    return this.#budget.run(() => this.#read(body, marks))
  }

  async #read(body: Buffer, marks: SessionMarks): Promise<AdResponse> {
    // One character for each byte: the text is exactly the bytes, whatever encoding they are in.
    const text = body.toString('latin1')
    const marked = marks.mark(text)
    const known = this.#known.get(marked) ?? this.#readNew(marked, marked === text ? body : undefined)
    const response = await known.response
    return known.isMarked ? marks.unmark(response) : response
  }

  #readNew(text: string, body: Buffer | undefined): Known {
    this.#readings++
    const bytes = body ?? Buffer.from(text, 'latin1')
    const response =
      bytes.length <= MAX_BYTES_HERE ? Promise.resolve(readAdResponse(bytes)) : this.#thread.read(bytes)
    const known = { response, isMarked: body === undefined }
    this.#keep(text, known)
    response.catch(() => this.#forget(text))
    return known
  }

  #keep(text: string, known: Known): void {
    this.#known.set(text, known)
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
