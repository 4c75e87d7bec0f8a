import { ListTagsForResourceCommand, GetChannelCommand, TagResourceCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import {
  makeAdConfiguration,
  makeChannel,
  makeKeyPair,
  makePolicy,
  makeRecordingConfiguration,
  missingArn,
  playbackConfigurationArn,
} from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const tag = (resourceArn: string, tags: Record<string, string>) =>
  api.client.send(new TagResourceCommand({ resourceArn, tags }))
const tagsOf = async (resourceArn: string) =>
  (await api.client.send(new ListTagsForResourceCommand({ resourceArn }))).tags

test('adds tags, gives new values to old ones and keeps the rest', async () => {
  const arn = await makeChannel(api, { tags: { keep: '1', change: '2' } })
  const answer = await api.post(`/tags/${encodeURIComponent(arn)}`, '{"tags":{"change":"3","new":""}}')
  expect([answer.status, await answer.text()]).toEqual([200, '{}'])
  expect(await tagsOf(arn)).toEqual({ keep: '1', change: '3', new: '' })
  const { channel } = await api.client.send(new GetChannelCommand({ arn }))
  expect(channel?.tags).toEqual({ keep: '1', change: '3', new: '' })
})

test('keys that differ in case are different, and __proto__ is a key like others', async () => {
  const arn = await makeChannel(api)
  await api.post(`/tags/${encodeURIComponent(arn)}`, '{"tags":{"Key":"1","key":"2","__proto__":"3"}}')
  expect(Object.entries((await tagsOf(arn)) ?? {})).toEqual([
    ['Key', '1'],
    ['key', '2'],
    ['__proto__', '3'],
  ])
})

test('works on every type of resource, and on a live channel', async () => {
  const channelArn = await makeChannel(api)
  api.goLive(channelArn)
  const arns = [
    channelArn,
    await makeKeyPair(api),
    await makePolicy(api),
    await makeRecordingConfiguration(api),
    await makeAdConfiguration(api),
  ]
  for (const arn of arns) {
    await tag(arn, { a: 'b' })
    expect(await tagsOf(arn)).toEqual({ a: 'b' })
  }
})

test('members beside tags mean nothing, also one that names another resource', async () => {
  const [arn, other] = [await makeChannel(api), await makeChannel(api)]
  const body = JSON.stringify({ resourceArn: other, tags: { a: 'b' }, more: 1 })
  expect((await api.post(`/tags/${encodeURIComponent(arn)}`, body)).status).toBe(200)
  expect([await tagsOf(arn), await tagsOf(other)]).toEqual([{ a: 'b' }, {}])
})

test('takes 50 tags and refuses the 51st with 400, changing nothing', async () => {
  const arn = await makeChannel(api, { tags: manyTags(49) })
  await tag(arn, { last: '1' })
  await tag(arn, { last: '2' })
  await expectRefusal(tag(arn, { last: '3', more: '' }), invalid('tags must have at most 50 entries'))
  expect(await tagsOf(arn)).toEqual({ ...manyTags(49), last: '2' })
})

test('loses none of many tags added at once', async () => {
  const arn = await makeChannel(api)
  await Promise.all(Array.from({ length: 20 }, (_, index) => tag(arn, { [`k${index}`]: '' })))
  expect(Object.keys((await tagsOf(arn)) ?? {})).toHaveLength(20)
})

test.each<{ says: string; tags: unknown }>([
  { says: 'tags is required', tags: undefined },
  { says: 'tags must be of type object', tags: 'a=b' },
  { says: 'tags must have at most 50 entries', tags: manyTags(51) },
  { says: 'a key in tags must be at most 128 characters long', tags: { ['k'.repeat(129)]: '' } },
  { says: 'a value in tags must be at most 256 characters long', tags: { k: 'v'.repeat(257) } },
  { says: 'a value in tags must match', tags: { k: '#' } },
  { says: 'a value in tags must be of type string', tags: { k: 1 } },
  { says: 'reserved prefix aws:', tags: { ok: '', 'aws:x': '' } },
])('refuses with 400 and changes nothing: $says', async ({ says, tags }) => {
  const arn = await makeChannel(api)
  const answer = await api.post(`/tags/${encodeURIComponent(arn)}`, JSON.stringify({ tags }))
  expect([answer.status, await answer.text()]).toEqual([400, expect.stringContaining(says)])
  expect(await tagsOf(arn)).toEqual({})
})

test('refuses an ARN that nobody made with 404, and one of another service with 400', async () => {
  const arn = missingArn('ad-configuration')
  await expectRefusal(tag(arn, { a: 'b' }), notFound(arn))
  await expectRefusal(
    tag(playbackConfigurationArn('ads'), { a: 'b' }),
    invalid('must name a resource of ivs'),
  )
})

function manyTags(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 'v']))
}
