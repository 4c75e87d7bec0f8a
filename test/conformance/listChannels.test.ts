import { CreateChannelCommand, DeleteChannelCommand, ListChannelsCommand } from '@aws-sdk/client-ivs'
import type { ListChannelsCommandInput } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'
import {
  makeAdConfiguration,
  makeChannel,
  makePolicy,
  makeRecordingConfiguration,
} from './resource-makers.ts'

async function makeChannels(api: ApiFixture, names: readonly string[]): Promise<string[]> {
  const arns: string[] = []
  for (const name of names) {
    const { channel } = await api.client.send(new CreateChannelCommand({ name }))
    arns.push(channel?.arn ?? '')
    api.clock.advance(1)
  }
  return arns
}

const list = (api: ApiFixture, input: ListChannelsCommandInput) =>
  api.client.send(new ListChannelsCommand(input))

test('lists the documented members of a summary and no others, oldest first', async () => {
  await using api = await startApi()
  const [arn] = await makeChannels(api, ['one', 'two'])
  const { channels, nextToken } = await list(api, {})
  expect(channels?.map((channel) => channel.name)).toEqual(['one', 'two'])
  expect(nextToken).toBeUndefined()
  expect(channels?.[0]).toEqual({
    arn,
    name: 'one',
    latencyMode: 'LOW',
    type: 'STANDARD',
    preset: '',
    authorized: false,
    insecureIngest: false,
    recordingConfigurationArn: '',
    playbackRestrictionPolicyArn: '',
    adConfigurationArn: '',
    tags: {},
  })
})

test('answers an empty list when there is nothing', async () => {
  await using api = await startApi()
  expect((await list(api, {})).channels).toEqual([])
})

test('filters by the whole name; an empty filter is none', async () => {
  await using api = await startApi()
  await makeChannels(api, ['cam', 'cam-2', 'cam'])
  expect((await list(api, { filterByName: 'cam' })).channels).toHaveLength(2)
  expect((await list(api, { filterByName: 'ca' })).channels).toHaveLength(0)
  expect((await list(api, { filterByName: '', filterByAdConfigurationArn: '' })).channels).toHaveLength(3)
})

test.each([
  ['filterByRecordingConfigurationArn', 'recording-configuration'],
  ['filterByPlaybackRestrictionPolicyArn', 'playback-restriction-policy'],
  ['filterByAdConfigurationArn', 'ad-configuration'],
])(
  'lists nothing for a %s that no channel has, and refuses it beside a name with 409',
  async (member, type) => {
    await using api = await startApi()
    await makeChannels(api, ['one'])
    const arn = `arn:aws:ivs:${REGION}:${ACCOUNT_ID}:${type}/abcdABCDefgh`
    expect((await list(api, { [member]: arn })).channels).toEqual([])
    await expectRefusal(list(api, { [member]: arn, filterByName: 'one' }), {
      name: 'ConflictException',
      status: 409,
      says: `filterByName and ${member} exclude each other`,
    })
  },
)

test('filters by what channels refer to', async () => {
  await using api = await startApi()
  const references = [
    ['filterByRecordingConfigurationArn', 'recordingConfigurationArn', await makeRecordingConfiguration(api)],
    ['filterByPlaybackRestrictionPolicyArn', 'playbackRestrictionPolicyArn', await makePolicy(api)],
    ['filterByAdConfigurationArn', 'adConfigurationArn', await makeAdConfiguration(api)],
  ] as const
  for (const [filter, member, arn] of references) {
    const channelArn = await makeChannel(api, { [member]: arn })
    const { channels } = await list(api, { [filter]: arn })
    expect(channels?.map((channel) => channel.arn)).toEqual([channelArn])
    expect(channels?.[0]?.[member]).toBe(arn)
  }
})

test('pages show every old channel once while others come and go', async () => {
  await using api = await startApi()
  const arns = await makeChannels(api, ['a', 'b', 'c', 'd', 'e'])
  const seen: string[] = []
  let nextToken: string | undefined = ''
  let turn = 0
  do {
    const page: Awaited<ReturnType<typeof list>> = await list(api, { maxResults: 2, nextToken })
    seen.push(...(page.channels ?? []).map((channel) => channel.arn ?? ''))
    nextToken = page.nextToken
    // The last one shown goes away, and a new one comes: neither moves the place where the next page begins.
    if (turn++ === 0) {
      await api.client.send(new DeleteChannelCommand({ arn: arns[1] }))
      await makeChannels(api, ['f'])
    }
  } while (nextToken !== undefined)
  expect(seen.slice(0, 5)).toEqual(arns)
  expect(seen).toHaveLength(6)
})

test('a page of exactly the rest has no token', async () => {
  await using api = await startApi()
  await makeChannels(api, ['a', 'b'])
  expect((await list(api, { maxResults: 2 })).nextToken).toBeUndefined()
})

test('refuses a token that was altered, or used with other filters, with 400', async () => {
  await using api = await startApi()
  await makeChannels(api, ['same', 'same', 'same'])
  const { nextToken = '' } = await list(api, { maxResults: 1, filterByName: 'same' })
  expect((await list(api, { maxResults: 100, filterByName: 'same', nextToken })).channels).toHaveLength(2)
  const foreign = invalid('nextToken does not belong to this list')
  await expectRefusal(list(api, { nextToken }), foreign)
  for (const altered of [nextToken.slice(0, -4), `A${nextToken}`, 'AAAA', nextToken.replace(/^./, flipped)]) {
    await expectRefusal(list(api, { filterByName: 'same', nextToken: altered }), foreign)
  }
})

test.each([
  [{ maxResults: 0 }, 'maxResults must be at least 1'],
  [{ maxResults: 101 }, 'maxResults must be at most 100'],
  [{ maxResults: 1.5 }, 'maxResults must be a whole number'],
  [{ nextToken: '%' }, 'nextToken must match'],
  [{ nextToken: 'a'.repeat(1025) }, 'nextToken must be at most 1024 characters long'],
])('refuses %o with 400', async (input, says) => {
  await using api = await startApi()
  await expectRefusal(list(api, input), invalid(says))
})

function flipped(character: string): string {
  return character === 'A' ? 'B' : 'A'
}
