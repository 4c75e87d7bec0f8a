import { describe, expect, test } from 'vitest'
import { goodClaims, TOKEN_CASES } from '../../test/harness/playback-token-cases.ts'
import type { TokenWorld } from '../../test/harness/playback-token-cases.ts'
import { tokenSigner } from '../../test/harness/playback-tokens.ts'
import type { AccessRequest } from '../domain/viewer-access.ts'
import { authorizationFixture } from './authorization-fixture.ts'
import type { AuthorizationFixtureOptions } from './authorization-fixture.ts'

const PAGE = 'https://page.example.com'
const owner = tokenSigner()

/** A private channel, keys of all sorts, and a revoked viewer. */
function tokenWorld() {
  const fixture = authorizationFixture()
  const channel = fixture.makeChannel({ authorized: true })
  const [secondOwner, deleted, stranger, otherAccount] = [1, 2, 3, 4].map(tokenSigner)
  if (!secondOwner || !deleted || !stranger || !otherAccount) throw new Error('four signers')
  fixture.importKey(owner.publicKeyPem)
  fixture.importKey(secondOwner.publicKeyPem)
  fixture.keyPairs.delete(fixture.importKey(deleted.publicKeyPem).arn)
  fixture.importKey(otherAccount.publicKeyPem, '111111111111')
  const revokedViewer = 'revoked'
  const revokedVersion = 1_800_000_000
  fixture.revoke({ channelArn: channel.arn, viewerId: revokedViewer, version: revokedVersion })
  const world: TokenWorld = {
    channelArn: channel.arn,
    otherChannelArn: fixture.makeChannel({ authorized: true }).arn,
    ...{ owner, secondOwner, deleted, stranger, otherAccount, revokedViewer, revokedVersion },
    nowS: fixture.clock.nowMs() / 1000,
  }
  return { fixture, channel, world }
}

describe('on a private channel', () => {
  const { fixture, channel, world } = tokenWorld()

  test('the table has every sort of token', () => {
    expect(TOKEN_CASES.length).toBeGreaterThanOrEqual(200)
    expect(new Set(TOKEN_CASES.map(({ name }) => name)).size).toBe(TOKEN_CASES.length)
  })

  test.each(TOKEN_CASES)('$name', async ({ token, origin, usedBefore = 0, verdict }) => {
    const request: Partial<AccessRequest> = { token: token(world), origin }
    for (let uses = 0; uses < usedBefore; uses++) await fixture.authorize(channel, request)
    const outcome = await fixture.authorize(channel, request)
    if (verdict.kind === 'granted') {
      expect(outcome).toMatchObject({ kind: 'granted' })
    } else {
      const message: unknown = expect.stringMatching(verdict.says)
      expect(outcome).toEqual({ kind: 'refused', status: 403, code: verdict.code, message })
    }
  })
})

/** A private channel whose owner has signed. */
function privateChannel(options?: AuthorizationFixtureOptions) {
  const fixture = authorizationFixture(options)
  const channel = fixture.makeChannel({ authorized: true })
  const key = fixture.importKey(owner.publicKeyPem)
  const claims = goodClaims({ channelArn: channel.arn, nowS: fixture.clock.nowMs() / 1000 })
  return { fixture, channel, key, claims }
}

describe('the rules of a viewing session', () => {
  test('are those of the token', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign({
      ...claims,
      'aws:viewer-id': 'someone',
      'aws:viewer-session-version': '7',
      'aws:access-control-allow-origin': `${PAGE}, https://*.example.org`,
      'aws:strict-origin-enforcement': true,
      'aws:maximum-resolution': 'SD',
      'aws:ads-opt-out': true,
      'aws:ads-player-params': { genre: 'sport' },
      'aws:ads-playback-config-name': 'sport',
      'aws:ads-reporting-mode': 'CLIENT',
    })
    expect(await fixture.authorize(channel, { token, origin: PAGE })).toEqual({
      kind: 'granted',
      rules: {
        viewerId: 'someone',
        viewerSessionVersion: 7,
        strictOrigins: [PAGE, 'https://*.example.org'],
        maximumResolution: 'SD',
        ads: {
          optOut: true,
          playerParams: { genre: 'sport' },
          playbackConfigName: 'sport',
          reportingMode: 'CLIENT',
        },
      },
    })
  })

  test('are none for a token with the least of claims', async () => {
    const { fixture, channel, claims } = privateChannel()
    const outcome = await fixture.authorize(channel, { token: owner.sign(claims) })
    expect(outcome).toEqual({ kind: 'granted', rules: {} })
  })

  test('name version 0 where the token names a viewer and no version', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign({ ...claims, 'aws:viewer-id': 'someone' })
    const rules = { viewerId: 'someone', viewerSessionVersion: 0 }
    expect(await fixture.authorize(channel, { token })).toEqual({ kind: 'granted', rules })
  })
})

