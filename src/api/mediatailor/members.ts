/**
 * Members that several operations share, as schemas (reference ssai §2).
 *
 * Limits that the contract does not have are ours, so that everything is bounded.
 */
import { Type } from 'typebox'
import type { TBoolean, TInteger, TNumber, TString, TUnsafe } from 'typebox'
import { oneOf } from '../ivs/members.ts'

/** Longest name of anything. */
export const MAX_NAME_CHARS = 512
const MAX_TOKEN_CHARS = 8192
const MAX_RESULTS = 100
const MAX_URL_CHARS = 25_000
const MAX_TEXT_CHARS = 1024
const MAX_MAP_ENTRIES = 100
/** The end of the year 9999. */
const MAX_TIME_SECONDS = 253_402_300_799
const CHARACTERS = '[^\\p{Cc}\\p{Cs}]'

/** Name of a configuration or schedule: it is one step of a path. */
export const name: TString = Type.String({
  minLength: 1,
  maxLength: MAX_NAME_CHARS,
  pattern: '^[^/\\p{Cc}\\p{Cs}]+$',
})

/** Text of one line. */
export const text: TString = Type.String({ maxLength: MAX_TEXT_CHARS, pattern: `^${CHARACTERS}*$` })

/** A URL, or a template of one. */
export function link(maxLength: number = MAX_URL_CHARS): TString {
  return Type.String({ maxLength, pattern: '^https?://[^\\p{Cc}\\p{Cs} ]+$' })
}

/** A URL that may be taken away by an empty text. */
export const linkOrNone: TString = Type.String({
  maxLength: MAX_URL_CHARS,
  pattern: '^$|^https?://[^\\p{Cc}\\p{Cs} ]+$',
})

/** Yes or no. */
export const flag: TBoolean = Type.Boolean()

/** A moment: seconds since the Unix epoch. */
export const moment: TNumber = Type.Number({ minimum: 0, maximum: MAX_TIME_SECONDS })

/** A whole number in a range. */
export function whole(minimum: number, maximum: number): TInteger {
  return Type.Integer({ minimum, maximum })
}

/** Page size of a list. */
export const maxResults: TInteger = whole(1, MAX_RESULTS)

/** Items of a page unless the caller says how many. */
export const DEFAULT_MAX_RESULTS: number = MAX_RESULTS

/** Continuation token of a list. */
export const nextToken: TString = Type.String({
  maxLength: MAX_TOKEN_CHARS,
  pattern: '^[a-zA-Z0-9+/=_-]*$',
})

/** A map from texts to texts. */
export function textMap(
  key: TString = Type.String({ minLength: 1, maxLength: MAX_TEXT_CHARS, pattern: `^${CHARACTERS}+$` }),
  value: TString = text,
): TUnsafe<Readonly<Record<string, string>>> {
  return Type.Unsafe({
    type: 'object',
    maxProperties: MAX_MAP_ENTRIES,
    propertyNames: key,
    additionalProperties: value,
  })
}

/** A list of some of these words. */
export function someOf<Value extends string>(values: readonly Value[]): TUnsafe<readonly Value[]> {
  return Type.Unsafe({ type: 'array', items: oneOf(values), maxItems: values.length })
}
