import {
  CreateAdConfigurationCommand,
  CreateChannelCommand,
  CreatePlaybackRestrictionPolicyCommand,
  CreateRecordingConfigurationCommand,
  CreateStreamKeyCommand,
  DeleteStreamKeyCommand,
  ImportPlaybackKeyPairCommand,
  ListTagsForResourceCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANY_AUTHORIZATION, MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import {
  freshPublicKeyPem,
  makeChannel,
  missingArn,
  playbackConfigurationArn,
  putPlaybackConfigurations,
} from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const list = (resourceArn: string | undefined) =>
  api.client.send(new ListTagsForResourceCommand({ resourceArn }))
const tags = { 'team name': 'straße', empty: '', 'a/b+c=d:e@f': '.' }

test('shows what creation was given, on every type of resource', async () => {
  const { client } = api
  const { channel, streamKey } = await client.send(new CreateChannelCommand({ tags }))
  expect((await list(channel?.arn)).tags).toEqual(tags)
  expect((await list(streamKey?.arn)).tags).toEqual({})
  await client.send(new DeleteStreamKeyCommand({ arn: streamKey?.arn }))
  const key = await client.send(new CreateStreamKeyCommand({ channelArn: channel?.arn, tags }))
  const publicKeyMaterial = freshPublicKeyPem()
  const pair = await client.send(new ImportPlaybackKeyPairCommand({ publicKeyMaterial, tags }))
  const policy = await client.send(new CreatePlaybackRestrictionPolicyCommand({ tags }))
  const destinationConfiguration = { s3: { bucketName: 'some-bucket' } }
  const recording = await client.send(
    new CreateRecordingConfigurationCommand({ destinationConfiguration, tags }),
  )
  await putPlaybackConfigurations(api, ['ads'])
  const mediaTailorPlaybackConfigurations = [{ playbackConfigurationArn: playbackConfigurationArn('ads') }]
  const ads = await client.send(new CreateAdConfigurationCommand({ mediaTailorPlaybackConfigurations, tags }))
  for (const resource of [
    key.streamKey,
    pair.keyPair,
    policy.playbackRestrictionPolicy,
    recording.recordingConfiguration,
    ads.adConfiguration,
  ]) {
    expect((await list(resource?.arn)).tags).toEqual(tags)
  }
})

test('finds the resource whether its ARN is percent-encoded or stands in the path as it is', async () => {
  const arn = await makeChannel(api, { tags: { a: 'b' } })
  for (const path of [encodeURIComponent(arn), arn, arn.replaceAll(':', '%3a')]) {
    const answer = await fetch(`${api.url}/tags/${path}`, { headers: { authorization: ANY_AUTHORIZATION } })
    expect([answer.status, await answer.json()]).toEqual([200, { tags: { a: 'b' } }])
  }
})

test.each([
  'channel',
  'stream-key',
  'playback-key',
  'playback-restriction-policy',
  'recording-configuration',
  'ad-configuration',
] as const)('refuses the ARN of a %s that nobody made with 404', async (resourceType) => {
  await expectRefusal(list(missingArn(resourceType)), notFound(missingArn(resourceType)))
})

test('refuses ARNs of another account or region, or of a type that there is none of, with 404', async () => {
  const arn = await makeChannel(api)
  for (const other of [
    arn.replace('123456789012', '210987654321'),
    arn.replace('us-west-2', 'eu-west-1'),
    arn.replace(':channel/', ':stage/'),
  ]) {
    await expectRefusal(list(other), notFound(other))
  }
})

test.each([
  ['arn', 'resourceArn must match'],
  [`${MISSING_CHANNEL_ARN}/more`, 'resourceArn must match'],
  [`${MISSING_CHANNEL_ARN}${'x'.repeat(128)}`, 'resourceArn must be at most 128 characters long'],
  [playbackConfigurationArn('ads'), 'resourceArn must name a resource of ivs'],
  ['arn:aws:constructor:us-west-2:123456789012:channel/a', 'resourceArn must name a resource of ivs'],
])('refuses %s with 400', async (resourceArn, says) => {
  await expectRefusal(list(resourceArn), invalid(says))
})
