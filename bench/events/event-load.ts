/**
 * A server under events, seen from outside.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SERVER_CORE } from '../rig/cores.ts'
import { startOwned } from '../rig/owned-process.ts'
import { scratchDirectory } from '../rig/scratch-directory.ts'

/** What the server is asked to be. */
export type EventLoadOrder = {
  readonly dataDir: string
  readonly webhookUrl: string
  /** Channels that will be published to. */
  readonly streams: number
  /** Sessions that the events are made up for. */
  readonly sessions: number
}

/** What it says when it is ready. */
export type EventLoadStart = {
  readonly rtmpPort: number
  readonly channels: readonly { readonly streamKey: string; readonly playbackUrl: string }[]
}

/** How many events there were since the start. */
export type EventLoadReport = {
  readonly noted: number
  /** In the outbox, on disk. */
  readonly written: number
  readonly delivered: number
}

/** A server under events; `await using` ends it. */
export type EventLoad = AsyncDisposable &
  EventLoadStart & {
    readonly pid: number
    readonly setRate: (perSecond: number) => void
    readonly report: () => Promise<EventLoadReport>
  }

const PROGRAM = fileURLToPath(new URL('event-load-server.ts', import.meta.url))
const ANSWER_TIMEOUT_MS = 30_000

/** Starts the server on its core. */
export async function startEventLoad(order: Omit<EventLoadOrder, 'dataDir'>): Promise<EventLoad> {
  const dataDir = join(scratchDirectory('events'), 'data')
  const program = startOwned(process.execPath, [PROGRAM, JSON.stringify({ ...order, dataDir })], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    core: SERVER_CORE,
  })
  const { child } = program
  const answer = <Answer>(): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const timeout = setTimeout(() => reject(new Error('the server is silent')), ANSWER_TIMEOUT_MS)
      child.once('message', (message) => {
        clearTimeout(timeout)
        resolve(message as Answer)
      })
    })
  const start = await answer<EventLoadStart>()
  return {
    ...start,
    pid: program.pid,
    setRate: (perSecond) => void child.send({ perSecond }),
    report: () => {
      const report = answer<EventLoadReport>()
      child.send('report')
      return report
    },
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
