import {
  CreatePlaybackRestrictionPolicyCommand,
  GetPlaybackRestrictionPolicyCommand,
  UpdatePlaybackRestrictionPolicyCommand,
} from '@aws-sdk/client-ivs'
import type { UpdatePlaybackRestrictionPolicyCommandInput } from '@aws-sdk/client-ivs'
import { expect, test } from 'vitest'
import { startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid, notFound } from './expect-refusal.ts'
import { makeChannel, missingArn } from './resource-makers.ts'

const BEFORE = {
  name: 'before',
  allowedCountries: ['DE'],
  allowedOrigins: ['https://a.example'],
  enableStrictOriginEnforcement: true,
  tags: { a: 'b' },
}

async function create(api: ApiFixture): Promise<string> {
  const answer = await api.client.send(new CreatePlaybackRestrictionPolicyCommand(BEFORE))
  return answer.playbackRestrictionPolicy?.arn ?? ''
}
const update = async (api: ApiFixture, input: UpdatePlaybackRestrictionPolicyCommandInput) =>
  (await api.client.send(new UpdatePlaybackRestrictionPolicyCommand(input))).playbackRestrictionPolicy
const get = async (api: ApiFixture, arn: string) =>
  (await api.client.send(new GetPlaybackRestrictionPolicyCommand({ arn }))).playbackRestrictionPolicy

test('changes what is given, keeps the rest, and replaces lists whole', async () => {
  await using api = await startApi()
  const arn = await create(api)
  const changed = await update(api, { arn, name: 'after', allowedCountries: ['US', 'CA'] })
  expect(changed).toEqual({ ...BEFORE, arn, name: 'after', allowedCountries: ['US', 'CA'] })
  expect(await get(api, arn)).toEqual(changed)
  expect(await update(api, { arn })).toEqual(changed)
})

test('lifts restrictions with empty lists and false', async () => {
  await using api = await startApi()
  const arn = await create(api)
  const input = { allowedCountries: [], allowedOrigins: [], enableStrictOriginEnforcement: false, name: '' }
  expect(await update(api, { arn, ...input })).toEqual({ ...BEFORE, ...input, arn })
})

test('works while a live channel uses the policy', async () => {
  await using api = await startApi()
  const arn = await create(api)
  api.goLive(await makeChannel(api, { playbackRestrictionPolicyArn: arn }))
  expect(await update(api, { arn, name: 'while-live' })).toMatchObject({ name: 'while-live' })
})

test('refuses what CreatePlaybackRestrictionPolicy refuses with 400, and changes nothing', async () => {
  await using api = await startApi()
  const arn = await create(api)
  const before = await get(api, arn)
  await expectRefusal(
    update(api, { arn, name: 'x', allowedCountries: ['ZZ'] }),
    invalid('allowedCountries[0]'),
  )
  await expectRefusal(update(api, { arn, name: 'x', allowedOrigins: ['a'] }), invalid('allowedOrigins[0]'))
  const six = Array.from({ length: 6 }, () => 'https://a.example')
  await expectRefusal(update(api, { arn, allowedOrigins: six }), invalid('at most 5 items'))
  await expectRefusal(update(api, { arn, name: 'a b' }), invalid('name must match'))
  expect(await get(api, arn)).toEqual(before)
})

test('loses none of many changes at once', async () => {
  await using api = await startApi()
  const arn = await create(api)
  await Promise.all([
    update(api, { arn, name: 'n' }),
    update(api, { arn, allowedCountries: ['FR'] }),
    update(api, { arn, allowedOrigins: [] }),
    update(api, { arn, enableStrictOriginEnforcement: false }),
  ])
  expect(await get(api, arn)).toMatchObject({
    name: 'n',
    allowedCountries: ['FR'],
    allowedOrigins: [],
    enableStrictOriginEnforcement: false,
  })
})

test('refuses an ARN that nobody made with 404, and a missing one with 400', async () => {
  await using api = await startApi()
  const arn = missingArn('playback-restriction-policy')
  await expectRefusal(update(api, { arn, name: 'x' }), notFound(arn))
  await expectRefusal(update(api, { arn: undefined, name: 'x' }), invalid('arn is required'))
})
