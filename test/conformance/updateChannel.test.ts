import { CreateChannelCommand, GetChannelCommand, UpdateChannelCommand } from '@aws-sdk/client-ivs'
import type { Channel, CreateChannelCommandInput, UpdateChannelCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, MISSING_CHANNEL_ARN, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeAdConfiguration } from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

async function create(input: CreateChannelCommandInput): Promise<Channel> {
  const { channel } = await api.client.send(new CreateChannelCommand(input))
  return channel ?? {}
}
const update = (input: UpdateChannelCommandInput) => api.client.send(new UpdateChannelCommand(input))
const get = async (arn: string | undefined) => (await api.client.send(new GetChannelCommand({ arn }))).channel

test('changes what is given, keeps the rest, and answers with the channel alone', async () => {
  const before = await create({ name: 'old', insecureIngest: true, tags: { a: 'b' } })
  const answer = await update({ arn: before.arn, name: 'new', latencyMode: 'NORMAL', authorized: true })
  expect(answer.channel).toEqual({ ...before, name: 'new', latencyMode: 'NORMAL', authorized: true })
  expect(answer).not.toHaveProperty('streamKey')
  expect(await get(before.arn)).toEqual(answer.channel)
})

test('changes nothing when nothing is given', async () => {
  const before = await create({ name: 'same' })
  expect((await update({ arn: before.arn })).channel).toEqual(before)
})

test('lets the preset follow the type', async () => {
  const { arn } = await create({ type: 'ADVANCED_SD', preset: 'CONSTRAINED_BANDWIDTH_DELIVERY' })
  expect((await update({ arn, type: 'ADVANCED_HD' })).channel?.preset).toBe('CONSTRAINED_BANDWIDTH_DELIVERY')
  expect((await update({ arn, type: 'BASIC' })).channel?.preset).toBe('')
  expect((await update({ arn, type: 'ADVANCED_HD' })).channel?.preset).toBe('HIGHER_BANDWIDTH_DELIVERY')
})

test('switches multitrack off with enabled alone', async () => {
  const { arn } = await create({
    containerFormat: 'FRAGMENTED_MP4',
    multitrackInputConfiguration: { enabled: true, policy: 'REQUIRE', maximumResolution: 'SD' },
  })
  const { channel } = await update({ arn, multitrackInputConfiguration: { enabled: false } })
  expect(channel?.multitrackInputConfiguration?.enabled).toBe(false)
})

test('holds the combined result to the rules, and changes nothing when it breaks them', async () => {
  const before = await create({
    containerFormat: 'FRAGMENTED_MP4',
    multitrackInputConfiguration: { enabled: true, policy: 'ALLOW', maximumResolution: 'HD' },
  })
  const { arn } = before
  await expectRefusal(update({ arn, type: 'BASIC' }), invalid('needs type STANDARD'))
  await expectRefusal(update({ arn, containerFormat: 'TS' }), invalid('needs containerFormat FRAGMENTED_MP4'))
  await expectRefusal(update({ arn, preset: 'HIGHER_BANDWIDTH_DELIVERY' }), invalid('preset needs type'))
  expect(await get(arn)).toEqual(before)
})

test('refuses references to what nobody made with 404; an empty one detaches', async () => {
  const { arn } = await create({})
  const policy = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:playback-restriction-policy/abcdABCDefgh`
  await expectRefusal(update({ arn, playbackRestrictionPolicyArn: policy }), notFound(policy))
  const { channel } = await update({ arn, playbackRestrictionPolicyArn: '', recordingConfigurationArn: '' })
  expect(channel?.playbackRestrictionPolicyArn).toBe('')
})

test('never lets an ad configuration and FRAGMENTED_MP4 meet', async () => {
  const adConfigurationArn = await makeAdConfiguration(api)
  const says = invalid('adConfigurationArn needs containerFormat TS')
  const withAds = await create({ adConfigurationArn })
  await expectRefusal(update({ arn: withAds.arn, containerFormat: 'FRAGMENTED_MP4' }), says)
  const withMp4 = await create({ containerFormat: 'FRAGMENTED_MP4' })
  await expectRefusal(update({ arn: withMp4.arn, adConfigurationArn }), says)
  const { channel } = await update({
    arn: withAds.arn,
    adConfigurationArn: '',
    containerFormat: 'FRAGMENTED_MP4',
  })
  expect(channel).toMatchObject({ adConfigurationArn: '', containerFormat: 'FRAGMENTED_MP4' })
})

test('refuses a channel that a publisher holds with 409, playable or not', async () => {
  const before = await create({ name: 'held' })
  api.holdChannel(before.arn ?? '')
  await expectRefusal(update({ arn: before.arn, name: 'new' }), {
    name: 'ConflictException',
    status: 409,
    says: 'is live',
  })
  expect(await get(before.arn)).toEqual(before)
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  await expectRefusal(update({ arn: MISSING_CHANNEL_ARN, name: 'x' }), notFound(MISSING_CHANNEL_ARN))
  await expectRefusal(update({ arn: undefined, name: 'x' }), invalid('arn is required'))
})

test('loses none of many changes at once', async () => {
  const { arn } = await create({})
  await Promise.all([
    update({ arn, name: 'n' }),
    update({ arn, latencyMode: 'NORMAL' }),
    update({ arn, authorized: true }),
    update({ arn, insecureIngest: true }),
    update({ arn, containerFormat: 'FRAGMENTED_MP4' }),
  ])
  expect(await get(arn)).toMatchObject({
    name: 'n',
    latencyMode: 'NORMAL',
    authorized: true,
    insecureIngest: true,
    containerFormat: 'FRAGMENTED_MP4',
  })
})
