import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import type { Operation } from '../../src/api/operation.ts'
import { ANY_AUTHORIZATION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { schemaOf, send, validInput } from './request-samples.ts'
import type { JsonMap } from './request-samples.ts'
import { oneOfEach } from './stored-state.ts'

const SAMPLES = 25

let api: ApiFixture
let arns: readonly string[] = []
beforeAll(async () => {
  api = await startApi()
  arns = await oneOfEach(api)
})
afterAll(() => api[Symbol.asyncDispose]())

const operations = ivsOperations.map((operation) => [operation.name, operation] as const)

/** Any answer but one that blames the service, and always in the form of the contract. */
async function expectNoFailure(answer: Response): Promise<void> {
  const text = await answer.text()
  expect([200, 204, 400, 402, 404, 409], text).toContain(answer.status)
  if (answer.status === 204) return
  const body = JSON.parse(text) as { readonly message?: string }
  const type = answer.headers.get('x-amzn-errortype')
  expect(body.message?.startsWith(`${String(type)}: `) ?? type === null).toBe(true)
}

async function sendBytes(operation: Operation, body: Uint8Array<ArrayBuffer>): Promise<Response> {
  const path = operation.path.replace(/\{\w+\}/, encodeURIComponent(arns[0] ?? ''))
  const headers = { authorization: ANY_AUTHORIZATION }
  return fetch(api.url + path, {
    method: operation.method,
    headers,
    ...(operation.method !== 'GET' && { body }),
  })
}

test.each(operations)('%s answers any bytes and any JSON without failing', async (_name, operation) => {
  const json = fc.jsonValue().map((value) => new TextEncoder().encode(JSON.stringify(value)))
  const body = fc.oneof(fc.uint8Array({ maxLength: 200 }), json).map((bytes) => new Uint8Array(bytes))
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => expectNoFailure(await sendBytes(operation, bytes))),
    { numRuns: SAMPLES },
  )
})

test.each(operations)('%s answers any values of its members without failing', async (_name, operation) => {
  const members = Object.keys(schemaOf(operation).properties ?? {})
  const anything = fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' }), fc.constantFrom(...arns))
  const odd = fc.record(Object.fromEntries(members.map((name) => [name, anything])), { requiredKeys: [] })
  const input = fc.tuple(validInput(operation, { arns }), odd).map(([valid, changed]): JsonMap => {
    return { ...valid, ...changed }
  })
  await fc.assert(
    fc.asyncProperty(fc.oneof(input, odd), async (values: JsonMap) =>
      expectNoFailure(await send(api, operation, values)),
    ),
    { numRuns: SAMPLES },
  )
})
