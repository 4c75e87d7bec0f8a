/**
 * Playback restriction policies as answers show them (reference ivs-api §8, PlaybackRestrictionPolicy and
 * PlaybackRestrictionPolicySummary, which have the same members).
 */
import type { PlaybackRestrictionPolicy } from '../../domain/playback-restriction-policy.ts'

/** A policy, by itself or in a list. */
export type PlaybackRestrictionPolicyShape = Pick<
  PlaybackRestrictionPolicy,
  'arn' | 'name' | 'allowedCountries' | 'allowedOrigins' | 'enableStrictOriginEnforcement' | 'tags'
>

/** Shows a policy. */
export function toPlaybackRestrictionPolicyShape(
  policy: PlaybackRestrictionPolicy,
): PlaybackRestrictionPolicyShape {
  return {
    arn: policy.arn,
    name: policy.name,
    allowedCountries: policy.allowedCountries,
    allowedOrigins: policy.allowedOrigins,
    enableStrictOriginEnforcement: policy.enableStrictOriginEnforcement,
    tags: policy.tags,
  }
}
