import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateRecordingConfigurationCommand, ListRecordingConfigurationsCommand } from '@aws-sdk/client-ivs'
import type { CreateRecordingConfigurationCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'
import { makeRecordingConfiguration, untilCreated } from './resource-makers.ts'

type Input = Partial<CreateRecordingConfigurationCommandInput>

const bucket = (bucketName: string) => ({ destinationConfiguration: { s3: { bucketName } } })
const create = async (api: ApiFixture, input: Input) => {
  const command = new CreateRecordingConfigurationCommand({ ...bucket('some-bucket'), ...input })
  return (await api.client.send(command)).recordingConfiguration
}

let empty: ApiFixture
beforeAll(async () => {
  empty = await startApi()
})
afterAll(() => empty[Symbol.asyncDispose]())

test('shows every member with its documented default, while it is being created', async () => {
  await using api = await startApi()
  expect(await create(api, {})).toEqual({
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:ivs:${REGION}:${ACCOUNT_ID}:recording-configuration/[a-zA-Z0-9]{12}$`),
    ) as string,
    name: '',
    destinationConfiguration: { s3: { bucketName: 'some-bucket' } },
    state: 'CREATING',
    tags: {},
    thumbnailConfiguration: { recordingMode: 'INTERVAL', targetIntervalSeconds: 60, storage: ['SEQUENTIAL'] },
    recordingReconnectWindowSeconds: 0,
    renditionConfiguration: { renditionSelection: 'ALL' },
  })
})

test.each<Input>([
  {
    name: 'all',
    tags: { a: 'b' },
    recordingReconnectWindowSeconds: 300,
    thumbnailConfiguration: {
      recordingMode: 'INTERVAL',
      targetIntervalSeconds: 1,
      resolution: 'LOWEST_RESOLUTION',
      storage: ['LATEST', 'SEQUENTIAL'],
    },
    renditionConfiguration: { renditionSelection: 'CUSTOM', renditions: ['FULL_HD', 'SD'] },
  },
  {
    name: 'none',
    thumbnailConfiguration: { recordingMode: 'DISABLED' },
    renditionConfiguration: { renditionSelection: 'NONE' },
  },
])('keeps what is given and becomes active: $name', async (input) => {
  await using api = await startApi()
  const created = await create(api, input)
  expect(created).toMatchObject(input)
  expect(await untilCreated(api, created?.arn ?? '')).toEqual({ ...created, state: 'ACTIVE' })
  expect(await readdir(api.bucketsDirectory)).toEqual(['some-bucket'])
})

test('fills in the interval and the storage of thumbnails', async () => {
  await using api = await startApi()
  const created = await create(api, { thumbnailConfiguration: { resolution: 'HD' } })
  expect(created?.thumbnailConfiguration).toEqual({
    recordingMode: 'INTERVAL',
    targetIntervalSeconds: 60,
    storage: ['SEQUENTIAL'],
    resolution: 'HD',
  })
})

test('ends as CREATE_FAILED when the bucket cannot be written', async () => {
  await using api = await startApi()
  await mkdir(api.bucketsDirectory)
  await writeFile(join(api.bucketsDirectory, 'in-the-way'), '')
  const good = await create(api, {})
  const bad = await create(api, bucket('in-the-way'))
  const notABucket = await create(api, bucket('two..dots'))
  expect((await untilCreated(api, bad?.arn ?? '')).state).toBe('CREATE_FAILED')
  expect((await untilCreated(api, notABucket?.arn ?? '')).state).toBe('CREATE_FAILED')
  expect((await untilCreated(api, good?.arn ?? '')).state).toBe('ACTIVE')
})

test('may use a bucket that another one uses', async () => {
  await using api = await startApi()
  const arns = await Promise.all([makeRecordingConfiguration(api), makeRecordingConfiguration(api)])
  for (const arn of arns) expect((await untilCreated(api, arn)).state).toBe('ACTIVE')
})

test('refuses one more than the quota with 402, also when many are asked for at once', async () => {
  await using api = await startApi()
  const outcomes = await Promise.allSettled(Array.from({ length: 23 }, () => create(api, {})))
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(20)
  await expectRefusal(create(api, {}), {
    name: 'ServiceQuotaExceededException',
    status: 402,
    says: 'an account can have 20 recording configurations',
  })
})

test.each<{ says: string; input: object }>([
  { says: 'destinationConfiguration is required', input: { destinationConfiguration: undefined } },
  { says: 'destinationConfiguration.s3 is required', input: { destinationConfiguration: {} } },
  {
    says: 'destinationConfiguration.s3.bucketName is required',
    input: { destinationConfiguration: { s3: { bucketName: null } } },
  },
  {
    says: 'destinationConfiguration.s3.bucketName must be at least 3 characters long',
    input: bucket('ab'),
  },
  {
    says: 'destinationConfiguration.s3.bucketName must be at most 63 characters long',
    input: bucket('b'.repeat(64)),
  },
  { says: 'destinationConfiguration.s3.bucketName must match', input: bucket('../buckets') },
  { says: 'destinationConfiguration.s3.bucketName must match', input: bucket('Bucket') },
  {
    says: 'thumbnailConfiguration.targetIntervalSeconds needs recordingMode INTERVAL',
    input: { thumbnailConfiguration: { recordingMode: 'DISABLED', targetIntervalSeconds: 5 } },
  },
  {
    says: 'thumbnailConfiguration.targetIntervalSeconds must be at least 1',
    input: { thumbnailConfiguration: { targetIntervalSeconds: 0 } },
  },
  {
    says: 'thumbnailConfiguration.targetIntervalSeconds must be at most 60',
    input: { thumbnailConfiguration: { targetIntervalSeconds: 61 } },
  },
  {
    says: 'thumbnailConfiguration.recordingMode must be one of DISABLED, INTERVAL',
    input: { thumbnailConfiguration: { recordingMode: 'ALWAYS' } },
  },
  {
    says: 'thumbnailConfiguration.resolution must be one of SD, HD, FULL_HD, LOWEST_RESOLUTION',
    input: { thumbnailConfiguration: { resolution: '4K' } },
  },
  {
    says: 'thumbnailConfiguration.storage[0] must be one of SEQUENTIAL, LATEST',
    input: { thumbnailConfiguration: { storage: ['NEWEST'] } },
  },
  {
    says: 'recordingReconnectWindowSeconds must be at most 300',
    input: { recordingReconnectWindowSeconds: 301 },
  },
  {
    says: 'recordingReconnectWindowSeconds must be a whole number',
    input: { recordingReconnectWindowSeconds: 1.5 },
  },
  {
    says: 'CUSTOM needs renditions',
    input: { renditionConfiguration: { renditionSelection: 'CUSTOM' } },
  },
  {
    says: 'CUSTOM needs renditions',
    input: { renditionConfiguration: { renditionSelection: 'CUSTOM', renditions: [] } },
  },
  {
    says: 'renditionConfiguration.renditions needs renditionSelection CUSTOM',
    input: { renditionConfiguration: { renditions: ['HD'] } },
  },
  {
    says: 'renditionConfiguration.renditions[1] must be one of',
    input: { renditionConfiguration: { renditionSelection: 'CUSTOM', renditions: ['HD', 'UHD'] } },
  },
  {
    says: 'renditionConfiguration.renditionSelection must be one of ALL, NONE, CUSTOM',
    input: { renditionConfiguration: { renditionSelection: 'SOME' } },
  },
  { says: 'name must match', input: { name: 'a b' } },
  { says: 'reserved prefix aws:', input: { tags: { 'aws:a': '' } } },
])('refuses with 400 and creates nothing: $says', async ({ says, input }) => {
  await expectRefusal(create(empty, input), invalid(says))
  const kept = await empty.client.send(new ListRecordingConfigurationsCommand({}))
  expect(kept.recordingConfigurations).toEqual([])
})
