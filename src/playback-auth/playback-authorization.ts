/**
 * Decides who may watch: playback tokens on private channels, restriction policies on public ones, revocations on both
 * (reference ivs-behaviour §6.2, §7, §8).
 *
 * A public channel is open to whoever its policy allows, with or without a token: a good token adds its rules, one that
 * is not good is as if it had not been sent.
 */
import type { Clock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { SpentTokenStore } from '../domain/stores.ts'
import type {
  AccessOutcome,
  AccessRefusal,
  AccessRequest,
  RevocableSession,
  ViewerAccess,
  ViewerRules,
  WatchedStream,
} from '../domain/viewer-access.ts'
import type { CountryLookup } from './country-database.ts'
import type { FailedTokenLimit } from './failed-token-limit.ts'
import { policyRefusal, policyStrictOrigins } from './policy-rules.ts'
import { TOKEN_MISSING, TOKEN_SPENT, TOO_MANY_FAILURES, UNDECIDED, VIEWER_REVOKED } from './refusals.ts'
import { hasPolicy, type StreamPolicies } from './stream-policies.ts'
import type { TokenClaims } from './token-claims.ts'
import { goneAtMs, rulesOf, tokenRefusal } from './token-rules.ts'
import type { TokenVerifier } from './token-verifier.ts'

/** What decisions are made from. */
export type PlaybackAuthorizationOptions = {
  readonly verifier: TokenVerifier
  readonly failedTokens: FailedTokenLimit
  readonly spentTokens: Pick<SpentTokenStore, 'spend'>
  readonly isRevoked: (session: RevocableSession) => boolean
  readonly policies: StreamPolicies
  readonly countryOf: CountryLookup
  /** How far the clock of whoever signs tokens may be off. */
  readonly clockSkewMs: number
  readonly clock: Clock
  readonly logger: Logger
}

/** Decisions that were made, since the start. */
export type AccessCounts = {
  granted: number
  refused: number
  /** Of those refused, how many without a look at the token, because too many bad ones came from the address. */
  limited: number
}

/** How often at most it is said that decisions fail. */
const COMPLAIN_EVERY_MS = 10_000

/** The rules of access, over keys, policies and revocations. */
export class PlaybackAuthorization implements ViewerAccess {
  readonly counts: AccessCounts = { granted: 0, refused: 0, limited: 0 }
  readonly #options: PlaybackAuthorizationOptions
  #complainedAtMs = -Infinity

  constructor(options: PlaybackAuthorizationOptions) {
    this.#options = options
  }

  readonly authorize = async (request: AccessRequest): Promise<AccessOutcome> => {
    const outcome = await this.#decide(request).catch((error: unknown) => {
      this.#complain(error)
      return refused(UNDECIDED)
    })
    this.counts[outcome.kind]++
    return outcome
  }

  readonly isRevoked = (session: RevocableSession): boolean => this.#options.isRevoked(session)

  readonly isGuarded = (stream: WatchedStream): boolean => {
    if (stream.channel.authorized) return true
    if (!hasPolicy(stream)) return false
    return this.#options.policies.loaded(stream)?.enableStrictOriginEnforcement ?? true
  }

  async #decide(request: AccessRequest): Promise<AccessOutcome> {
    const { stream, token } = request
    if (stream.channel.authorized) {
      return token === undefined ? refused(TOKEN_MISSING) : this.#byToken(token, request)
    }
    return this.#publicly(request)
  }

  async #publicly(request: AccessRequest): Promise<AccessOutcome> {
    const { stream, token, origin, viewerAddress } = request
    const policy = await this.#options.policies.of(stream)
    const country = policy && this.#options.countryOf(viewerAddress)
    const refusal = policy && policyRefusal(policy, { origin, country })
    if (refusal) return refused(refusal)
    const policyOrigins = policy && policyStrictOrigins(policy)
    const rules = token === undefined ? {} : await this.#rulesByToken(token, request)
    return granted(bothStrict(rules, policyOrigins, origin))
  }

  /** The rules of a good token, and none of any other. */
  async #rulesByToken(token: string, request: AccessRequest): Promise<ViewerRules> {
    try {
      const outcome = await this.#byToken(token, request)
      return outcome.kind === 'granted' ? outcome.rules : {}
    } catch (error) {
      this.#complain(error)
      return {}
    }
  }

  async #byToken(token: string, request: AccessRequest): Promise<AccessOutcome> {
    const { verifier, failedTokens } = this.#options
    const { viewerAddress, stream } = request
    const verified = await verifier.verify(token, stream.channel, () => failedTokens.allows(viewerAddress))
    if (!verified) {
      this.counts.limited++
      return refused(TOO_MANY_FAILURES)
    }
    const refusal =
      verified.kind === 'refused' ? verified.refusal : await this.#claimsRefusal(verified.claims, request)
    if (!refusal && verified.kind === 'good') return granted(rulesOf(verified.claims))
    failedTokens.count(viewerAddress)
    return refused(refusal ?? UNDECIDED)
  }

  /** Looks at single use last: a token is spent only by a request that it lets in. */
  async #claimsRefusal(claims: TokenClaims, request: AccessRequest): Promise<AccessRefusal | undefined> {
    const { clock, clockSkewMs, spentTokens } = this.#options
    const { origin } = request
    const refusal = tokenRefusal(claims, { origin, nowMs: clock.nowMs(), clockSkewMs })
    if (refusal) return refusal
    const { channelArn, viewerId, viewerSessionVersion, singleUseId } = claims
    if (viewerId !== undefined && this.isRevoked({ channelArn, viewerId, viewerSessionVersion })) {
      return VIEWER_REVOKED
    }
    if (singleUseId === undefined) return undefined
    const expiresAtMs = goneAtMs(claims, clockSkewMs)
    const isFirst = await spentTokens.spend({ channelArn, tokenId: singleUseId, expiresAtMs })
    return isFirst ? undefined : TOKEN_SPENT
  }

  #complain(error: unknown): void {
    const nowMs = this.#options.clock.monotonicMs()
    if (nowMs - this.#complainedAtMs < COMPLAIN_EVERY_MS) return
    this.#complainedAtMs = nowMs
    this.#options.logger.error('access to a stream cannot be decided', { err: error })
  }
}

/** The rules of a token with those of the policy, where both may want origins. */
function bothStrict(
  rules: ViewerRules,
  policyOrigins: readonly string[] | undefined,
  origin: string | undefined,
): ViewerRules {
  if (!policyOrigins) return rules
  // The origin shown has passed both lists, and a viewer's later requests come from the same page.
  const strictOrigins = rules.strictOrigins && origin !== undefined ? [origin] : policyOrigins
  return { ...rules, strictOrigins }
}

function granted(rules: ViewerRules): AccessOutcome {
  return { kind: 'granted', rules }
}

function refused(refusal: AccessRefusal): AccessOutcome {
  return { kind: 'refused', ...refusal }
}
