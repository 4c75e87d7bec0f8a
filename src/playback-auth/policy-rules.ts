/**
 * Whether a playback restriction policy lets a request in (reference ivs-behaviour §8).
 */
import type { PlaybackRestrictionPolicy } from '../domain/playback-restriction-policy.ts'
import type { AccessRefusal } from '../domain/viewer-access.ts'
import { originRefusal, strictOriginsOf } from './origin-rule.ts'
import type { OriginRule } from './origin-rule.ts'
import { COUNTRY_REFUSED } from './refusals.ts'

/** What a policy looks at. */
export type PolicySituation = {
  readonly origin: string | undefined
  /** Undefined when nobody knows it. */
  readonly country: string | undefined
}

/** Why the policy refuses the request; undefined when country and origin both pass. A country unknown passes. */
export function policyRefusal(
  policy: PlaybackRestrictionPolicy,
  { origin, country }: PolicySituation,
): AccessRefusal | undefined {
  const { allowedCountries } = policy
  const isAbroad = country !== undefined && !allowedCountries.includes(country)
  if (allowedCountries.length > 0 && isAbroad) return COUNTRY_REFUSED
  return originRefusal(originRuleOf(policy), origin)
}

/** The patterns that every request to the stream must meet; undefined when none. */
export function policyStrictOrigins(policy: PlaybackRestrictionPolicy): readonly string[] | undefined {
  return strictOriginsOf(originRuleOf(policy))
}

function originRuleOf({
  allowedOrigins,
  enableStrictOriginEnforcement,
}: PlaybackRestrictionPolicy): OriginRule {
  return {
    origins: allowedOrigins.length > 0 ? allowedOrigins : undefined,
    strict: enableStrictOriginEnforcement,
  }
}
