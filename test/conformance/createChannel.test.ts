import { CreateChannelCommand, ListChannelsCommand } from '@aws-sdk/client-ivs'
import type { CreateChannelCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeAdConfiguration, makePolicy, makeRecordingConfiguration } from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const create = (input: CreateChannelCommandInput) => api.client.send(new CreateChannelCommand(input))

test('shows every member of a bare channel with its documented default', async () => {
  const { channel, streamKey } = await create({})
  const { arn = '', srt, ...rest } = channel ?? {}
  expect(arn).toMatch(new RegExp(`^arn:aws:ivs:${REGION}:${ACCOUNT_ID}:channel/[a-zA-Z0-9]{12}$`))
  expect(srt?.endpoint).toBe('127.0.0.1')
  expect(srt?.passphrase).toMatch(/^[a-zA-Z0-9]{69}$/)
  expect(rest).toEqual({
    name: '',
    latencyMode: 'LOW',
    type: 'STANDARD',
    recordingConfigurationArn: '',
    ingestEndpoint: '127.0.0.1',
    playbackUrl: `${api.url}/api/video/v1/${REGION}.${ACCOUNT_ID}.channel.${arn.split('/')[1]}.m3u8`,
    authorized: false,
    tags: {},
    insecureIngest: false,
    preset: '',
    playbackRestrictionPolicyArn: '',
    multitrackInputConfiguration: { enabled: false, policy: 'ALLOW', maximumResolution: 'FULL_HD' },
    containerFormat: 'TS',
    adConfigurationArn: '',
  })
  expect(streamKey).toEqual({
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:ivs:${REGION}:${ACCOUNT_ID}:stream-key/[a-zA-Z0-9]{12}$`),
    ) as string,
    value: expect.stringMatching(/^sk_us-west-2_[a-zA-Z0-9]{24}$/) as string,
    channelArn: arn,
    tags: {},
  })
})

test('gives the tags to the channel and none to its stream key', async () => {
  const tags = { 'team name': 'straße', empty: '' }
  const { channel, streamKey } = await create({ tags })
  expect([channel?.tags, streamKey?.tags]).toEqual([tags, {}])
})

test('fills in the preset of an ADVANCED channel', async () => {
  const { channel } = await create({ type: 'ADVANCED_HD' })
  expect(channel?.preset).toBe('HIGHER_BANDWIDTH_DELIVERY')
})

test('makes a multitrack channel when everything it needs is given', async () => {
  const multitrackInputConfiguration = { enabled: true, policy: 'REQUIRE', maximumResolution: 'HD' } as const
  const { channel } = await create({ multitrackInputConfiguration, containerFormat: 'FRAGMENTED_MP4' })
  expect(channel?.multitrackInputConfiguration).toEqual(multitrackInputConfiguration)
})

const FMP4 = { containerFormat: 'FRAGMENTED_MP4' } as const
const MULTITRACK = { enabled: true, policy: 'ALLOW', maximumResolution: 'HD' } as const
const AD_ARN = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:ad-configuration/abcdABCDefgh`

test.each<{ says: string; input: object }>([
  { says: 'name must be at most 128 characters long', input: { name: 'n'.repeat(129) } },
  { says: 'name must match', input: { name: 'no spaces' } },
  { says: 'latencyMode must be one of NORMAL, LOW', input: { latencyMode: 'ULTRA' } },
  { says: 'type must be one of BASIC, STANDARD', input: { type: 'basic' } },
  { says: 'authorized must be of type boolean', input: { authorized: 'yes' } },
  { says: 'recordingConfigurationArn must match', input: { recordingConfigurationArn: 'arn' } },
  { says: 'tags must have at most 50 entries', input: { tags: manyTags(51) } },
  { says: 'a key in tags must be at most 128 characters long', input: { tags: { ['k'.repeat(129)]: '' } } },
  { says: 'a key in tags must be at least 1 characters long', input: { tags: { '': 'v' } } },
  { says: 'a value in tags must be at most 256 characters long', input: { tags: { k: 'v'.repeat(257) } } },
  { says: 'a value in tags must match', input: { tags: { k: '#' } } },
  { says: 'reserved prefix aws:', input: { tags: { 'AWS:x': 'v' } } },
  { says: 'preset needs type ADVANCED_SD or ADVANCED_HD', input: { preset: 'HIGHER_BANDWIDTH_DELIVERY' } },
  {
    says: 'needs type STANDARD',
    input: { ...FMP4, type: 'BASIC', multitrackInputConfiguration: MULTITRACK },
  },
  { says: 'needs containerFormat FRAGMENTED_MP4', input: { multitrackInputConfiguration: MULTITRACK } },
  {
    says: 'needs multitrackInputConfiguration.policy',
    input: { ...FMP4, multitrackInputConfiguration: { enabled: true, maximumResolution: 'HD' } },
  },
  {
    says: 'needs multitrackInputConfiguration.maximumResolution',
    input: { ...FMP4, multitrackInputConfiguration: { enabled: true, policy: 'ALLOW' } },
  },
  {
    says: 'multitrackInputConfiguration.policy must be one of',
    input: { multitrackInputConfiguration: { policy: 'DENY' } },
  },
  { says: 'adConfigurationArn needs containerFormat TS', input: { ...FMP4, adConfigurationArn: AD_ARN } },
])('refuses with 400: $says', async ({ says, input }) => {
  const before = await api.client.send(new ListChannelsCommand({}))
  await expectRefusal(create(input), invalid(says))
  const after = await api.client.send(new ListChannelsCommand({}))
  expect(after.channels).toEqual(before.channels)
})

test.each([
  ['recordingConfigurationArn', 'recording-configuration'],
  ['playbackRestrictionPolicyArn', 'playback-restriction-policy'],
  ['adConfigurationArn', 'ad-configuration'],
])('refuses a %s that nobody made with 404', async (member, resourceType) => {
  const arn = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:${resourceType}/abcdABCDefgh`
  await expectRefusal(create({ [member]: arn }), notFound(arn))
})

test('refers to what the account has, also while a recording configuration is being created', async () => {
  const references = {
    recordingConfigurationArn: await makeRecordingConfiguration(api),
    playbackRestrictionPolicyArn: await makePolicy(api),
    adConfigurationArn: await makeAdConfiguration(api),
  }
  expect((await create(references)).channel).toMatchObject(references)
})

test("refuses another account's policy with 404", async () => {
  const arn = (await makePolicy(api)).replace(ACCOUNT_ID, '210987654321')
  await expectRefusal(create({ playbackRestrictionPolicyArn: arn }), notFound(arn))
})

test('refuses one channel more than the quota with 402, also when many are asked for at once', async () => {
  await using small = await startApi({ channels: 3, streamKeysPerChannel: 1 })
  const calls = Array.from({ length: 8 }, () => small.client.send(new CreateChannelCommand({})))
  const outcomes = await Promise.allSettled(calls)
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3)
  await expectRefusal(small.client.send(new CreateChannelCommand({})), {
    name: 'ServiceQuotaExceededException',
    status: 402,
    says: 'an account can have 3 channels',
  })
})

function manyTags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
}
