/**
 * A `PlaybackAuthorization` over stores in memory, for tests.
 */
import { silentLogger } from '../base/logger.ts'
import { ManualClock } from '../base/manual-clock.ts'
import { newChannel } from '../domain/channel-rules.ts'
import type { Channel } from '../domain/channel.ts'
import { newPlaybackKeyPair, type PlaybackKeyPair } from '../domain/playback-key-pair.ts'
import {
  changePlaybackRestrictionPolicy,
  newPlaybackRestrictionPolicy,
  type PlaybackRestrictionPolicy,
  type PlaybackRestrictionSettings,
} from '../domain/playback-restriction-policy.ts'
import type { AccessOutcome, AccessRequest, WatchedStream } from '../domain/viewer-access.ts'
import type { ViewerSessionRevocation } from '../domain/viewer-session-revocation.ts'
import { FailedTokenLimit } from './failed-token-limit.ts'
import { KeyRing } from './key-ring.ts'
import { PlaybackAuthorization } from './playback-authorization.ts'
import { RevokedVersions } from './revoked-versions.ts'
import { StreamPolicies } from './stream-policies.ts'
import { TokenVerifier } from './token-verifier.ts'

const REGION = 'us-west-2'

/** Account of the fixture's channels. */
export const ACCOUNT_ID = '000000000000'

/** What tests may set. */
export type AuthorizationFixtureOptions = {
  readonly failedTokensPerMinute?: number
  /** Countries by address. */
  readonly countries?: Readonly<Record<string, string>>
}

/** The decision, and everything that it depends on. */
export type AuthorizationFixture = {
  readonly authorization: PlaybackAuthorization
  readonly clock: ManualClock
  readonly verifier: TokenVerifier
  readonly keyRing: KeyRing
  readonly policies: StreamPolicies
  /** Set to make every store fail. */
  outage: boolean
  /** Key pairs by ARN. */
  readonly keyPairs: Map<string, PlaybackKeyPair>
  readonly importKey: (publicKeyPem: string, accountId?: string) => PlaybackKeyPair
  readonly revoke: (revocation: Partial<ViewerSessionRevocation>) => void
  readonly makeChannel: (changes?: Partial<Channel>) => Channel
  /** A running stream of a new channel with such a policy. */
  readonly streamWithPolicy: (
    settings: PlaybackRestrictionSettings,
    changes?: Partial<Channel>,
  ) => WatchedStream
  readonly changePolicy: (arn: string, settings: PlaybackRestrictionSettings) => void
  readonly authorize: (channel: Channel, request?: Partial<AccessRequest>) => Promise<AccessOutcome>
}

/** Makes one, with an empty world. */
export function authorizationFixture(options: AuthorizationFixtureOptions = {}): AuthorizationFixture {
  const clock = new ManualClock()
  const keyPairs = new Map<string, PlaybackKeyPair>()
  const policiesByArn = new Map<string, PlaybackRestrictionPolicy>()
  const spent = new Set<string>()
  const revoked = new RevokedVersions()
  const birth = (accountId = ACCOUNT_ID) => ({ region: REGION, accountId, nowMs: clock.nowMs() })
  const answer = async <Value>(read: () => Value): Promise<Value> => {
    await new Promise((resolve) => setImmediate(resolve))
    if (fixture.outage) throw new Error('database away')
    return read()
  }
  const keyRing = new KeyRing(
    {
      list: (accountId) =>
        answer(() => ({
          items: [...keyPairs.values()].filter((pair) => pair.accountId === accountId),
          next: undefined,
        })),
    },
    clock,
  )
  const verifier = new TokenVerifier(keyRing)
  const policies = new StreamPolicies({
    policies: { get: (_accountId, arn) => answer(() => policiesByArn.get(arn)) },
    clock,
    logger: silentLogger,
  })
  const authorization = new PlaybackAuthorization({
    verifier,
    failedTokens: new FailedTokenLimit(clock, options.failedTokensPerMinute ?? 1_000_000),
    spentTokens: {
      spend: ({ channelArn, tokenId }) =>
        answer(() => {
          const key = `${channelArn} ${tokenId}`
          if (spent.has(key)) return false
          spent.add(key)
          return true
        }),
    },
    isRevoked: (session) =>
      revoked.covers(session.channelArn, session.viewerId, session.viewerSessionVersion),
    policies,
    countryOf: (address) => options.countries?.[address],
    clockSkewMs: 30_000,
    clock,
    logger: silentLogger,
  })
  const makeChannel = (changes: Partial<Channel> = {}): Channel => ({
    ...newChannel(birth(changes.accountId), {}),
    ...changes,
  })
  const fixture: AuthorizationFixture = {
    authorization,
    clock,
    verifier,
    keyRing,
    policies,
    outage: false,
    keyPairs,
    importKey: (publicKeyMaterial, accountId) => {
      const pair = newPlaybackKeyPair(birth(accountId), { publicKeyMaterial })
      keyPairs.set(pair.arn, pair)
      keyRing.forget(pair.accountId)
      return pair
    },
    revoke: (revocation) => {
      const revokedAtMs = clock.nowMs()
      revoked.add({
        accountId: ACCOUNT_ID,
        channelArn: '',
        viewerId: '',
        version: 0,
        revokedAtMs,
        ...revocation,
      })
    },
    makeChannel,
    streamWithPolicy: (settings, changes = {}) => {
      const policy = newPlaybackRestrictionPolicy(birth(), settings)
      policiesByArn.set(policy.arn, policy)
      const channel = makeChannel({ playbackRestrictionPolicyArn: policy.arn, ...changes })
      const stream = { streamId: `st-${channel.id}`, channel }
      policies.begin(stream)
      return stream
    },
    changePolicy: (arn, settings) => {
      const policy = policiesByArn.get(arn)
      if (policy) policiesByArn.set(arn, changePlaybackRestrictionPolicy(policy, settings))
    },
    authorize: (channel, request = {}) =>
      authorization.authorize({
        stream: { streamId: `st-${channel.id}`, channel },
        token: undefined,
        origin: undefined,
        viewerAddress: '192.0.2.1',
        ...request,
      }),
  }
  return fixture
}
