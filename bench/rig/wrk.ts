/**
 * wrk, the HTTP load generator, and what it says.
 */
import { runOwned } from './owned-process.ts'

/** One run of wrk. */
export type WrkOrder = {
  readonly url: string
  readonly connections: number
  readonly seconds: number
  readonly headers: readonly string[]
  readonly core: number | undefined
  /** A script that makes the requests, and its arguments. */
  readonly script?: readonly [path: string, ...args: string[]]
}

/** What a run gave. */
export type WrkResult = {
  readonly requestsPerSecond: number
  readonly latencyP99: string
  /** Answers other than 2xx and 3xx, and broken connections. */
  readonly failures: number
}

/** Loads a server and waits for the end. */
export async function runWrk(order: WrkOrder): Promise<WrkResult> {
  const headers = order.headers.flatMap((header) => ['-H', header])
  const connections = ['-t', '1', '-c', String(order.connections)]
  const [script, ...scriptArgs] = order.script ?? []
  const scripted = script === undefined ? [] : ['-s', script]
  const options = [...connections, '-d', `${order.seconds}s`, '--latency', ...headers, ...scripted]
  const args = [...options, order.url, ...(script === undefined ? [] : ['--', ...scriptArgs])]
  const text = await runOwned('wrk', args, { core: order.core })
  const number = (pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0)
  const socketErrors = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(text)
  const broken = (socketErrors ?? []).slice(1).reduce((sum, count) => sum + Number(count), 0)
  return {
    requestsPerSecond: number(/Requests\/sec:\s+([\d.]+)/),
    latencyP99: /^\s+99%\s+([\d.]+\w+)$/m.exec(text)?.[1] ?? '–',
    failures: number(/Non-2xx or 3xx responses: (\d+)/) + broken,
  }
}
