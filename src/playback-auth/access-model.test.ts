/**
 * Random policies, tokens and requests beside a small model of the rules, written from the reference and sharing no code
 * with them: nobody may be let in whom the model refuses, nor refused whom it lets in.
 *
 * Spec: reference ivs-behaviour §7, §8.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { tokenSigner } from '../../test/harness/playback-tokens.ts'
import { ACCOUNT_ID, authorizationFixture } from './authorization-fixture.ts'

const signers = {
  owner: tokenSigner(),
  second: tokenSigner(),
  deleted: tokenSigner(),
  stranger: tokenSigner(),
}
const IMPORTED: readonly (keyof typeof signers)[] = ['owner', 'second']
const VIEWERS = ['ann', 'bob', 'cem'] as const
const ORIGINS = ['https://a.example.com', 'https://b.example.com', 'https://example.org', 'null'] as const
const PATTERNS = [...ORIGINS, 'https://*.example.com', 'https://*', '*', 'nonsense'] as const
const KNOWN_COUNTRIES: Readonly<Record<string, string>> = { '192.0.2.1': 'DE', '192.0.2.2': 'FR' }
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const
const SKEW_S = 30

const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined, freq: 2 })

/** Mostly one of `usual`: a plan with a fault in every claim finds little. */
const mostly = <Value>(usual: readonly Value[], odd: readonly Value[]) =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )

const tokenPlan = fc.record({
  signer: mostly<keyof typeof signers>(['owner', 'second'], ['deleted', 'stranger']),
  channel: mostly<'own' | 'other' | 'none'>(['own'], ['other', 'none']),
  tampered: mostly([false], [true]),
  expiresInS: mostly([-29, -1, 1, 60, 599, 630], [-3600, -31, -30, 631, 86_400]),
  notBeforeInS: maybe(mostly([-60, 0, 29, 30], [31, 3600])),
  viewerId: maybe(mostly<unknown>([...VIEWERS, 'x'.repeat(40)], ['x'.repeat(41), '', 7])),
  version: maybe(mostly<unknown>([0, 4, 5, 6, '5', '6'], [1.5, 'x', true])),
  origins: maybe(
    fc.oneof(
      { weight: 12, arbitrary: fc.subarray([...PATTERNS], { minLength: 1 }).map((list) => list.join(',')) },
      { weight: 1, arbitrary: fc.constantFrom<unknown>(1, true, '') },
    ),
  ),
  strict: maybe(mostly<unknown>([true, false], ['true'])),
  singleUse: maybe(mostly<unknown>([0, 1], ['no uuid'])),
  maximum: maybe(mostly<unknown>(['SD', 'HD'], ['UHD'])),
})
type TokenPlan = typeof tokenPlan extends fc.Arbitrary<infer Plan> ? Plan : never

const worldPlan = fc.record({
  isPrivate: fc.boolean(),
  policy: maybe(
    fc.record({
      countries: fc.subarray(['DE', 'FR', 'AT']),
      origins: fc.subarray([...PATTERNS].filter((pattern) => pattern !== 'nonsense' && pattern !== 'null')),
      strict: fc.boolean(),
    }),
  ),
  revoked: maybe(fc.record({ viewerId: fc.constantFrom(...VIEWERS), version: fc.constantFrom(0, 5) })),
  requests: fc.array(
    fc.record({
      token: maybe(tokenPlan),
      origin: maybe(fc.constantFrom(...ORIGINS)),
      address: fc.constantFrom(...ADDRESSES),
    }),
    { minLength: 1, maxLength: 4 },
  ),
})
type WorldPlan = typeof worldPlan extends fc.Arbitrary<infer Plan> ? Plan : never
type RequestPlan = WorldPlan['requests'][number]

/** The model's answer: whether the viewer gets in, and by which token. */
type Expectation = { readonly granted: boolean; readonly byToken: boolean }

/** What the reference says, in the plainest words. */
function expected(world: WorldPlan, request: RequestPlan, spent: Set<unknown>): Expectation {
  const tokenOpens = request.token !== undefined && opens(world, request.token, request.origin)
  if (!world.isPrivate && world.policy) {
    const { countries, origins, strict } = world.policy
    const country = KNOWN_COUNTRIES[request.address]
    if (countries.length > 0 && country !== undefined && !countries.includes(country)) return NO
    const list = origins.length > 0 ? origins : ['*']
    if (!originPasses(list, strict, request.origin)) return NO
  }
  const byToken = tokenOpens && takesTurn(request.token, spent)
  return { granted: world.isPrivate ? byToken : true, byToken }
}

const NO: Expectation = { granted: false, byToken: false }

function takesTurn(token: TokenPlan | undefined, spent: Set<unknown>): boolean {
  if (token?.singleUse === undefined) return true
  if (spent.has(token.singleUse)) return false
  spent.add(token.singleUse)
  return true
}

