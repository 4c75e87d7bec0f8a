import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { RecordingLogger } from '../../test/harness/recording-logger.ts'
import { createExposition } from './exposition.ts'
import type { ExposedMetric } from './exposition.ts'
import { createMetricsPage } from './metrics-page.ts'

const TOKEN = 'a-token-of-some-length'

async function open(metrics: readonly ExposedMetric[] = [], token?: string) {
  const logger = new RecordingLogger()
  const page = createMetricsPage({ exposition: createExposition(metrics), token, logger })
  const server = createServer((request, response) => {
    if (!page(request, response)) response.writeHead(404).end('somebody else')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    new Promise<{ status: number | undefined; body: string; type: string | undefined }>((resolve, reject) => {
      const request = get({ host: '127.0.0.1', port, path, headers, method }, (response) => {
        text(response).then(
          (body) => resolve({ status: response.statusCode, body, type: response.headers['content-type'] }),
          reject,
        )
      })
      request.on('error', reject)
    })
  return { ask, logger, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

test('prints counters and gauges with their labels, and keeps away from other paths', async () => {
  await using opened = await open([
    {
      name: 'a_total',
      help: 'A.',
      kind: 'counter',
      labels: ['l'],
      read: () => [{ labels: { l: 'x' }, value: 3 }],
    },
    { name: 'b', help: 'B.', kind: 'gauge', labels: [], read: () => Promise.resolve([{ value: 0.5 }]) },
  ])
  // Twice, for what is printed must not grow by being read.
  await opened.ask('/metrics')
  const { status, body, type } = await opened.ask('/metrics')
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8'])
  expect(body).toContain('# HELP a_total A.\n# TYPE a_total counter\na_total{l="x"} 3\n')
  expect(body).toContain('# HELP b B.\n# TYPE b gauge\nb 0.5\n')
  expect((await opened.ask('/metrics?x=1')).status).toBe(200)
  expect(await opened.ask('/metrics', {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
  expect((await opened.ask('/metricsx')).body).toBe('somebody else')
  expect((await opened.ask('/metrics', {}, 'POST')).body).toBe('somebody else')
})

test.each([{ 'x-forwarded-for': '203.0.113.7' }, { forwarded: 'for=203.0.113.7' }, { host: 'evil.example' }])(
  'without a token nobody reads it through a proxy or under a foreign name: %j',
  async (headers) => {
    await using opened = await open()
    expect((await opened.ask('/metrics', headers)).status).toBe(403)
  },
)

test('with a token exactly those who have it read it, from anywhere', async () => {
  await using opened = await open([], TOKEN)
  const forwarded = { 'x-forwarded-for': '203.0.113.7', host: 'live.example.com' }
  expect((await opened.ask('/metrics', { ...forwarded, authorization: `Bearer ${TOKEN}` })).status).toBe(200)
  for (const authorization of ['', `Bearer ${TOKEN}x`, `Basic ${TOKEN}`, TOKEN]) {
    expect((await opened.ask('/metrics', { authorization })).status).toBe(403)
  }
})

test('a value that cannot be read gives a 500 and a log line', async () => {
  const read = () => {
    throw new Error('gone')
  }
  await using opened = await open([{ name: 'a', help: 'A.', kind: 'gauge', labels: [], read }])
  expect((await opened.ask('/metrics')).status).toBe(500)
  await opened.logger.line('metrics could not be printed')
})
