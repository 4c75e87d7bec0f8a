/**
 * A thread that reads large answers of ad servers: they take long enough to be seen in a stream.
 *
 * The thread is started with the first of them and does not keep the process alive. One that dies is replaced at the next
 * answer; those that it had then fail.
 */
import { Worker } from 'node:worker_threads'
import type { AdResponse } from '../../media/vast/vast-document.ts'

type Waiting = {
  readonly resolve: (response: AdResponse) => void
  readonly reject: (error: Error) => void
}

/** What the thread sends back: text, as that is made into objects again most quickly. */
export type ReadingReport = { readonly id: number; readonly json: string }

/** What the thread is sent. */
export type ReadingJob = { readonly id: number; readonly body: Uint8Array }

const MAX_WAITING = 64
const MAX_HEAP_MB = 256

/** The thread, and who waits for it. */
export class ReadingThread {
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #lastId = 0

  /** Rejects when too many wait, or when the thread dies. */
  read(body: Uint8Array): Promise<AdResponse> {
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(new Error('too many large ad responses wait to be read'))
    }
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#worker ??= this.#start()
      this.#worker.postMessage({ id, body } satisfies ReadingJob)
    })
  }

  /** Ends the thread; answers that wait fail. */
  async close(): Promise<void> {
    const worker = this.#worker
    this.#end(worker)
    await worker?.terminate()
  }

  #start(): Worker {
    const worker = new Worker(new URL('./reading-worker.ts', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    })
    worker.unref()
    worker.on('message', ({ id, json }: ReadingReport) => {
      const waiting = this.#waiting.get(id)
      this.#waiting.delete(id)
      waiting?.resolve(parseResponse(json))
    })
    worker.on('error', () => this.#end(worker))
    worker.on('exit', () => this.#end(worker))
    return worker
  }

  #end(worker: Worker | undefined): void {
    if (!worker || worker !== this.#worker) return
    this.#worker = undefined
    for (const { reject } of this.#waiting.values()) reject(new Error('the reading thread ended'))
    this.#waiting.clear()
  }
}

/** Members that are undefined are absent in JSON; both mean the same to whoever reads them. */
function parseResponse(json: string): AdResponse {
  return JSON.parse(json) as AdResponse
}
