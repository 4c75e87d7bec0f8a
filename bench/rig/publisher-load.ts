/**
 * Many publishers as one process of their own, so that their work is not counted as anybody else's.
 */
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadState } from './load-messages.ts'
import { startOwned } from './owned-process.ts'

/** Publishers that send until they are disposed. */
export type PublisherLoad = AsyncDisposable & {
  readonly pid: number
  /** What was sent so far; lateness is counted from report to report. */
  readonly state: () => Promise<LoadState>
}

const PROGRAM = fileURLToPath(new URL('load-sender.ts', import.meta.url))
const REPORT_TIMEOUT_MS = 10_000

/** Starts to publish. */
export function startLoad(order: LoadOrder, core: number | undefined): PublisherLoad {
  const program = startOwned(process.execPath, [PROGRAM], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    core,
  })
  const { child } = program
  child.send(order)
  return {
    pid: program.pid,
    state: () =>
      new Promise((resolve, reject) => {
        const timeout = setTimeout(() => reject(new Error('the load sender is silent')), REPORT_TIMEOUT_MS)
        child.once('message', (state) => {
          clearTimeout(timeout)
          resolve(state as LoadState)
        })
        child.send('report')
      }),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
