/**
 * The demo's ad server as a program: `main.ts <directory> <ffmpeg>`. Says its port in a line of JSON, and ends when its
 * standard input does, so that it never outlives whoever started it.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { systemClock } from '../../base/clock.ts'
import { listen } from '../listening.ts'
import { createDemoAdServer } from './ad-server.ts'
import { makeCreatives } from './creative-files.ts'

const HOST = '127.0.0.1'
/** The port of the last run: with the same addresses, creatives that were conditioned before can be used again. */
const PORT_FILE = 'port'

const [directory = 'demo-ads', ffmpeg = 'ffmpeg'] = process.argv.slice(2)
const stopping = new AbortController()
const server = createDemoAdServer({ directory, clock: systemClock })

process.stdin.resume()
process.stdin.once('close', stop)
await mkdir(directory, { recursive: true })
const port = await openPort(server, directory)
// It may have been told to end while it opened.
if (stopping.signal.aborted) stop()
process.stdout.write(`${JSON.stringify({ port })}\n`)
makeCreatives(directory, ffmpeg, stopping.signal).catch((error: unknown) => {
  if (!stopping.signal.aborted) process.stderr.write(`${String(error)}\n`)
})

function stop(): void {
  stopping.abort()
  server.close()
  server.closeAllConnections()
}

async function openPort(server: Server, directory: string): Promise<number> {
  const file = join(directory, PORT_FILE)
  const last = Number(await readFile(file, 'utf8').catch(() => '0'))
  const wanted = Number.isInteger(last) && last > 0 && last < 65_536 ? last : 0
  const opened = await listen(server, wanted, HOST).catch(() => listen(server, 0, HOST))
  await writeFile(file, String(opened))
  return opened
}
