import {
  BatchGetChannelCommand,
  CreateChannelCommand,
  DeleteChannelCommand,
  GetChannelCommand,
  ListChannelsCommand,
} from '@aws-sdk/client-ivs'
import type { Channel, CreateChannelCommandInput } from '@aws-sdk/client-ivs'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const RUNS = { numRuns: 60 }

const name = fc.stringMatching(/^[a-zA-Z0-9_-]{0,128}$/)
const tagText = (maxLength: number, minLength: number) =>
  fc.stringMatching(new RegExp(`^[azAZ09 _.:/=+@äß東京мир٣-]{${minLength},${maxLength}}$`))
const tagKey = tagText(128, 1).filter((key) => !key.toLowerCase().startsWith('aws:'))
const tags = fc.dictionary(tagKey, tagText(256, 0), { maxKeys: 50, size: 'medium' })
const policy = fc.constantFrom('ALLOW' as const, 'REQUIRE' as const)
const maximumResolution = fc.constantFrom('SD' as const, 'HD' as const, 'FULL_HD' as const)
const containerFormat = fc.constantFrom('TS' as const, 'FRAGMENTED_MP4' as const)
const preset = fc.constantFrom(
  'HIGHER_BANDWIDTH_DELIVERY' as const,
  'CONSTRAINED_BANDWIDTH_DELIVERY' as const,
)

const anyChannel = {
  name,
  tags,
  latencyMode: fc.constantFrom('NORMAL' as const, 'LOW' as const),
  authorized: fc.boolean(),
  insecureIngest: fc.boolean(),
}

const plain = {
  ...anyChannel,
  containerFormat,
  recordingConfigurationArn: fc.constant(''),
  multitrackInputConfiguration: fc.record(
    { enabled: fc.constant(false), policy, maximumResolution },
    { requiredKeys: [] },
  ),
}

const validInput: fc.Arbitrary<CreateChannelCommandInput> = fc.oneof(
  fc.record({ ...plain, type: fc.constantFrom('BASIC' as const, 'STANDARD' as const) }, { requiredKeys: [] }),
  fc.record(
    { ...plain, type: fc.constantFrom('ADVANCED_SD' as const, 'ADVANCED_HD' as const), preset },
    { requiredKeys: ['type'] },
  ),
  fc.record(
    {
      ...anyChannel,
      containerFormat: fc.constant('FRAGMENTED_MP4' as const),
      multitrackInputConfiguration: fc.record({ enabled: fc.constant(true), policy, maximumResolution }),
    },
    { requiredKeys: ['containerFormat', 'multitrackInputConfiguration'] },
  ),
)

// Each breaks one constraint of one member.
const fault: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({ name: fc.stringMatching(/^[a-z]{0,5}[^a-zA-Z0-9_-][a-z]{0,5}$/) }),
  fc.record({ name: fc.stringMatching(/^[a-z]{129,140}$/) }),
  fc.record({ name: fc.oneof(fc.integer(), fc.boolean(), fc.constant([]), fc.constant({})) }),
  fc.record({ latencyMode: fc.stringMatching(/^[a-z]{0,9}$/) }),
  fc.record({ type: fc.stringMatching(/^[a-z]{0,9}$/) }),
  fc.record({ containerFormat: fc.oneof(fc.stringMatching(/^[a-z]{0,9}$/), fc.integer()) }),
  fc.record({ authorized: fc.oneof(fc.string(), fc.integer(), fc.constant([true])) }),
  fc.record({ insecureIngest: fc.oneof(fc.string(), fc.integer()) }),
  fc.record({ tags: fc.oneof(fc.string(), fc.array(fc.string()), fc.constant({ 'aws:a': 'b' })) }),
  fc.record({ tags: fc.dictionary(fc.stringMatching(/^[#<>"{}]{1,9}$/), fc.string(), { minKeys: 1 }) }),
  fc.record({ multitrackInputConfiguration: fc.oneof(fc.string(), fc.constant({ enabled: 1 })) }),
  fc.record({ recordingConfigurationArn: fc.stringMatching(/^[a-z:]{1,20}$/) }),
)

async function everyChannel(): Promise<Channel[]> {
  const { channels = [] } = await api.client.send(new ListChannelsCommand({}))
  return channels
}

test('every valid channel is shown alike by its creation, GetChannel, BatchGetChannel and ListChannels', async () => {
  await fc.assert(
    fc.asyncProperty(validInput, async (input) => {
      const { channel = {} } = await api.client.send(new CreateChannelCommand(input))
      const { multitrackInputConfiguration, ...asked } = input
      expect(channel).toMatchObject(asked)
      expect(channel.multitrackInputConfiguration).toMatchObject(multitrackInputConfiguration ?? {})
      const { arn } = channel
      expect((await api.client.send(new GetChannelCommand({ arn }))).channel).toEqual(channel)
      const batch = await api.client.send(new BatchGetChannelCommand({ arns: [arn ?? ''] }))
      expect(batch.channels).toEqual([channel])
      const [summary] = await everyChannel()
      expect(channel).toMatchObject(summary ?? {})
      expect(summary?.arn).toBe(arn)
      await api.client.send(new DeleteChannelCommand({ arn }))
    }),
    RUNS,
  )
})

test('every channel with one fault is refused with 400 and leaves nothing behind', async () => {
  await fc.assert(
    fc.asyncProperty(validInput, fault, async (input, broken) => {
      const answer = await api.post('/CreateChannel', JSON.stringify({ ...input, ...broken }))
      const { message } = (await answer.json()) as { message?: string }
      expect([answer.status, answer.headers.get('x-amzn-errortype')]).toEqual([400, 'ValidationException'])
      // The text names the member.
      expect(message).toContain(Object.keys(broken)[0])
      expect(await everyChannel()).toEqual([])
    }),
    RUNS,
  )
})

test('no bytes whatever make the service fail', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('CreateChannel', 'ListChannels', 'BatchGetChannel', 'UpdateChannel', 'ListStreams'),
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.uint8Array().map((bytes) => Uint8Array.from(bytes)),
      ),
      async (operation, body) => {
        const answer = await api.post(`/${operation}`, body)
        expect(answer.status).toBeLessThan(500)
      },
    ),
    { numRuns: 150 },
  )
})
