/**
 * Resources through the program as operators run it: what a crash may leave behind, and the paths of tags behind the
 * port that they share with the console.
 */
import {
  CreateRecordingConfigurationCommand,
  GetRecordingConfigurationCommand,
  IvsClient,
  ListTagsForResourceCommand,
  TagResourceCommand,
} from '@aws-sdk/client-ivs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { newRecordingConfiguration } from '../../src/domain/recording-configuration.ts'
import { openStore } from '../../src/store/index.ts'
import { temporaryDirectory } from '../../src/store/store-fixture.ts'
import { startHeadwater } from '../harness/headwater-process.ts'
import type { HeadwaterProcess } from '../harness/headwater-process.ts'

const REGION = 'us-west-2'
const ACCOUNT_ID = '123456789012'
const IDENTITY = ['--region', REGION, '--account', ACCOUNT_ID]
const LOOK_AGAIN_MS = 20
const MAX_LOOKS = 250

function clientOf(server: HeadwaterProcess): IvsClient {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' }
  return new IvsClient({ endpoint: server.addresses['api'] ?? '', region: REGION, credentials })
}

async function stateOnceCreated(client: IvsClient, arn: string): Promise<string> {
  for (let look = 0; look < MAX_LOOKS; look++) {
    const { recordingConfiguration } = await client.send(new GetRecordingConfigurationCommand({ arn }))
    const state = recordingConfiguration?.state ?? ''
    if (state !== 'CREATING') return state
    await delay(LOOK_AGAIN_MS)
  }
  return 'CREATING'
}

test('takes a recording configuration into use that a crash left in CREATING', async () => {
  await using directory = await temporaryDirectory()
  const birth = { region: REGION, accountId: ACCOUNT_ID, nowMs: 1 }
  const configuration = newRecordingConfiguration(birth, { bucketName: 'left-behind' })
  {
    await using store = await openStore({ dataDir: directory.path })
    await store.recordingConfigurations.create(configuration, 20)
  }
  await using server = await startHeadwater(['--data-dir', directory.path, ...IDENTITY])
  expect(await stateOnceCreated(clientOf(server), configuration.arn)).toBe('ACTIVE')
})

test('a kill right after the answer loses nothing and leaves nothing in CREATING', async () => {
  await using directory = await temporaryDirectory()
  const first = await startHeadwater(['--data-dir', directory.path, ...IDENTITY])
  const destinationConfiguration = { s3: { bucketName: 'some-bucket' } }
  const created = await clientOf(first).send(
    new CreateRecordingConfigurationCommand({ destinationConfiguration }),
  )
  await first[Symbol.asyncDispose]()

  await using second = await startHeadwater(['--data-dir', directory.path, ...IDENTITY])
  const client = clientOf(second)
  const resourceArn = created.recordingConfiguration?.arn ?? ''
  expect(await stateOnceCreated(client, resourceArn)).toBe('ACTIVE')
  await client.send(new TagResourceCommand({ resourceArn, tags: { a: 'b' } }))
  expect((await client.send(new ListTagsForResourceCommand({ resourceArn }))).tags).toEqual({ a: 'b' })
})
