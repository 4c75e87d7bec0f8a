import { BatchStartViewerSessionRevocationCommand, CreateChannelCommand } from '@aws-sdk/client-ivs'
import type { BatchStartViewerSessionRevocationViewerSession } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { MISSING_CHANNEL_ARN, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'

let api: ApiFixture
let channelArn = ''
beforeAll(async () => {
  api = await startApi()
  channelArn = (await api.client.send(new CreateChannelCommand({}))).channel?.arn ?? ''
})
afterAll(() => api[Symbol.asyncDispose]())

const revoke = (viewerSessions: BatchStartViewerSessionRevocationViewerSession[] | undefined) =>
  api.client.send(new BatchStartViewerSessionRevocationCommand({ viewerSessions }))

const versionOf = async (viewerId: string) =>
  (await api.store.revocations.find(channelArn, viewerId))?.version

test('revokes what it can and names the rest, with the headers of batch answers', async () => {
  const answer = await revoke([
    { channelArn, viewerId: 'a' },
    { channelArn: MISSING_CHANNEL_ARN, viewerId: 'b' },
    { channelArn, viewerId: 'c', viewerSessionVersionsLessThanOrEqualTo: 7 },
  ])
  expect(answer).toMatchObject({ accessControlAllowOrigin: '*', xFrameOptions: 'DENY' })
  expect(answer.errors).toEqual([
    {
      channelArn: MISSING_CHANNEL_ARN,
      viewerId: 'b',
      code: '404',
      message: `Resource: ${MISSING_CHANNEL_ARN} not found`,
    },
  ])
  expect([await versionOf('a'), await versionOf('c')]).toEqual([0, 7])
})

test('takes a viewer who is named twice at the higher version, and answers an empty list of errors', async () => {
  const { errors } = await revoke([
    { channelArn, viewerId: 'twice', viewerSessionVersionsLessThanOrEqualTo: 9 },
    { channelArn, viewerId: 'twice' },
  ])
  expect(errors).toEqual([])
  expect(await versionOf('twice')).toBe(9)
})

test('a member of an item that is null counts as absent', async () => {
  const session = { channelArn, viewerId: 'null', viewerSessionVersionsLessThanOrEqualTo: null }
  const answer = await api.post(
    '/BatchStartViewerSessionRevocation',
    JSON.stringify({ viewerSessions: [session] }),
  )
  expect(await answer.json()).toEqual({ errors: [] })
  expect(await versionOf('null')).toBe(0)
})

test('takes 20 viewer sessions', async () => {
  const sessions = Array.from({ length: 20 }, (_, index) => ({ channelArn, viewerId: `many-${index}` }))
  expect((await revoke(sessions)).errors).toEqual([])
  expect(await versionOf('many-19')).toBe(0)
  await expectRefusal(
    revoke([...sessions, { channelArn, viewerId: 'over' }]),
    invalid('viewerSessions must have at most 20 items'),
  )
})

test('refuses the whole call when one item breaks the model, and revokes nobody', async () => {
  const good = { channelArn, viewerId: 'untouched' }
  await expectRefusal(revoke(undefined), invalid('viewerSessions is required'))
  await expectRefusal(revoke([]), invalid('viewerSessions must have at least 1 items'))
  await expectRefusal(
    revoke([good, { channelArn, viewerId: 'x'.repeat(41) }]),
    invalid('viewerSessions[1].viewerId must be at most 40 characters long'),
  )
  await expectRefusal(
    revoke([good, { channelArn: 'nonsense', viewerId: 'x' }]),
    invalid('viewerSessions[1].channelArn must match'),
  )
  expect(await versionOf('untouched')).toBeUndefined()
})