describe('single use', () => {
  test('lets one of many requests in that come at once', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign({ ...claims, 'aws:single-use-uuid': crypto.randomUUID() })
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => fixture.authorize(channel, { token })),
    )
    expect(outcomes.filter(({ kind }) => kind === 'granted')).toHaveLength(1)
  })

  test('holds for the id, whatever else the token says and however it is written', async () => {
    const { fixture, channel, claims } = privateChannel()
    const id = crypto.randomUUID()
    const first = owner.sign({ ...claims, 'aws:single-use-uuid': id })
    const second = owner.sign({ ...claims, 'aws:single-use-uuid': id.toUpperCase(), 'aws:viewer-id': 'x' })
    expect(await fixture.authorize(channel, { token: first })).toMatchObject({ kind: 'granted' })
    expect(await fixture.authorize(channel, { token: second })).toMatchObject({ code: 'playback_auth_error' })
  })

  test('is not spent by a request that is refused for something else', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign({
      ...claims,
      'aws:single-use-uuid': crypto.randomUUID(),
      'aws:access-control-allow-origin': PAGE,
    })
    const refused = await fixture.authorize(channel, { token, origin: 'https://other.test' })
    expect(refused).toMatchObject({ kind: 'refused' })
    expect(await fixture.authorize(channel, { token, origin: PAGE })).toMatchObject({ kind: 'granted' })
  })
})

describe('a token that was good', () => {
  test('is refused as soon as its key is deleted', async () => {
    const { fixture, channel, key, claims } = privateChannel()
    const token = owner.sign(claims)
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'granted' })
    fixture.keyPairs.delete(key.arn)
    fixture.keyRing.forget(channel.accountId)
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'refused' })
  })

  test('is refused within a second when another node deleted its key', async () => {
    const { fixture, channel, key, claims } = privateChannel()
    const token = owner.sign(claims)
    await fixture.authorize(channel, { token })
    fixture.keyPairs.delete(key.arn)
    fixture.clock.advance(1000)
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'refused' })
  })

  test('is refused when it has expired meanwhile', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign(claims)
    await fixture.authorize(channel, { token })
    fixture.clock.advance(329_999)
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'granted' })
    fixture.clock.advance(1)
    expect(await fixture.authorize(channel, { token })).toMatchObject({ message: 'token is expired' })
  })

  test('is refused when its viewer was revoked meanwhile, and is a revoked session', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign({ ...claims, 'aws:viewer-id': 'someone' })
    const session = { channelArn: channel.arn, viewerId: 'someone', viewerSessionVersion: 0 }
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'granted' })
    expect(fixture.authorization.isRevoked(session)).toBe(false)
    fixture.revoke({ channelArn: channel.arn, viewerId: 'someone' })
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'refused' })
    expect(fixture.authorization.isRevoked(session)).toBe(true)
  })

  test('opens no other channel of the account', async () => {
    const { fixture, channel, claims } = privateChannel()
    const token = owner.sign(claims)
    await fixture.authorize(channel, { token })
    const other = fixture.makeChannel({ authorized: true })
    expect(await fixture.authorize(other, { token })).toMatchObject({ kind: 'refused' })
  })
})

