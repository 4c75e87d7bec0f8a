import { afterAll, expect, test } from 'vitest'
import { OutboundClient } from '../outbound/outbound-client.ts'
import { parseTargetAllowList } from '../outbound/target-allow-list.ts'
import { startBeaconReceiver } from './beacon-receiver.ts'
import { judge, type BeaconAnswer } from './beacon-transport.ts'
import { outboundTransport } from './outbound-transport.ts'

const client = new OutboundClient({ allowList: parseTargetAllowList('127.0.0.1') ?? [] })
const strict = new OutboundClient({ allowList: [] })
afterAll(() => {
  client.close()
  strict.close()
})

function send(url: string, through = client): Promise<BeaconAnswer> {
  const headers = { 'User-Agent': 'Viewer/1.0', 'X-Forwarded-For': '203.0.113.9' }
  return outboundTransport(through)({ url, headers, timeoutMs: 100 })
}

test('a target hears the viewer, and its answer is told', async () => {
  await using receiver = await startBeaconReceiver()
  expect(await send(`${receiver.address}/x`)).toEqual({ kind: 'answered', status: 204 })
  receiver.answerWith(() => 503)
  expect(await send(`${receiver.address}/x`)).toEqual({ kind: 'answered', status: 503 })
  expect(receiver.received[0]?.headers).toMatchObject({
    'user-agent': 'Viewer/1.0',
    'x-forwarded-for': '203.0.113.9',
  })
})

test('silence, a closed port and a forbidden target are told apart, without the secrets of a URL', async () => {
  const receiver = await startBeaconReceiver()
  receiver.answerWith(() => 'silence')
  expect(await send(`${receiver.address}/x`)).toEqual({ kind: 'timeout' })
  const forbidden = await send(`${receiver.address}/secret?a=secret`, strict)
  expect(forbidden.kind).toBe('refused')
  await receiver[Symbol.asyncDispose]()
  const closed = await send(`${receiver.address}/secret`)
  expect(closed.kind).toBe('failed')
  expect(JSON.stringify([forbidden, closed])).not.toContain('secret')
  expect([forbidden, closed].map(judge)).toEqual(['hopeless', 'failed'])
})

test.each([
  [200, 'arrived'],
  [302, 'arrived'],
  [400, 'hopeless'],
  [404, 'hopeless'],
  [408, 'failed'],
  [429, 'slow'],
  [500, 'failed'],
  [503, 'slow'],
  [504, 'slow'],
  [507, 'slow'],
])('an answer of %i has %s (ssai 3.7)', (status, verdict) => {
  expect(judge({ kind: 'answered', status })).toBe(verdict)
})
