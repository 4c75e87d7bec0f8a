/**
 * One PostgreSQL server for all test files of a run, started when the first of them asks.
 *
 * Runs beside the tests (Vitest's global set-up); they ask over HTTP, see `databases.ts`. `POST /` makes a database and
 * answers its URL, `DELETE /` removes the one whose URL is the body.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { TestProject } from 'vitest/node'
import { startPostgres, type PostgresServer } from './postgres-server.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** URL of this provider. */
    readonly postgresProvider: string
  }
}

/** Called by Vitest before the first test; the result is called after the last. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined
  const provider = createServer((request, response) => {
    server ??= startPostgres()
    server
      .then((postgres) => answer(postgres, request, response))
      .catch((error: unknown) => {
        response.writeHead(500).end(String(error))
      })
  })
  await once(provider.listen(0, '127.0.0.1'), 'listening')
  project.provide('postgresProvider', `http://127.0.0.1:${(provider.address() as AddressInfo).port}`)
  return async () => {
    provider.close()
    provider.closeAllConnections()
    await (await server)?.[Symbol.asyncDispose]()
  }
}

async function answer(
  postgres: PostgresServer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'DELETE') {
    await postgres.dropDatabase(await text(request))
    response.end()
  } else response.end(await postgres.createDatabase())
}
