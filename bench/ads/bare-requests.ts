/**
 * The barest client of an ad server, as a process of its own: what a request costs when nothing is made of its answer.
 *
 * Started by `bare-client.ts`; says what it used and ends.
 */
import { Agent, get } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BareOrder, BareReport } from './bare-client.ts'

const STEP_MS = 10
/** What is made once is made before it counts. */
const WARM_SHARE = 0.2

const order = JSON.parse(process.argv[2] ?? '') as BareOrder
const agent = new Agent({ keepAlive: true, maxSockets: order.connections })

await send(Math.ceil(order.requests * WARM_SHARE), order.overMs * WARM_SHARE)
const before = process.cpuUsage()
await send(order.requests, order.overMs)
const { user, system } = process.cpuUsage(before)
const report: BareReport = { microseconds: (user + system) / order.requests }
process.send?.(report)
process.disconnect()
agent.destroy()

/** Spread evenly; resolves when all are answered. */
async function send(requests: number, overMs: number): Promise<void> {
  const answers: Promise<void>[] = []
  const startMs = performance.now()
  while (answers.length < requests) {
    const due = Math.min(requests, Math.ceil((requests * (performance.now() - startMs)) / overMs))
    while (answers.length < due) answers.push(ask(answers.length))
    await sleep(STEP_MS)
  }
  await Promise.all(answers)
}

function ask(index: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(order.url.replace('[session.uuid]', `bare-${index}`), { agent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.once('end', () => resolve())
      response.once('error', reject)
    })
    request.once('error', reject)
  })
}
