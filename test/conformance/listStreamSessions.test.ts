import { CreateChannelCommand, DeleteChannelCommand, ListStreamSessionsCommand } from '@aws-sdk/client-ivs'
import type { ListStreamSessionsCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { rememberSession } from './remembered-session.ts'

let api: ApiFixture
beforeAll(async () => {
  api = await startApi()
})
afterAll(() => api[Symbol.asyncDispose]())

const list = (channelArn: string | undefined, input: Partial<ListStreamSessionsCommandInput> = {}) =>
  api.client.send(new ListStreamSessionsCommand({ channelArn, ...input }))

async function createChannel(): Promise<string> {
  return (await api.client.send(new CreateChannelCommand({}))).channel?.arn ?? ''
}

test('lists the documented members, newest first, the live one without an end', async () => {
  const arn = await createChannel()
  const ended = await rememberSession(api, arn, { createdAtMs: 1000, startTimeMs: 2000, endTimeMs: 9000 })
  const failed = await rememberSession(api, arn, {
    createdAtMs: 10_000,
    endTimeMs: 11_000,
    events: [{ number: 1, name: 'Stream Failure', type: 'IVS Stream State Change', timeMs: 10_500 }],
  })
  const live = await rememberSession(api, arn, { createdAtMs: 20_000, startTimeMs: 21_000 })
  expect((await list(arn)).streamSessions).toEqual([
    { streamId: live, startTime: new Date(21_000), hasErrorEvent: false },
    { streamId: failed, startTime: new Date(10_000), endTime: new Date(11_000), hasErrorEvent: true },
    { streamId: ended, startTime: new Date(2000), endTime: new Date(9000), hasErrorEvent: false },
  ])
})

test('answers an empty list for a channel that never streamed, and 404 for one that never was', async () => {
  expect((await list(await createChannel())).streamSessions).toEqual([])
  await expectRefusal(list(MISSING_CHANNEL_ARN), notFound(MISSING_CHANNEL_ARN))
})

test('keeps the sessions of a deleted channel', async () => {
  const arn = await createChannel()
  const streamId = await rememberSession(api, arn, { createdAtMs: 1, endTimeMs: 2 })
  await api.client.send(new DeleteChannelCommand({ arn }))
  expect((await list(arn)).streamSessions?.map((session) => session.streamId)).toEqual([streamId])
})

test('shows no session of another account', async () => {
  const arn = await createChannel()
  await rememberSession(api, arn, { createdAtMs: 1, accountId: '999999999999' })
  expect((await list(arn)).streamSessions).toEqual([])
})

test('pages show every session once while others begin', async () => {
  const arn = await createChannel()
  const ids: string[] = []
  // Two of each moment: the order must hold within one as well.
  for (let i = 0; i < 6; i++) {
    ids.push(await rememberSession(api, arn, { createdAtMs: 1000 + Math.floor(i / 2) }))
  }
  const seen: (string | undefined)[] = []
  let nextToken: string | undefined = ''
  while (nextToken !== undefined) {
    const page = await list(arn, { maxResults: 2, nextToken })
    seen.push(...(page.streamSessions ?? []).map((session) => session.streamId))
    nextToken = page.nextToken
    await rememberSession(api, arn, { createdAtMs: 9000 })
  }
  expect([...seen].sort()).toEqual([...ids].sort())
})

test('a page has up to 100 sessions unless told otherwise', async () => {
  const arn = await createChannel()
  for (let i = 0; i < 101; i++) await rememberSession(api, arn, { createdAtMs: i })
  const page = await list(arn)
  expect(page.streamSessions).toHaveLength(100)
  expect((await list(arn, { nextToken: page.nextToken })).streamSessions).toHaveLength(1)
})

test('refuses a token of another channel, a page size over 100 and a missing channel with 400', async () => {
  const arn = await createChannel()
  for (const createdAtMs of [1, 2]) await rememberSession(api, arn, { createdAtMs })
  const { nextToken } = await list(arn, { maxResults: 1 })
  await expectRefusal(list(await createChannel(), { nextToken }), invalid('nextToken does not belong'))
  await expectRefusal(list(arn, { maxResults: 101 }), invalid('maxResults must be at most 100'))
  await expectRefusal(list(undefined), invalid('channelArn is required'))
})