function opens(world: WorldPlan, token: TokenPlan, origin: string | undefined): boolean {
  if (!IMPORTED.includes(token.signer) || token.tampered || token.channel !== 'own') return false
  if (token.expiresInS <= -SKEW_S) return false
  if (token.notBeforeInS !== undefined && token.notBeforeInS > SKEW_S) return false
  const isBound = token.viewerId !== undefined || token.singleUse !== undefined
  if (isBound && token.expiresInS > 600 + SKEW_S) return false
  if (token.singleUse === 'no uuid' || token.maximum === 'UHD' || token.strict === 'true') return false
  return viewerPasses(world, token) && tokenOriginPasses(token, origin)
}

function viewerPasses({ revoked }: WorldPlan, { viewerId, version }: TokenPlan): boolean {
  const number =
    version === undefined ? 0 : [0, 4, 5, 6].find((one) => one === version || String(one) === version)
  if (viewerId === undefined) return version === undefined
  if (typeof viewerId !== 'string' || viewerId === '' || viewerId.length > 40) return false
  if (number === undefined) return false
  return revoked?.viewerId !== viewerId || number > revoked.version
}

function tokenOriginPasses({ origins, strict }: TokenPlan, origin: string | undefined): boolean {
  if (origins === undefined) return originPasses(['*'], strict === true, origin)
  if (typeof origins !== 'string' || origins === '') return false
  const list = origins.split(',')
  if (strict === true && list.length > 5) return false
  return originPasses(list, strict === true, origin)
}

function originPasses(list: readonly string[], strict: boolean, origin: string | undefined): boolean {
  if (origin === undefined) return !strict
  return list.some((pattern) => {
    if (pattern === '*') return true
    if (pattern === 'https://*') return origin.startsWith('https://')
    if (pattern === 'https://*.example.com') return /^https:\/\/.+\.example\.com$/.test(origin)
    return pattern === origin && origin !== 'null'
  })
}

function prepare(world: WorldPlan) {
  const fixture = authorizationFixture({
    countries: KNOWN_COUNTRIES,
  })
  for (const name of IMPORTED) fixture.importKey(signers[name].publicKeyPem)
  fixture.keyPairs.delete(fixture.importKey(signers.deleted.publicKeyPem).arn)
  const stream = world.policy
    ? fixture.streamWithPolicy(
        {
          allowedCountries: world.policy.countries,
          allowedOrigins: world.policy.origins,
          enableStrictOriginEnforcement: world.policy.strict,
        },
        { authorized: world.isPrivate },
      )
    : { streamId: 'st-1', channel: fixture.makeChannel({ authorized: world.isPrivate }) }
  if (world.revoked) {
    fixture.revoke({ accountId: ACCOUNT_ID, channelArn: stream.channel.arn, ...world.revoked })
  }
  return { fixture, stream, otherArn: fixture.makeChannel().arn }
}

function tokenText(plan: TokenPlan, own: string, other: string, nowS: number): string {
  const channel = { own, other, none: undefined }[plan.channel]
  const token = signers[plan.signer].sign({
    'aws:channel-arn': channel,
    exp: nowS + plan.expiresInS,
    nbf: plan.notBeforeInS === undefined ? undefined : nowS + plan.notBeforeInS,
    'aws:viewer-id': plan.viewerId,
    'aws:viewer-session-version': plan.version,
    'aws:access-control-allow-origin': plan.origins,
    'aws:strict-origin-enforcement': plan.strict,
    'aws:single-use-uuid':
      typeof plan.singleUse === 'number'
        ? `00000000-0000-4000-8000-00000000000${plan.singleUse}`
        : plan.singleUse,
    'aws:maximum-resolution': plan.maximum,
    // A mark by which it shows whether the token's rules were taken over.
    'aws:ads-opt-out': true,
  })
  if (!plan.tampered) return token
  const at = token.length - 10
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`
}

test('decides as the model does: nobody is let in whom the model refuses', { timeout: 60_000 }, async () => {
  let grantedByToken = 0
  let refusedInAll = 0
  await fc.assert(
    fc.asyncProperty(worldPlan, async (world) => {
      const { fixture, stream, otherArn } = prepare(world)
      const spent = new Set<unknown>()
      const nowS = fixture.clock.nowMs() / 1000
      for (const request of world.requests) {
        const outcome = await fixture.authorize(stream.channel, {
          stream,
          token: request.token && tokenText(request.token, stream.channel.arn, otherArn, nowS),
          origin: request.origin,
          viewerAddress: request.address,
        })
        const byToken = outcome.kind === 'granted' && outcome.rules.ads !== undefined
        const model = expected(world, request, spent)
        expect({ granted: outcome.kind === 'granted', byToken }).toEqual(model)
        if (byToken) grantedByToken++
        if (!model.granted) refusedInAll++
      }
    }),
    { numRuns: 400 },
  )
  // Both sides of the model were really visited.
  expect(grantedByToken).toBeGreaterThan(50)
  expect(refusedInAll).toBeGreaterThan(200)
})
