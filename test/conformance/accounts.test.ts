import * as sdk from '@aws-sdk/client-ivs'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ivsOperations } from '../../src/api/ivs/ivs-operations.ts'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { validInput, without } from './request-samples.ts'
import type { JsonMap } from './request-samples.ts'
import { oneOfEach, storedState } from './stored-state.ts'

const OWNER = { id: 'AKIDOWNER', secret: 'secret of the owner', account: ACCOUNT_ID }
const STRANGER = { id: 'AKIDSTRANGER', secret: 'secret of the stranger', account: '210987654321' }

/** Any call of the client; which one is chosen by name. */
type Call = new (input: object) => Parameters<sdk.IvsClient['send']>[0]

let api: ApiFixture
let arns: readonly string[] = []
beforeAll(async () => {
  api = await startApi(undefined, [OWNER, STRANGER])
  api.clock.advance(Date.now() - api.clock.nowMs())
  arns = await oneOfEach({ ...api, client: clientOf(OWNER) })
  api.goLive(arns[0] ?? '')
})
afterAll(() => api[Symbol.asyncDispose]())

function clientOf({ id, secret }: typeof OWNER): sdk.IvsClient {
  const credentials = { accessKeyId: id, secretAccessKey: secret }
  return new sdk.IvsClient({ endpoint: api.url, region: REGION, credentials, maxAttempts: 1 })
}

/** What the stranger gets for a request that names the owner's resources wherever it can. */
async function askAsStranger(operation: (typeof ivsOperations)[number]): Promise<unknown> {
  const [input = {}] = fc.sample(validInput(operation, { arns, complete: true }), { numRuns: 1, seed: 1 })
  const members = operation.name === 'CreateChannel' ? onlyArns(input) : without(input, 'nextToken')
  const Command = (sdk as unknown as Record<string, Call>)[`${operation.name}Command`]
  if (!Command) throw new Error(`the SDK has no ${operation.name}Command`)
  const client = clientOf(STRANGER)
  try {
    return without((await client.send(new Command(members))) as unknown as JsonMap, '$metadata')
  } catch (error) {
    if (error instanceof sdk.IvsServiceException) return error.name
    throw error
  } finally {
    client.destroy()
  }
}

// The other members of a channel need not go together.
function onlyArns(input: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(input).filter(([name]) => name.endsWith('Arn')))
}

const namesArn = (operation: (typeof ivsOperations)[number]): boolean =>
  JSON.stringify(operation.input).includes('arn:aws:ivs:') || operation.path.startsWith('/tags/')
const isBatch = ({ name }: { readonly name: string }): boolean => name.startsWith('Batch')
const isList = ({ name }: { readonly name: string }): boolean => name.startsWith('List')

test.each(
  ivsOperations
    .filter((one) => namesArn(one) && !isBatch(one) && one.name !== 'ListChannels')
    .map((one) => [one.name, one] as const),
)('%s finds nothing of another account, and changes nothing there', async (_name, operation) => {
  const before = await storedState(api)
  expect(await askAsStranger(operation)).toBe('ResourceNotFoundException')
  expect(await storedState(api)).toEqual(before)
})

test.each(ivsOperations.filter(isBatch).map((one) => [one.name, one] as const))(
  '%s has nothing but errors for another account',
  async (_name, operation) => {
    const before = await storedState(api)
    const { errors, ...found } = (await askAsStranger(operation)) as Record<string, readonly unknown[]>
    expect(errors?.length).toBeGreaterThan(0)
    expect([found['channels'] ?? [], found['streamKeys'] ?? []]).toEqual([[], []])
    expect(await storedState(api)).toEqual(before)
  },
)

test.each(
  ivsOperations.filter((one) => isList(one) && !namesArn(one)).map((one) => [one.name, one] as const),
)('%s lists nothing of another account', async (_name, operation) => {
  const answer = (await askAsStranger(operation)) as Record<string, unknown>
  expect(Object.values(answer)).toEqual([[]])
})

test('ListChannels lists nothing of another account, with and without a filter', async () => {
  const client = clientOf(STRANGER)
  expect((await client.send(new sdk.ListChannelsCommand({}))).channels).toEqual([])
  expect((await client.send(new sdk.ListChannelsCommand({ filterByName: 'kept' }))).channels).toEqual([])
})
