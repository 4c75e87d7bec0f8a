import {
  IvsClient,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANY_AUTHORIZATION, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeChannel, makePolicy, missingArn, playbackConfigurationArn } from './resource-makers.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const untag = (resourceArn: string, tagKeys: string[]) =>
  api.client.send(new UntagResourceCommand({ resourceArn, tagKeys }))
const tagsOf = async (resourceArn: string) =>
  (await api.client.send(new ListTagsForResourceCommand({ resourceArn }))).tags

test('takes the named tags away and answers 200 with an empty object', async () => {
  const arn = await makeChannel(api, { tags: { a: '1', b: '2', c: '3' } })
  const answer = await fetch(`${api.url}/tags/${encodeURIComponent(arn)}?tagKeys=a&tagKeys=b`, {
    method: 'DELETE',
    headers: { authorization: ANY_AUTHORIZATION },
  })
  expect([answer.status, await answer.text()]).toEqual([200, '{}'])
  expect(await tagsOf(arn)).toEqual({ c: '3' })
})

test('takes one key, keys with characters that a query encodes, and keys that are not there', async () => {
  const strange = 'ä b+c=d/e&'.replace('&', '@')
  const arn = await makeChannel(api, { tags: { [strange]: '', Key: '', key: '' } })
  await untag(arn, [strange])
  expect(await tagsOf(arn)).toEqual({ Key: '', key: '' })
  await untag(arn, ['KEY', 'nothing', 'key'])
  expect(await tagsOf(arn)).toEqual({ Key: '' })
  await untag(arn, ['key'])
  expect(await tagsOf(arn)).toEqual({ Key: '' })
})

test('works with a real signature over path and query', async () => {
  const key = { id: 'AKIDOURS', secret: 'our/secret+key', account: '123456789012' }
  await using strict = await startApi({}, [key])
  // A client of its own for each call: it would set its clock by the answer before, and the server's stands still.
  const signing = (): ApiFixture => {
    const client = new IvsClient({
      endpoint: strict.url,
      region: REGION,
      credentials: { accessKeyId: key.id, secretAccessKey: key.secret },
      systemClockOffset: strict.clock.nowMs() - Date.now(),
    })
    return { ...strict, client }
  }
  const resourceArn = await makePolicy(signing())
  const tags = { b: '1', 'a b': '2', ä: '3', stays: '4' }
  await signing().client.send(new TagResourceCommand({ resourceArn, tags }))
  await signing().client.send(new UntagResourceCommand({ resourceArn, tagKeys: ['b', 'a b', 'ä'] }))
  const answer = await signing().client.send(new ListTagsForResourceCommand({ resourceArn }))
  expect(answer.tags).toEqual({ stays: '4' })
})

test('refuses no keys, too many and ill-formed ones with 400', async () => {
  const arn = await makeChannel(api)
  const fifty = Array.from({ length: 50 }, (_, index) => `k${index}`)
  await untag(arn, fifty)
  await expectRefusal(untag(arn, []), invalid('tagKeys is required'))
  await expectRefusal(untag(arn, [...fifty, 'more']), invalid('tagKeys must have at most 50 items'))
  await expectRefusal(untag(arn, ['a', '']), invalid('tagKeys[1] must be at least 1 characters long'))
  await expectRefusal(
    untag(arn, ['k'.repeat(129)]),
    invalid('tagKeys[0] must be at most 128 characters long'),
  )
  await expectRefusal(untag(arn, ['#']), invalid('tagKeys[0] must match'))
})

test('refuses an ARN that nobody made with 404, and one of another service with 400', async () => {
  const arn = missingArn('recording-configuration')
  await expectRefusal(untag(arn, ['a']), notFound(arn))
  await expectRefusal(untag(playbackConfigurationArn('ads'), ['a']), invalid('must name a resource of ivs'))
})
