import { BatchGetChannelCommand, CreateChannelCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, MISSING_STREAM_KEY_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const batchGet = (arns: string[]) => api.client.send(new BatchGetChannelCommand({ arns }))

test('answers in the order asked, each channel once, and names the missing ones', async () => {
  const first = await api.client.send(new CreateChannelCommand({ name: 'first' }))
  const second = await api.client.send(new CreateChannelCommand({ name: 'second' }))
  const [firstArn = '', secondArn = ''] = [first.channel?.arn, second.channel?.arn]
  const foreign = firstArn.replace('123456789012', '210987654321')
  const answer = await batchGet([
    secondArn,
    MISSING_CHANNEL_ARN,
    firstArn,
    secondArn,
    foreign,
    MISSING_CHANNEL_ARN,
  ])
  expect(answer.channels).toEqual([second.channel, first.channel])
  expect(answer.errors).toEqual([
    { arn: MISSING_CHANNEL_ARN, code: '404', message: `Resource: ${MISSING_CHANNEL_ARN} not found` },
    { arn: foreign, code: '404', message: `Resource: ${foreign} not found` },
  ])
})

test('carries the modelled headers', async () => {
  expect(await batchGet([MISSING_CHANNEL_ARN])).toMatchObject({
    accessControlAllowOrigin: '*',
    accessControlExposeHeaders: 'x-amzn-ErrorType,x-amzn-RequestId,Date',
    cacheControl: 'no-store, no-cache',
    contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
    strictTransportSecurity: 'max-age=47304000',
    xContentTypeOptions: 'nosniff',
    xFrameOptions: 'DENY',
  })
})

test.each([
  [[], 'arns must have at least 1 items'],
  [Array.from({ length: 51 }, () => MISSING_CHANNEL_ARN), 'arns must have at most 50 items'],
  [[MISSING_CHANNEL_ARN, MISSING_STREAM_KEY_ARN], 'arns[1] must match'],
])('refuses a list of the wrong form with 400', async (arns, says) => {
  await expectRefusal(batchGet(arns), invalid(says))
})
