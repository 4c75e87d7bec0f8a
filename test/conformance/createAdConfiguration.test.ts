import {
  CreateAdConfigurationCommand,
  GetAdConfigurationCommand,
  ListAdConfigurationsCommand,
} from '@aws-sdk/client-ivs'
import type { CreateAdConfigurationCommandInput } from '@aws-sdk/client-ivs'
import { PutPlaybackConfigurationCommand } from '@aws-sdk/client-mediatailor'
import type { PutPlaybackConfigurationCommandInput } from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { playbackConfigurationArn, putPlaybackConfigurations } from './resource-makers.ts'

type Input = Partial<CreateAdConfigurationCommandInput>

const named = (...names: readonly string[]) => ({
  mediaTailorPlaybackConfigurations: names.map((name) => ({
    playbackConfigurationArn: playbackConfigurationArn(name),
  })),
})
const create = async (api: ApiFixture, input: Input) => {
  const command = new CreateAdConfigurationCommand({ ...named('one'), ...input })
  return (await api.client.send(command)).adConfiguration
}

const start = async (): Promise<ApiFixture> => {
  const api = await startApi()
  await putPlaybackConfigurations(api, ['one', 'first', 'second', 'Third-3', 'ours', 'a', 'b', 'c', 'd'])
  return api
}

async function putPlaybackConfiguration(
  api: ApiFixture,
  input: Partial<PutPlaybackConfigurationCommandInput>,
): Promise<void> {
  await api.mediaTailor.send(
    new PutPlaybackConfigurationCommand({
      Name: 'wrong',
      VideoContentSourceUrl: `${api.url}/`,
      AdDecisionServerUrl: 'https://ads.example.com/',
      InsertionMode: 'PLAYER_SELECT',
      ...input,
    }),
  )
}

let empty: ApiFixture
beforeAll(async () => {
  empty = await start()
})
afterAll(() => empty[Symbol.asyncDispose]())

test('shows every member with its default: no post-roll, 15 seconds', async () => {
  await using api = await start()
  expect(await create(api, {})).toEqual({
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:ivs:${REGION}:${ACCOUNT_ID}:ad-configuration/[a-zA-Z0-9]{12}$`),
    ) as string,
    name: '',
    ...named('one'),
    postRollConfiguration: { enabled: false, durationSeconds: 15 },
    tags: {},
  })
})

test('keeps what is given, and the order of the playback configurations', async () => {
  await using api = await start()
  const input = {
    ...named('second', 'first', 'Third-3'),
    name: 'ads',
    postRollConfiguration: { enabled: true, durationSeconds: 300 },
    tags: { a: 'b' },
  }
  const created = await create(api, input)
  expect(created).toEqual({ ...input, arn: created?.arn })
  const kept = await api.client.send(new GetAdConfigurationCommand({ arn: created?.arn ?? '' }))
  expect(kept.adConfiguration).toEqual(created)
})

test('refuses a playback configuration that nobody made with 404', async () => {
  const elsewhere = playbackConfigurationArn('one').replace(REGION, 'eu-west-1')
  for (const arn of [playbackConfigurationArn('none'), elsewhere]) {
    const list = [{ playbackConfigurationArn: arn }]
    await expectRefusal(create(empty, { mediaTailorPlaybackConfigurations: list }), notFound(arn))
  }
})

test.each([
  ['the URL of a channel', '/api/video/v1/us-west-2.123456789012.channel.abc.m3u8'],
  ['this server without its slash', ''],
])('refuses a playback configuration whose content source is %s with 400', async (_what, path) => {
  await using api = await start()
  await putPlaybackConfiguration(api, { VideoContentSourceUrl: `${api.url}${path}` })
  await expectRefusal(
    create(api, named('one', 'wrong')),
    invalid(`the playback configuration wrong needs VideoContentSourceUrl ${api.url}/`),
  )
})

test.each(['STITCHED_ONLY', undefined] as const)(
  'refuses a playback configuration with InsertionMode %s with 400',
  async (InsertionMode) => {
    await using api = await start()
    await putPlaybackConfiguration(api, { InsertionMode })
    await expectRefusal(
      create(api, named('wrong')),
      invalid('the playback configuration wrong needs InsertionMode PLAYER_SELECT'),
    )
    expect((await api.client.send(new ListAdConfigurationsCommand({}))).adConfigurations).toEqual([])
  },
)

test("refuses another account's playback configuration with 404, and creates nothing", async () => {
  await using api = await start()
  await putPlaybackConfigurations(api, ['theirs'], '210987654321')
  const arn = playbackConfigurationArn('theirs', '210987654321')
  const { mediaTailorPlaybackConfigurations } = named('ours')
  const list = [...mediaTailorPlaybackConfigurations, { playbackConfigurationArn: arn }]
  await expectRefusal(create(api, { mediaTailorPlaybackConfigurations: list }), notFound(arn))
  expect((await api.client.send(new ListAdConfigurationsCommand({}))).adConfigurations).toEqual([])
})

test('refuses one more than the quota with 402, also when many are asked for at once', async () => {
  await using api = await start()
  const outcomes = await Promise.allSettled(Array.from({ length: 23 }, () => create(api, {})))
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(20)
  await expectRefusal(create(api, {}), {
    name: 'ServiceQuotaExceededException',
    status: 402,
    says: 'an account can have 20 ad configurations',
  })
})

const LIST = 'mediaTailorPlaybackConfigurations'
const withArn = (arn: string | undefined) => ({
  mediaTailorPlaybackConfigurations: [{ playbackConfigurationArn: arn }],
})
const withPostRoll = (postRollConfiguration: object) => ({ postRollConfiguration })

test.each<{ says: string; input: object }>([
  { says: `${LIST} is required`, input: { mediaTailorPlaybackConfigurations: undefined } },
  { says: `${LIST} must have at least 1 items`, input: named() },
  { says: `${LIST} must have at most 3 items`, input: named('a', 'b', 'c', 'd') },
  { says: `${LIST} names ${playbackConfigurationArn('a')} twice`, input: named('a', 'b', 'a') },
  { says: `${LIST}[0].playbackConfigurationArn is required`, input: withArn(undefined) },
  { says: `${LIST}[0].playbackConfigurationArn must match`, input: withArn('') },
  {
    says: `${LIST}[0].playbackConfigurationArn must match`,
    input: withArn(playbackConfigurationArn('under_score')),
  },
  {
    says: `${LIST}[0].playbackConfigurationArn must be at most 128 characters long`,
    input: withArn(playbackConfigurationArn('n'.repeat(80))),
  },
  {
    says: 'postRollConfiguration.durationSeconds is required',
    input: withPostRoll({ enabled: true }),
  },
  { says: 'postRollConfiguration.enabled is required', input: withPostRoll({ durationSeconds: 5 }) },
  {
    says: 'postRollConfiguration.durationSeconds must be at least 1',
    input: withPostRoll({ enabled: true, durationSeconds: 0 }),
  },
  {
    says: 'postRollConfiguration.durationSeconds must be at most 300',
    input: withPostRoll({ enabled: true, durationSeconds: 301 }),
  },
  { says: 'name must match', input: { name: 'a b' } },
  { says: 'reserved prefix aws:', input: { tags: { 'aws:a': '' } } },
])('refuses with 400 and creates nothing: $says', async ({ says, input }) => {
  await expectRefusal(create(empty, input), invalid(says))
  expect((await empty.client.send(new ListAdConfigurationsCommand({}))).adConfigurations).toEqual([])
})
