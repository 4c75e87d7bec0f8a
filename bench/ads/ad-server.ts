/**
 * A program that answers ad requests with a pod of two ads after a while, and serves their creatives.
 *
 * Argument: an `AdServerOrder` as JSON. Tells its parent its port over IPC, and on any message how it was asked.
 */
import { createReadStream } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { vastOf } from '../../test/harness/vast-documents.ts'
import type { AdServerOrder, AdServerReport } from './ad-server-process.ts'

const MEDIA_PATH = '/media/'
const KEEP_ALIVE_MS = 30_000
const BACKLOG = 4096
/** Stands for the session in the document that is made once: an ad server's own work is not measured. */
const SESSION = 'SESSION'

const { delayMs, files, adMs } = JSON.parse(process.argv[2] ?? '{}') as AdServerOrder
let document = ''
let requests = 0
let beacons = 0
let firstAtMs = 0
let lastAtMs = 0

const server = createServer((request, response) => {
  const url = request.url ?? '/'
  if (url.startsWith(MEDIA_PATH)) sendFile(Number(url.slice(MEDIA_PATH.length)), response)
  else if (url.startsWith('/ads')) answerAds(url, response)
  else {
    beacons++
    response.writeHead(204).end()
  }
})
server.keepAliveTimeout = KEEP_ALIVE_MS
server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
  const { port } = server.address() as AddressInfo
  const baseUrl = `http://127.0.0.1:${port}`
  const ads = files.map((_, index) => ({
    id: `ad-${index}`,
    sequence: index + 1,
    durationMs: adMs,
    mediaUrl: `${baseUrl}${MEDIA_PATH}${index}`,
  }))
  document = vastOf(ads, (ad, event) => `${baseUrl}/t?sid=${SESSION}&ad=${ad}&event=${event}`)
  process.send?.({ port })
})
process.on('message', () => {
  process.send?.({ requests, beacons, firstAtMs, lastAtMs } satisfies AdServerReport)
  requests = 0
})
process.on('disconnect', () => process.exit(0))

function answerAds(url: string, response: ServerResponse): void {
  lastAtMs = Date.now()
  if (requests++ === 0) firstAtMs = lastAtMs
  const body = document.replaceAll(SESSION, new URLSearchParams(url.slice(url.indexOf('?'))).get('sid') ?? '')
  setTimeout(() => {
    const headers = { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(body) }
    response.writeHead(200, headers).end(body)
  }, delayMs)
}

function sendFile(index: number, response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'video/mp4' })
  createReadStream(files[index] ?? '').pipe(response)
}
