/**
 * The origin of a request beside the origins that a token or a policy allows (reference ivs-behaviour §7, §8).
 */
import { isOriginAllowed } from '../domain/origins.ts'
import type { AccessRefusal } from '../domain/viewer-access.ts'
import { ORIGIN_REFUSED, ORIGIN_REQUIRED } from './refusals.ts'

/** Which pages may play. */
export type OriginRule = {
  /** Patterns; undefined for any. */
  readonly origins: readonly string[] | undefined
  /** Whether every client must show an origin, with every request. */
  readonly strict: boolean
}

const ANY_ORIGIN = ['*'] as const

/** Why a request that shows `origin` is refused; undefined when it is not. */
export function originRefusal(rule: OriginRule, origin: string | undefined): AccessRefusal | undefined {
  if (origin === undefined) return rule.strict ? ORIGIN_REQUIRED : undefined
  return isOriginAllowed(rule.origins ?? ANY_ORIGIN, origin) ? undefined : ORIGIN_REFUSED
}

/** The patterns that later requests must meet as well; undefined when none. */
export function strictOriginsOf(rule: OriginRule): readonly string[] | undefined {
  return rule.strict ? (rule.origins ?? ANY_ORIGIN) : undefined
}
