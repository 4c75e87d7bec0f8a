import { once } from 'node:events'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { temporaryStore } from '../../test/harness/databases.ts'
import { silentLogger } from '../base/logger.ts'
import { systemClock } from '../base/clock.ts'
import type { OutboxEvent } from '../domain/event-outbox.ts'
import type { Store } from '../store/index.ts'
import { EventStream } from './event-stream.ts'

const ACCOUNT = '000000000000'

let opened: AsyncDisposableStack
let store: Store
let stream: EventStream
let url: string

beforeEach(async () => {
  opened = new AsyncDisposableStack()
  store = opened.use(await temporaryStore('SQLite'))
  stream = new EventStream({
    outbox: store.eventOutbox,
    authorize: ({ headers }) =>
      headers.authorization === 'no'
        ? { kind: 'refused', status: 403, message: 'no' }
        : { kind: 'granted', accountId: ACCOUNT },
    clock: systemClock,
    logger: silentLogger,
  })
  const server = createServer((request, response) => {
    if (!stream.handle(request, response)) response.writeHead(404).end()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/events`
  opened.defer(async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })
})
afterEach(() => opened.disposeAsync())

async function write(ids: readonly string[], accountId = ACCOUNT): Promise<void> {
  await store.eventOutbox.add(
    ids.map((id) => ({ id, accountId, lane: 'lane', body: JSON.stringify({ id }) })),
  )
  stream.wake()
}

/** Reads until the text so far is `isEnough`. */
async function read(
  isEnough: (text: string) => boolean,
  headers: Readonly<Record<string, string>> = {},
  onOpen: () => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const response = await fetch(url, { headers })
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  let text = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    if (text === '') await onOpen()
    text += piece
    if (isEnough(text)) break
  }
  return text
}

test('gives events as they come, of the account of the reader, with their places', async () => {
  await write(['before'])
  const text = await read(
    (soFar) => soFar.includes('two'),
    {},
    async () => {
      await write(['one'])
      await write(['foreign'], '111111111111')
      await write(['two'])
    },
  )
  expect(text).toBe('retry: 1000\n\nid: 2\ndata: {"id":"one"}\n\nid: 4\ndata: {"id":"two"}\n\n')
})

test.each(['Last-Event-ID', '?after='])('goes on behind the last event that was read (%s)', async (way) => {
  await write(['one', 'two', 'three'])
  if (way === '?after=') url += '?after=1'
  const text = await read((soFar) => soFar.includes('three'), way === '?after=' ? {} : { [way]: '1' })
  expect(text).toContain('id: 2\ndata: {"id":"two"}\n\nid: 3\n')
  expect(text).not.toContain('one')
})

test('gives more than one page in order', async () => {
  const ids = Array.from({ length: 250 }, (_, index) => `event ${index}`)
  await write(ids)
  const text = await read((soFar) => soFar.includes('event 249'), { 'Last-Event-ID': '0' })
  expect([...text.matchAll(/event \d+/g)].map(([id]) => id)).toEqual(ids)
})

test('waits for a reader that does not read, holds next to nothing for him meanwhile, and goes on when he does', async () => {
  const warnings: Error[] = []
  const onWarning = (warning: Error): unknown => warnings.push(warning)
  process.on('warning', onWarning)
  opened.defer(() => void process.off('warning', onWarning))
  // Pages of 2 MB: together more than the buffers of a connection take.
  const pages = 16
  const body = 'x'.repeat(20_000)
  const read = vi.spyOn(store.eventOutbox, 'afterOfAccount').mockImplementation((_account, after, limit) => {
    const length = after < pages * limit ? limit : 0
    const page = Array.from({ length }, (_, index) => ({ sequence: after + index + 1, body }))
    return Promise.resolve(page as unknown as OutboxEvent[])
  })
  const response = await new Promise<IncomingMessage>((resolve) => {
    get(url, { headers: { 'Last-Event-ID': '0' } }, resolve)
  })
  // Its server goes away at the end of the test.
  response.on('error', () => undefined)
  await vi.waitFor(async () => {
    const before = read.mock.calls.length
    await sleep(100)
    expect([before > 0, read.mock.calls.length]).toEqual([true, before])
  })
  expect(read.mock.calls.length).toBeLessThan(pages)
  const ids: number[] = []
  for await (const line of createInterface({ input: response })) {
    if (line.startsWith('id: ')) ids.push(Number(line.slice(4)))
    if (ids.length === pages * 100) break
  }
  expect(ids).toEqual(Array.from({ length: pages * 100 }, (_, index) => index + 1))
  expect(warnings).toEqual([])
  response.destroy()
})

test('refuses who may not read, and places that it never gave', async () => {
  expect((await fetch(url, { headers: { Authorization: 'no' } })).status).toBe(403)
  expect((await fetch(url, { headers: { 'Last-Event-ID': 'x' } })).status).toBe(400)
  expect((await fetch(url, { method: 'POST' })).status).toBe(404)
  expect((await fetch(`${url}/other`)).status).toBe(404)
})

test('has a bounded number of readers, and room again when one goes', async () => {
  const abort = new AbortController()
  const readers = await Promise.all(Array.from({ length: 100 }, () => fetch(url, { signal: abort.signal })))
  expect(readers.every(({ status }) => status === 200)).toBe(true)
  expect((await fetch(url)).status).toBe(503)
  abort.abort()
  await expect.poll(async () => (await fetch(url, { method: 'GET' })).status).toBe(200)
})

test('ends its answers when the server stops', async () => {
  const response = await fetch(url)
  stream.close()
  expect(await response.text()).toBe('retry: 1000\n\n')
})
