import {
  CreateAdConfigurationCommand,
  GetAdConfigurationCommand,
  UpdateAdConfigurationCommand,
} from '@aws-sdk/client-ivs'
import { PutPlaybackConfigurationCommand } from '@aws-sdk/client-mediatailor'
import type { UpdateAdConfigurationCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import {
  makeChannel,
  missingArn,
  playbackConfigurationArn,
  putPlaybackConfigurations,
} from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
  await putPlaybackConfigurations(api, ['a', 'b', 'c', 'd'])
})
afterAll(() => api[Symbol.asyncDispose]())

const listOf = (...names: readonly string[]) =>
  names.map((name) => ({ playbackConfigurationArn: playbackConfigurationArn(name) }))
const BEFORE = {
  name: 'before',
  mediaTailorPlaybackConfigurations: listOf('a', 'b'),
  postRollConfiguration: { enabled: true, durationSeconds: 30 },
  tags: { a: 'b' },
}

async function create(): Promise<string> {
  const { adConfiguration } = await api.client.send(new CreateAdConfigurationCommand(BEFORE))
  return adConfiguration?.arn ?? ''
}
const update = async (input: UpdateAdConfigurationCommandInput) =>
  (await api.client.send(new UpdateAdConfigurationCommand(input))).adConfiguration
const get = async (arn: string) =>
  (await api.client.send(new GetAdConfigurationCommand({ arn }))).adConfiguration

test('changes what is given, keeps the rest, and replaces the list whole', async () => {
  const arn = await create()
  const list = listOf('c', 'a')
  const changed = await update({ arn, mediaTailorPlaybackConfigurations: list })
  expect(changed).toEqual({ ...BEFORE, arn, mediaTailorPlaybackConfigurations: list })
  const postRollConfiguration = { enabled: false, durationSeconds: 1 }
  const again = await update({ arn, name: '', postRollConfiguration })
  expect(again).toEqual({ ...changed, name: '', postRollConfiguration })
  expect(await get(arn)).toEqual(again)
  expect(await update({ arn })).toEqual(again)
})

test('works while a live channel uses it', async () => {
  const arn = await create()
  api.goLive(await makeChannel(api, { adConfigurationArn: arn }))
  expect(await update({ arn, name: 'while-live' })).toMatchObject({ name: 'while-live' })
})

test('refuses what CreateAdConfiguration refuses with 400, and changes nothing', async () => {
  const arn = await create()
  const lists = [
    { list: [], says: 'at least 1 items' },
    { list: listOf('a', 'b', 'c', 'd'), says: 'at most 3 items' },
    { list: listOf('a', 'a'), says: 'twice' },
  ]
  for (const { list, says } of lists) {
    await expectRefusal(update({ arn, mediaTailorPlaybackConfigurations: list }), invalid(says))
  }
  const postRollConfiguration = {
    enabled: true,
  } as UpdateAdConfigurationCommandInput['postRollConfiguration']
  await expectRefusal(update({ arn, postRollConfiguration }), invalid('durationSeconds is required'))
  await expectRefusal(update({ arn, name: 'a b' }), invalid('name must match'))
  expect(await get(arn)).toEqual({ ...BEFORE, arn })
})

test("refuses another account's playback configuration with 404, and changes nothing", async () => {
  const arn = await create()
  const theirs = playbackConfigurationArn('theirs', '210987654321')
  const list = [{ playbackConfigurationArn: theirs }]
  await expectRefusal(update({ arn, name: 'x', mediaTailorPlaybackConfigurations: list }), notFound(theirs))
  expect(await get(arn)).toEqual({ ...BEFORE, arn })
})

test('refuses playback configurations that channels cannot use with 400, and changes nothing', async () => {
  const arn = await create()
  await api.mediaTailor.send(
    new PutPlaybackConfigurationCommand({
      Name: 'stitched',
      VideoContentSourceUrl: `${api.url}/`,
      AdDecisionServerUrl: 'https://ads.example.com/',
    }),
  )
  await expectRefusal(
    update({ arn, name: 'x', mediaTailorPlaybackConfigurations: listOf('a', 'stitched') }),
    invalid('the playback configuration stitched needs InsertionMode PLAYER_SELECT'),
  )
  expect(await get(arn)).toEqual({ ...BEFORE, arn })
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  const arn = missingArn('ad-configuration')
  await expectRefusal(update({ arn, name: 'x' }), notFound(arn))
  await expectRefusal(update({ arn: undefined, name: 'x' }), invalid('arn is required'))
})
