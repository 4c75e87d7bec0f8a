import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import type { JsonMap } from './request-samples.ts'
import { faultsOf, send, validInput } from './request-samples.ts'
import { freshPublicKeyPem } from './resource-makers.ts'
import { oneOfEach, storedState } from './stored-state.ts'

const SAMPLES_PER_FAULT = 2

let api: ApiFixture
let arns: readonly string[] = []
beforeAll(async () => {
  api = await startApi()
  arns = await oneOfEach(api)
})
afterAll(() => api[Symbol.asyncDispose]())

// The one member whose form no schema can state.
const PUBLIC_KEY = freshPublicKeyPem()
const withPublicKey = (input: JsonMap): JsonMap =>
  'publicKeyMaterial' in input ? { ...input, publicKeyMaterial: PUBLIC_KEY } : input

const withMembers = ivsOperations.filter((operation) => faultsOf(operation).length > 0)

test('every operation has constraints to break', () => {
  expect(withMembers).toHaveLength(41)
})

test.each(withMembers.map((operation) => [operation.name, operation] as const))(
  '%s refuses what breaks a constraint, names member, fault and limit, and changes nothing',
  async (_name, operation) => {
    const before = await storedState(api)
    const valid = validInput(operation, { arns, complete: true }).map(withPublicKey)
    for (const fault of faultsOf(operation)) {
      const requests = valid.chain((input) => fault.inject(input))
      await fc.assert(
        fc.asyncProperty(requests, async (input) => {
          const answer = await send(api, operation, input)
          const { message } = (await answer.json()) as { message?: string }
          expect({ status: answer.status, message }, fault.title).toEqual({
            status: 400,
            message: expect.stringContaining(`ValidationException: ${fault.says}`) as string,
          })
        }),
        { numRuns: SAMPLES_PER_FAULT },
      )
    }
    expect(await storedState(api)).toEqual(before)
  },
)
