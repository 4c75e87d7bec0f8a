import { CreateChannelCommand, GetChannelCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { runHeadwater, startHeadwater } from '../harness/headwater-process.ts'
import { startPostgres, type PostgresServer } from '../harness/postgres-server.ts'
import { testClient } from '../harness/test-server.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await startPostgres({ durable: true })
})
afterAll(() => postgres[Symbol.asyncDispose]())

const passwordOf = (url: string): string => new URL(url).searchParams.get('password') ?? ''

test('a server outlives its PostgreSQL, answers 503 meanwhile, and shows the password nowhere', async () => {
  await using directory = await temporaryDirectory()
  const databaseUrl = await postgres.createDatabase()
  await using server = await startHeadwater(['--data-dir', directory.path, '--log-level', 'debug'], {
    HEADWATER_DATABASE_URL: databaseUrl,
  })
  const client = testClient(server.addresses['api'] ?? '')
  const { channel } = await client.send(new CreateChannelCommand({ name: 'kept' }))
  const getChannel = () => client.send(new GetChannelCommand({ arn: channel?.arn }))

  await postgres.crash()
  await expect(getChannel()).rejects.toMatchObject({
    name: 'ServiceUnavailable',
    $metadata: { httpStatusCode: 503 },
  })
  await postgres.restart()
  // Each connection that died may be met once.
  for (let count = 0; count < 10; count++) await getChannel().catch(() => undefined)
  expect((await getChannel()).channel?.name).toBe('kept')

  client.destroy()
  server.kill('SIGTERM')
  const { exitCode, stdout, stderr } = await server.exited
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  expect(stdout).not.toContain(passwordOf(databaseUrl))
  expect(stdout).not.toContain(encodeURIComponent(passwordOf(databaseUrl)))
})

test('a server that cannot reach PostgreSQL says so in one line and ends with exit code 1', async () => {
  await using directory = await temporaryDirectory()
  const url = new URL(await postgres.createDatabase())
  url.searchParams.set('password', 'not-the-password')
  const { exitCode, stderr } = await runHeadwater(['--data-dir', directory.path, '--database-url', url.href])
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^headwater: PostgreSQL at \S+: password authentication failed [^\n]*\n$/)
})
