/**
 * What requests to an ad server cost the barest client, on the server's core.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { SERVER_CORE } from '../rig/cores.ts'
import { startOwned } from '../rig/owned-process.ts'

/** What it sends. */
export type BareOrder = {
  /** With `[session.uuid]` where each differs. */
  readonly url: string
  readonly requests: number
  /** Spread evenly over this. */
  readonly overMs: number
  /** At most so many at once. */
  readonly connections: number
}

/** What that took. */
export type BareReport = {
  /** Processor time of the process for a request. */
  readonly microseconds: number
}

const PROGRAM = fileURLToPath(new URL('bare-requests.ts', import.meta.url))

/** Sends them; `nodeFlags` are those of the server it is held against. */
export async function measureBareRequests(
  order: BareOrder,
  nodeFlags: readonly string[],
): Promise<BareReport> {
  await using client = startOwned(process.execPath, [...nodeFlags, PROGRAM, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    core: SERVER_CORE,
  })
  const [report] = (await once(client.child, 'message')) as [BareReport]
  return report
}
