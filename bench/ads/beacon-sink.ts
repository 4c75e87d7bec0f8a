/**
 * A program that hears beacons, each answered after a while. Argument: how many milliseconds. Tells its parent its port over
 * IPC, and on any message what it heard since the last one.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { BeaconSinkReport } from './beacon-runs.ts'

const KEEP_ALIVE_MS = 30_000
const BACKLOG = 4096

const delayMs = Number(process.argv[2])
let heard = new Set<string>()
let twice = 0
let lateMs: number[] = []
let firstAtMs = 0
let lastAtMs = 0

const server = createServer((request, response) => {
  const path = request.url ?? ''
  lastAtMs = Date.now()
  if (heard.size === 0) firstAtMs = lastAtMs
  if (heard.has(path)) twice++
  heard.add(path)
  lateMs.push(lastAtMs - Number(path.slice(path.lastIndexOf('=') + 1)))
  setTimeout(() => response.writeHead(204).end(), delayMs)
})
server.keepAliveTimeout = KEEP_ALIVE_MS
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  process.send?.({ port: (server.address() as AddressInfo).port })
})
process.on('message', () => {
  process.send?.({ heard: heard.size, twice, lateMs, firstAtMs, lastAtMs } satisfies BeaconSinkReport)
  if (lastAtMs > Date.now() - 1000) return
  heard = new Set()
  lateMs = []
  twice = 0
})
process.on('disconnect', () => process.exit(0))
