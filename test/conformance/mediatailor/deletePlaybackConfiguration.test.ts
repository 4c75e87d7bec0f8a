import { CreateAdConfigurationCommand, UpdateAdConfigurationCommand } from '@aws-sdk/client-ivs'
import {
  DeletePlaybackConfigurationCommand,
  GetPlaybackConfigurationCommand,
} from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { playbackConfigurationArn, putPlaybackConfigurations } from '../resource-makers.ts'
import { conflict, expectFault, notFound } from './expect-fault.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const remove = (Name: string) => api.mediaTailor.send(new DeletePlaybackConfigurationCommand({ Name }))
const get = (Name: string) => api.mediaTailor.send(new GetPlaybackConfigurationCommand({ Name }))
const listOf = (name: string) => [{ playbackConfigurationArn: playbackConfigurationArn(name) }]

test('answers 204, and it is gone', async () => {
  await putPlaybackConfigurations(api, ['ads'])
  expect((await remove('ads')).$metadata.httpStatusCode).toBe(204)
  await expectFault(get('ads'), notFound('playback configuration ads not found'))
  await expectFault(remove('ads'), notFound('playback configuration ads not found'))
})

test("another account's is not there", async () => {
  await putPlaybackConfigurations(api, ['theirs'], '210987654321')
  await expectFault(remove('theirs'), notFound('theirs not found'))
  expect(await api.store.playbackConfigurations.get('210987654321', 'theirs')).toBeDefined()
})

test('refuses one that an ad configuration names with 409, until that names another', async () => {
  await putPlaybackConfigurations(api, ['used', 'other'])
  const { adConfiguration } = await api.client.send(
    new CreateAdConfigurationCommand({ mediaTailorPlaybackConfigurations: listOf('used') }),
  )
  await expectFault(remove('used'), conflict('an ad configuration uses used'))
  expect((await get('used')).Name).toBe('used')
  const mediaTailorPlaybackConfigurations = listOf('other')
  const change = { arn: adConfiguration?.arn, mediaTailorPlaybackConfigurations }
  await api.client.send(new UpdateAdConfigurationCommand(change))
  expect((await remove('used')).$metadata.httpStatusCode).toBe(204)
})
