/**
 * What holds for the deletion of every resource that channels may refer to. Registers the tests.
 */
import { DeleteChannelCommand, GetChannelCommand, UpdateChannelCommand } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ResourceType } from '../../src/domain/arn.ts'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import type { Refusal } from './expect-refusal.ts'
import { makeChannel, missingArn } from './resource-makers.ts'

/** A type of resource that channels may refer to, and its operations. */
export type AttachableType = {
  readonly resourceType: ResourceType
  /** Member of channels that refers to it. */
  readonly member: 'adConfigurationArn' | 'playbackRestrictionPolicyArn' | 'recordingConfigurationArn'
  readonly make: (api: ApiFixture) => Promise<string>
  readonly get: (api: ApiFixture, arn: string) => Promise<unknown>
  readonly remove: (
    api: ApiFixture,
    arn: string | undefined,
  ) => Promise<{ readonly $metadata: { readonly httpStatusCode?: number | undefined } }>
  /** What whoever deletes one in use gets. */
  readonly inUse: Refusal
}

const MIDDLE = 3

/** Registers the tests of a deletion. */
export function testAttachableDeletion({ resourceType, member, inUse, ...type }: AttachableType): void {
  let api: ApiFixture
  beforeAll(async () => {
    api = await startApi()
  })
  afterAll(() => api[Symbol.asyncDispose]())

  const remove = (arn: string | undefined) => type.remove(api, arn)
  const attach = (channelArn: string, arn: string) =>
    api.client.send(new UpdateChannelCommand({ arn: channelArn, [member]: arn }))

  test('answers 204, and it is gone', async () => {
    const arn = await type.make(api)
    expect((await remove(arn)).$metadata.httpStatusCode).toBe(204)
    await expectRefusal(type.get(api, arn), notFound(arn))
    await expectRefusal(remove(arn), notFound(arn))
  })

  test('refuses one that a channel refers to with 409, until it is detached', async () => {
    const arn = await type.make(api)
    const channelArn = await makeChannel(api, { [member]: arn })
    await expectRefusal(remove(arn), inUse)
    await attach(channelArn, '')
    await remove(arn)
  })

  test('refuses one that a channel was changed to with 409, until the channel is gone', async () => {
    const arn = await type.make(api)
    const channelArn = await makeChannel(api)
    await attach(channelArn, arn)
    await expectRefusal(remove(arn), inUse)
    await api.client.send(new DeleteChannelCommand({ arn: channelArn }))
    await remove(arn)
  })

  test('is never deleted under a channel that is attached to it at the same moment', async () => {
    const channelArns = await Promise.all(Array.from({ length: 2 * MIDDLE }, () => makeChannel(api)))
    for (let round = 0; round < 5; round++) {
      const arn = await type.make(api)
      // In the middle, so that some attach before and some after.
      const outcomes = await Promise.allSettled([
        ...channelArns.slice(0, MIDDLE).map((channelArn) => attach(channelArn, arn)),
        remove(arn),
        ...channelArns.slice(MIDDLE).map((channelArn) => attach(channelArn, arn)),
      ])
      const [deletion] = outcomes.splice(MIDDLE, 1)
      const deleted = deletion?.status === 'fulfilled'
      const channels = await Promise.all(
        channelArns.map((channelArn) => api.client.send(new GetChannelCommand({ arn: channelArn }))),
      )
      const attached = channels.filter(({ channel }) => channel?.[member] === arn).length
      expect(attached).toBe(outcomes.filter((outcome) => outcome.status === 'fulfilled').length)
      expect(deleted).toBe(attached === 0)
      for (const channelArn of channelArns) await attach(channelArn, '')
      if (!deleted) await remove(arn)
    }
  })

  test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
    const missing = missingArn(resourceType)
    await expectRefusal(remove(missing), notFound(missing))
    await expectRefusal(remove(undefined), invalid('arn is required'))
  })
}