describe('what bad tokens cost', () => {
  const verificationsOf = async (run: () => Promise<unknown>): Promise<number> => {
    const verify = crypto.subtle.verify.bind(crypto.subtle)
    let count = 0
    crypto.subtle.verify = (...args: Parameters<typeof verify>) => {
      count++
      return verify(...args)
    }
    try {
      await run()
    } finally {
      crypto.subtle.verify = verify
    }
    return count
  }
  const verifications = (
    channelOf: (set: ReturnType<typeof privateChannel>) => string,
    signer = owner,
  ): Promise<number> => {
    const set = privateChannel()
    set.fixture.importKey(tokenSigner().publicKeyPem)
    const token = signer.sign({ ...set.claims, 'aws:channel-arn': channelOf(set) })
    return verificationsOf(async () => {
      for (let times = 0; times < 3; times++) await set.fixture.authorize(set.channel, { token })
    })
  }

  test('a wrong key and a wrong channel cost the same verifications, however often they come', async () => {
    const wrongKey = await verifications(({ channel }) => channel.arn, tokenSigner())
    const wrongChannel = await verifications(({ fixture }) => fixture.makeChannel().arn)
    const both = await verifications(({ fixture }) => fixture.makeChannel().arn, tokenSigner())
    expect([wrongKey, wrongChannel, both]).toEqual([6, 6, 6])
  })

  test('an account without keys takes as long as one with a key', async () => {
    const fixture = authorizationFixture()
    const channel = fixture.makeChannel({ authorized: true })
    const token = owner.sign(goodClaims({ channelArn: channel.arn, nowS: fixture.clock.nowMs() / 1000 }))
    const message = 'token is not valid for this channel'
    expect(await fixture.authorize(channel, { token })).toMatchObject({ message })
    expect(await verificationsOf(() => fixture.authorize(channel, { token }))).toBe(1)
  })

  test('an address with too many of them gets 429, but tokens known to be good and other addresses do not', async () => {
    const { fixture, channel, claims } = privateChannel({ failedTokensPerMinute: 3 })
    const good = owner.sign(claims)
    const bad = { token: tokenSigner().sign(claims) }
    await fixture.authorize(channel, { token: good })
    for (let times = 0; times < 3; times++) {
      expect(await fixture.authorize(channel, bad)).toMatchObject({ status: 403 })
    }
    const limited = { kind: 'refused', status: 429, code: 'too_many_failed_tokens' }
    expect(await fixture.authorize(channel, bad)).toMatchObject(limited)
    const fresh = { token: owner.sign({ ...claims, sub: 'fresh' }) }
    expect(await fixture.authorize(channel, fresh)).toMatchObject(limited)
    expect(await fixture.authorize(channel, { token: good })).toMatchObject({ kind: 'granted' })
    const elsewhere = { ...fresh, viewerAddress: '192.0.2.2' }
    expect(await fixture.authorize(channel, elsewhere)).toMatchObject({ kind: 'granted' })
    fixture.clock.advance(20_000)
    expect(await fixture.authorize(channel, fresh)).toMatchObject({ kind: 'granted' })
    expect(fixture.authorization.counts).toEqual({ granted: 4, refused: 5, limited: 2 })
  })
})

describe('on a public channel', () => {
  test('everybody may watch where there is no policy', async () => {
    const fixture = authorizationFixture()
    const channel = fixture.makeChannel()
    expect(await fixture.authorize(channel)).toEqual({ kind: 'granted', rules: {} })
    expect(await fixture.authorize(channel, { origin: PAGE })).toEqual({ kind: 'granted', rules: {} })
  })

  test('a good token adds its rules, and a bad one is as if it were not there', async () => {
    const fixture = authorizationFixture()
    const channel = fixture.makeChannel()
    fixture.importKey(owner.publicKeyPem)
    const claims = goodClaims({ channelArn: channel.arn, nowS: fixture.clock.nowMs() / 1000 })
    const token = owner.sign({ ...claims, 'aws:ads-opt-out': true })
    const rules = { ads: { optOut: true } }
    expect(await fixture.authorize(channel, { token })).toEqual({ kind: 'granted', rules })
    const expired = owner.sign({ ...claims, exp: 1, 'aws:ads-opt-out': true })
    expect(await fixture.authorize(channel, { token: expired })).toEqual({ kind: 'granted', rules: {} })
    expect(await fixture.authorize(channel, { token: 'x' })).toEqual({ kind: 'granted', rules: {} })
  })

  test('country and origin of the policy must both pass, and an unknown country passes', async () => {
    const fixture = authorizationFixture({ countries: { '192.0.2.1': 'DE', '192.0.2.2': 'FR' } })
    const stream = fixture.streamWithPolicy({ allowedCountries: ['DE', 'AT'], allowedOrigins: [PAGE] })
    const authorize = (viewerAddress: string, origin?: string) =>
      fixture.authorize(stream.channel, { stream, viewerAddress, origin })
    expect(await authorize('192.0.2.1', PAGE)).toEqual({ kind: 'granted', rules: {} })
    expect(await authorize('192.0.2.1')).toMatchObject({ kind: 'granted' })
    expect(await authorize('203.0.113.1', PAGE)).toMatchObject({ kind: 'granted' })
    expect(await authorize('192.0.2.2', PAGE)).toMatchObject({ status: 403, code: 'content_geoblocked' })
    expect(await authorize('192.0.2.1', 'https://other.test')).toMatchObject({
      status: 403,
      code: 'playback_auth_error',
    })
  })

  test('a strict policy wants an origin from everybody and for every request', async () => {
    const fixture = authorizationFixture()
    const stream = fixture.streamWithPolicy({
      allowedOrigins: ['https://*.example.com'],
      enableStrictOriginEnforcement: true,
    })
    expect(await fixture.authorize(stream.channel, { stream })).toMatchObject({ message: 'origin required' })
    expect(await fixture.authorize(stream.channel, { stream, origin: PAGE })).toEqual({
      kind: 'granted',
      rules: { strictOrigins: ['https://*.example.com'] },
    })
    expect(fixture.authorization.isGuarded(stream)).toBe(true)
  })

  test('a strict policy and a strict token both hold for every request', async () => {
    const fixture = authorizationFixture()
    fixture.importKey(owner.publicKeyPem)
    const stream = fixture.streamWithPolicy({
      allowedOrigins: ['https://*.example.com'],
      enableStrictOriginEnforcement: true,
    })
    const token = owner.sign({
      ...goodClaims({ channelArn: stream.channel.arn, nowS: fixture.clock.nowMs() / 1000 }),
      'aws:access-control-allow-origin': `${PAGE},https://elsewhere.test`,
      'aws:strict-origin-enforcement': true,
    })
    const outcome = await fixture.authorize(stream.channel, { stream, token, origin: PAGE })
    expect(outcome).toEqual({ kind: 'granted', rules: { strictOrigins: [PAGE] } })
  })

  test('a single-use token is not spent when the policy refuses', async () => {
    const fixture = authorizationFixture({ countries: { '192.0.2.1': 'DE' } })
    fixture.importKey(owner.publicKeyPem)
    const stream = fixture.streamWithPolicy({ allowedCountries: ['FR'] })
    const token = owner.sign({
      ...goodClaims({ channelArn: stream.channel.arn, nowS: fixture.clock.nowMs() / 1000 }),
      'aws:single-use-uuid': crypto.randomUUID(),
      'aws:ads-opt-out': true,
    })
    const request = { stream, token }
    expect(await fixture.authorize(stream.channel, request)).toMatchObject({ kind: 'refused' })
    const abroad = { ...request, viewerAddress: '203.0.113.1' }
    expect(await fixture.authorize(stream.channel, abroad)).toMatchObject({ rules: { ads: {} } })
    expect(await fixture.authorize(stream.channel, abroad)).toEqual({ kind: 'granted', rules: {} })
  })

  test('the policy of a private channel does not count', async () => {
    const fixture = authorizationFixture({ countries: { '192.0.2.1': 'DE' } })
    fixture.importKey(owner.publicKeyPem)
    const strict = { allowedCountries: ['FR'], enableStrictOriginEnforcement: true }
    const { channel } = fixture.streamWithPolicy(strict, { authorized: true })
    const token = owner.sign(goodClaims({ channelArn: channel.arn, nowS: fixture.clock.nowMs() / 1000 }))
    expect(await fixture.authorize(channel, { token })).toEqual({ kind: 'granted', rules: {} })
  })
})

