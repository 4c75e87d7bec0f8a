import { BatchGetStreamKeyCommand, CreateChannelCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, MISSING_STREAM_KEY_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const batchGet = (arns: string[]) => api.client.send(new BatchGetStreamKeyCommand({ arns }))

test('answers in the order asked with secrets, and names the missing ones', async () => {
  const first = await api.client.send(new CreateChannelCommand({}))
  const second = await api.client.send(new CreateChannelCommand({}))
  const arns = [second.streamKey?.arn ?? '', MISSING_STREAM_KEY_ARN, first.streamKey?.arn ?? '']
  const answer = await batchGet(arns)
  expect(answer.streamKeys).toEqual([second.streamKey, first.streamKey])
  expect(answer.errors).toEqual([
    { arn: MISSING_STREAM_KEY_ARN, code: '404', message: `Resource: ${MISSING_STREAM_KEY_ARN} not found` },
  ])
  expect(answer).toMatchObject({ accessControlAllowOrigin: '*', xFrameOptions: 'DENY' })
})

test.each([
  [[], 'arns must have at least 1 items'],
  [Array.from({ length: 51 }, () => MISSING_STREAM_KEY_ARN), 'arns must have at most 50 items'],
  [[MISSING_CHANNEL_ARN], 'arns[0] must match'],
])('refuses a list of the wrong form with 400', async (arns, says) => {
  await expectRefusal(batchGet(arns), invalid(says))
})
