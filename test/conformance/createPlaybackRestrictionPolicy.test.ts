import {
  CreatePlaybackRestrictionPolicyCommand,
  GetPlaybackRestrictionPolicyCommand,
  ListPlaybackRestrictionPoliciesCommand,
} from '@aws-sdk/client-ivs'
import type { CreatePlaybackRestrictionPolicyCommandInput } from '@aws-sdk/client-ivs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ACCOUNT_ID, REGION, startApi } from './api-fixture.ts'
import type { ApiFixture } from './api-fixture.ts'
import { expectRefusal, invalid } from './expect-refusal.ts'

const create = async (api: ApiFixture, input: CreatePlaybackRestrictionPolicyCommandInput) =>
  (await api.client.send(new CreatePlaybackRestrictionPolicyCommand(input))).playbackRestrictionPolicy

let empty: ApiFixture
beforeAll(async () => {
  empty = await startApi()
})
afterAll(() => empty[Symbol.asyncDispose]())

test('restricts nothing when nothing is given', async () => {
  await using api = await startApi()
  expect(await create(api, {})).toEqual({
    arn: expect.stringMatching(
      new RegExp(`^arn:aws:ivs:${REGION}:${ACCOUNT_ID}:playback-restriction-policy/[a-zA-Z0-9]{12}$`),
    ) as string,
    name: '',
    allowedCountries: [],
    allowedOrigins: [],
    enableStrictOriginEnforcement: false,
    tags: {},
  })
})

test('keeps what is given, in its order', async () => {
  await using api = await startApi()
  const input = {
    name: 'policy',
    allowedCountries: ['JP', 'DE', 'US'],
    allowedOrigins: [
      'https://example.com',
      'https://*.example.com',
      'http://localhost:3000',
      'http://[::1]:8080',
      '*',
    ],
    enableStrictOriginEnforcement: true,
    tags: { a: 'b' },
  }
  const policy = await create(api, input)
  expect(policy).toEqual({ ...input, arn: policy?.arn })
  const kept = await api.client.send(new GetPlaybackRestrictionPolicyCommand({ arn: policy?.arn }))
  expect(kept.playbackRestrictionPolicy).toEqual(policy)
})

test('refuses a fourth policy with 402, also when many are asked for at once', async () => {
  await using api = await startApi()
  const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => create(api, {})))
  expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(3)
  await expectRefusal(create(api, {}), {
    name: 'ServiceQuotaExceededException',
    status: 402,
    says: 'an account can have 3 playback restriction policies',
  })
})

const COUNTRY = 'must be an ISO 3166-1 alpha-2 country code'
const ORIGIN = 'must be of the form https://example.com'

test.each<{ what: string; input: CreatePlaybackRestrictionPolicyCommandInput; says: string }>([
  {
    what: '201 countries',
    input: { allowedCountries: Array.from({ length: 201 }, () => 'DE') },
    says: 'allowedCountries must have at most 200 items',
  },
  {
    what: 'a country of three letters',
    input: { allowedCountries: ['DE', 'DEU'] },
    says: 'allowedCountries[1] must be at most 2 characters long',
  },
  {
    what: 'a country that is none',
    input: { allowedCountries: ['DE', 'XX'] },
    says: `allowedCountries[1] ${COUNTRY}`,
  },
  { what: 'a country in small letters', input: { allowedCountries: ['de'] }, says: COUNTRY },
  {
    what: 'six origins',
    input: { allowedOrigins: Array.from({ length: 6 }, () => 'https://a.example') },
    says: 'allowedOrigins must have at most 5 items',
  },
  {
    what: 'an origin of 129 characters',
    input: { allowedOrigins: [`https://${'a'.repeat(121)}`] },
    says: 'allowedOrigins[0] must be at most 128 characters long',
  },
  { what: 'an empty origin', input: { allowedOrigins: [''] }, says: `allowedOrigins[0] ${ORIGIN}` },
  { what: 'a host without scheme', input: { allowedOrigins: ['example.com'] }, says: ORIGIN },
  { what: 'an origin with a path', input: { allowedOrigins: ['https://example.com/'] }, says: ORIGIN },
  { what: 'an origin with a user', input: { allowedOrigins: ['https://u@example.com'] }, says: ORIGIN },
  { what: 'a star inside a host', input: { allowedOrigins: ['https://a.*.example'] }, says: ORIGIN },
  { what: 'a port over 65535', input: { allowedOrigins: ['https://example.com:65536'] }, says: ORIGIN },
  {
    what: 'a strictness that is no boolean',
    input: { enableStrictOriginEnforcement: 'yes' as unknown as boolean },
    says: 'enableStrictOriginEnforcement must be of type boolean',
  },
  { what: 'a bad name', input: { name: 'a b' }, says: 'name must match' },
  { what: 'a reserved tag', input: { tags: { 'aws:a': '' } }, says: 'reserved prefix aws:' },
])('refuses $what with 400 and creates nothing', async ({ input, says }) => {
  await expectRefusal(create(empty, input), invalid(says))
  const kept = await empty.client.send(new ListPlaybackRestrictionPoliciesCommand({}))
  expect(kept.playbackRestrictionPolicies).toEqual([])
})
