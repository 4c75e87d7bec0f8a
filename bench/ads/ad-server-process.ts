/**
 * An ad server as a process of its own.
 */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startOwned } from '../rig/owned-process.ts'

/** How it answers. */
export type AdServerOrder = {
  readonly delayMs: number
  /** Creatives, one for each ad of the pod. */
  readonly files: readonly string[]
  /** Length of each of them, as the documents say. */
  readonly adMs: number
}

/** What it was asked since the last report; wall clock. */
export type AdServerReport = {
  readonly requests: number
  readonly beacons: number
  readonly firstAtMs: number
  readonly lastAtMs: number
}

/** A running ad server. */
export type AdServerProcess = {
  /** As an allow-list takes it. */
  readonly hostPort: string
  readonly template: string
  readonly report: () => Promise<AdServerReport>
}

const PROGRAM = fileURLToPath(new URL('ad-server.ts', import.meta.url))

/** Starts it on `core`; it ends with this process. */
export async function startAdServer(
  order: AdServerOrder,
  core: number | undefined,
): Promise<AdServerProcess> {
  const { child } = startOwned(process.execPath, [PROGRAM, JSON.stringify(order)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    core,
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  const hostPort = `127.0.0.1:${port}`
  return {
    hostPort,
    template: `http://${hostPort}/ads?sid=[session.uuid]`,
    report: async () => {
      const answer = once(child, 'message')
      child.send('report')
      const [report] = (await answer) as [AdServerReport]
      return report
    },
  }
}
