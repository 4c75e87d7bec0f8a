import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mediaTailorOperations } from '../../../src/api/mediatailor/mediatailor-operations.ts'
import type { Operation } from '../../../src/api/operation.ts'
import { ANY_AUTHORIZATION, startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { schemaOf } from '../request-samples.ts'
import { playbackConfigurationArn, putPlaybackConfigurations } from '../resource-makers.ts'

const SAMPLES = 25
const AUTHORIZATION = ANY_AUTHORIZATION.replace('/ivs/', '/mediatailor/')

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
  await putPlaybackConfigurations(api, ['ads'])
})
afterAll(() => api[Symbol.asyncDispose]())

/** Any answer but one that blames the service, and always in the form of the contract. */
async function expectNoFailure({ method, path }: Operation, body: string | Uint8Array<ArrayBuffer>) {
  const place = path
    .replace('{ResourceArn}', encodeURIComponent(playbackConfigurationArn('ads')))
    .replaceAll(/\{\w+\}/g, 'ads')
  const headers = { authorization: AUTHORIZATION }
  const answer = await fetch(api.url + place, { method, headers, ...(method !== 'GET' && { body }) })
  const text = await answer.text()
  expect([200, 204, 400, 404, 409], text).toContain(answer.status)
  if (answer.ok) return
  expect(JSON.parse(text)).toEqual({ Message: expect.any(String) as string })
  expect(answer.headers.get('x-amzn-errortype')).toMatch(/Exception$/)
}

const operations = mediaTailorOperations.map((operation) => [operation.name, operation] as const)

test.each(operations)('%s answers any bytes and any members without failing', async (_name, operation) => {
  const members = Object.keys(schemaOf(operation).properties ?? {})
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('https://a/', 'ads', 'SINGLE', 'PLAYER_SELECT'),
    fc.dictionary(fc.constantFrom('EndTime', 'StartTime', 'Mode', 'Value', 'HttpRequest'), fc.jsonValue()),
  )
  const json = fc
    .record(Object.fromEntries(members.map((name) => [name, anything])), { requiredKeys: [] })
    .map((input) => JSON.stringify(input))
  const bytes = fc.uint8Array({ maxLength: 200 }).map((some) => new Uint8Array(some))
  await fc.assert(
    fc.asyncProperty(fc.oneof(json, bytes), (body) => expectNoFailure(operation, body)),
    { numRuns: SAMPLES },
  )
})
