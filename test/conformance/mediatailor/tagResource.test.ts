import { ListTagsForResourceCommand as ListIvsTags } from '@aws-sdk/client-ivs'
import {
  CreatePrefetchScheduleCommand,
  GetPlaybackConfigurationCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-mediatailor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from '../api-fixture.ts'
import type { ApiFixture } from '../api-fixture.ts'
import { expectRefusal, invalid } from '../expect-refusal.ts'
import { makeChannel, playbackConfigurationArn, putPlaybackConfigurations } from '../resource-makers.ts'
import { badRequest, expectFault, notFound } from './expect-fault.ts'

const NAME = 'with blank & more:ü'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
  await putPlaybackConfigurations(api, [NAME, 'plain'])
})
afterAll(() => api[Symbol.asyncDispose]())

const tag = (ResourceArn: string, Tags: Record<string, string>) =>
  api.mediaTailor.send(new TagResourceCommand({ ResourceArn, Tags }))
const untag = (ResourceArn: string, TagKeys: string[]) =>
  api.mediaTailor.send(new UntagResourceCommand({ ResourceArn, TagKeys }))
const list = async (ResourceArn: string) =>
  (await api.mediaTailor.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags

test('tags of a playback configuration are added, changed, shown and taken away', async () => {
  const arn = playbackConfigurationArn(NAME)
  expect(await list(arn)).toEqual({})
  expect((await tag(arn, { a: '1', b: '2' })).$metadata.httpStatusCode).toBe(204)
  await tag(arn, { b: '3', 'c d': '' })
  expect(await list(arn)).toEqual({ a: '1', b: '3', 'c d': '' })
  const shown = await api.mediaTailor.send(new GetPlaybackConfigurationCommand({ Name: NAME }))
  expect(shown.Tags).toEqual({ a: '1', b: '3', 'c d': '' })
  expect((await untag(arn, ['a', 'c d', 'never'])).$metadata.httpStatusCode).toBe(204)
  expect(await list(arn)).toEqual({ b: '3' })
})

test('a prefetch schedule has tags too', async () => {
  const EndTime = new Date(api.clock.nowMs() + 60_000)
  const { Arn = '' } = await api.mediaTailor.send(
    new CreatePrefetchScheduleCommand({
      PlaybackConfigurationName: NAME,
      Name: 'one',
      Retrieval: { EndTime },
      Consumption: { EndTime },
    }),
  )
  await tag(Arn, { a: '1' })
  expect(await list(Arn)).toEqual({ a: '1' })
})

test('refuses what is not there with 404, and what breaks the rules for tags with 400', async () => {
  const none = playbackConfigurationArn('none')
  for (const call of [() => tag(none, { a: '' }), () => untag(none, ['a']), () => list(none)]) {
    await expectFault(call(), notFound(`resource ${none} not found`))
  }
  const theirs = playbackConfigurationArn('plain', '210987654321')
  await expectFault(list(theirs), notFound(`resource ${theirs} not found`))
  const arn = playbackConfigurationArn('plain')
  await expectFault(tag(arn, { 'aws:a': '' }), badRequest('reserved prefix aws:'))
  await expectFault(tag(arn, { a: '#' }), badRequest('a value in tags must match'))
  const many = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`k${index}`, '']))
  await expectFault(tag(arn, many), badRequest('tags must have at most 50 entries'))
  expect(await list(arn)).toEqual({})
})

test('each service tags its own: the scope of the signature tells which is meant', async () => {
  const channelArn = await makeChannel(api, { tags: { a: 'b' } })
  await expectFault(list(channelArn), badRequest('ResourceArn must match'))
  const arn = playbackConfigurationArn('plain')
  await expectRefusal(
    api.client.send(new ListIvsTags({ resourceArn: arn })),
    invalid('must name a resource of ivs'),
  )
  expect((await api.client.send(new ListIvsTags({ resourceArn: channelArn }))).tags).toEqual({ a: 'b' })
})
