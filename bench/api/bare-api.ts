/**
 * A program that answers three operations from the same database with bare Fastify: no signatures, checks or errors.
 *
 * Arguments: data directory. Prints its port.
 */
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { newChannel } from '../../src/domain/channel-rules.ts'
import { newStreamKey } from '../../src/domain/stream-key-rules.ts'
import { openStore } from '../../src/store/index.ts'
import { BENCH_ACCOUNT, BENCH_REGION } from './seeded-store.ts'

const store = await openStore({ dataDir: process.argv[2] ?? '' })
const app = fastify()

app.post<{ Body: { arn: string } }>('/GetChannel', async ({ body }) => ({
  channel: await store.channels.get(BENCH_ACCOUNT, body.arn),
}))

app.post<{ Body: { maxResults: number } }>('/ListChannels', async ({ body }) => {
  const { items } = await store.channels.list(BENCH_ACCOUNT, {}, { after: undefined, limit: body.maxResults })
  return { channels: items }
})

app.post<{ Body: { name: string } }>('/CreateChannel', async ({ body }) => {
  const birth = { region: BENCH_REGION, accountId: BENCH_ACCOUNT, nowMs: Date.now() }
  const channel = newChannel(birth, body)
  const streamKey = newStreamKey(birth, channel.arn)
  await store.channels.create(channel, streamKey, Infinity)
  return { channel, streamKey }
})

await app.listen({ port: 0, host: '127.0.0.1' })
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`)
