import { ListAdConfigurationsCommand, DeleteAdConfigurationCommand } from '@aws-sdk/client-ivs'
import type { ListAdConfigurationsCommandInput } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'
import { makeAdConfiguration } from './resource-makers.ts'

async function make(api: ApiFixture, count: number): Promise<string[]> {
  const arns: string[] = []
  for (let index = 0; index < count; index++) {
    arns.push(await makeAdConfiguration(api, `n${index}`))
    api.clock.advance(1)
  }
  return arns
}

const list = async (api: ApiFixture, input: ListAdConfigurationsCommandInput) => {
  const { adConfigurations = [], nextToken } = await api.client.send(new ListAdConfigurationsCommand(input))
  return { items: adConfigurations, arns: adConfigurations.map(({ arn }) => arn), nextToken }
}

test('answers an empty list when there is nothing', async () => {
  await using api = await startApi()
  expect(await list(api, {})).toEqual({ items: [], arns: [], nextToken: undefined })
})

test('shows every member', async () => {
  await using api = await startApi()
  const [arn] = await make(api, 1)
  expect((await list(api, {})).items).toEqual([
    {
      arn,
      name: 'n0',
      mediaTailorPlaybackConfigurations: [
        { playbackConfigurationArn: 'arn:aws:mediatailor:us-west-2:123456789012:playbackConfiguration/ads' },
      ],
      postRollConfiguration: { enabled: false, durationSeconds: 15 },
      tags: {},
    },
  ])
})

test('shows as many a page as the quota allows but 100 at most, oldest first', async () => {
  await using api = await startApi({ adConfigurations: 101 })
  const arns = await make(api, 101)
  const first = await list(api, {})
  expect(first.arns).toEqual(arns.slice(0, 100))
  const rest = await list(api, { nextToken: first.nextToken })
  expect([rest.arns, rest.nextToken]).toEqual([arns.slice(100), undefined])
})

test('pages go on where they ended when the last one shown is deleted', async () => {
  await using api = await startApi()
  const arns = await make(api, 3)
  const first = await list(api, { maxResults: 2 })
  await api.client.send(new DeleteAdConfigurationCommand({ arn: arns[1] ?? '' }))
  expect((await list(api, { maxResults: 2, nextToken: first.nextToken })).arns).toEqual([arns[2]])
})

test('refuses page sizes out of range and foreign tokens with 400', async () => {
  await using api = await startApi()
  await expectRefusal(list(api, { maxResults: 0 }), invalid('maxResults must be at least 1'))
  await expectRefusal(list(api, { maxResults: 101 }), invalid('maxResults must be at most 100'))
  await expectRefusal(list(api, { nextToken: 'abcd' }), invalid('nextToken does not belong'))
})