describe('without the database', () => {
  test('nobody new is let in where it matters, and the answer is 503', async () => {
    const { fixture, channel, claims } = privateChannel()
    fixture.outage = true
    const unavailable = { kind: 'refused', status: 503 }
    expect(await fixture.authorize(channel, { token: owner.sign(claims) })).toMatchObject(unavailable)
    const stream = fixture.streamWithPolicy({})
    expect(await fixture.authorize(stream.channel, { stream })).toMatchObject(unavailable)
    expect(fixture.authorization.isGuarded(stream)).toBe(true)
    fixture.outage = false
    expect(await fixture.authorize(stream.channel, { stream })).toMatchObject({ kind: 'granted' })
    expect(fixture.authorization.isGuarded(stream)).toBe(false)
  })

  test('a single-use token is not honoured', async () => {
    const { fixture, channel, claims } = privateChannel()
    await fixture.authorize(channel, { token: owner.sign(claims) })
    fixture.outage = true
    const token = owner.sign({ ...claims, 'aws:single-use-uuid': crypto.randomUUID() })
    expect(await fixture.authorize(channel, { token })).toMatchObject({ kind: 'refused', status: 503 })
  })

  test('a public channel without a policy plays, also with a token', async () => {
    const fixture = authorizationFixture()
    fixture.outage = true
    const channel = fixture.makeChannel()
    const token = owner.sign(goodClaims({ channelArn: channel.arn, nowS: fixture.clock.nowMs() / 1000 }))
    expect(await fixture.authorize(channel)).toMatchObject({ kind: 'granted' })
    expect(await fixture.authorize(channel, { token })).toEqual({ kind: 'granted', rules: {} })
  })
})

test('streams of private channels and of strict policies are guarded', () => {
  const fixture = authorizationFixture()
  const guarded = (channel: ReturnType<typeof fixture.makeChannel>) =>
    fixture.authorization.isGuarded({ streamId: 'st-1', channel })
  expect(guarded(fixture.makeChannel({ authorized: true }))).toBe(true)
  expect(guarded(fixture.makeChannel())).toBe(false)
  expect(guarded(fixture.makeChannel({ playbackRestrictionPolicyArn: 'never begun here' }))).toBe(true)
})
