/**
 * What CreatePlaybackRestrictionPolicy and UpdatePlaybackRestrictionPolicy take alike.
 */
import { Type } from 'typebox'
import type { Static, TBoolean, TObject, TOptional, TString, TUnsafe } from 'typebox'
import type { PlaybackRestrictionSettings } from '../../domain/playback-restriction-policy.ts'
import { flag, resourceName } from './members.ts'
import { pickMembers } from './pick-members.ts'

const MAX_COUNTRIES = 200
const MAX_ORIGINS = 5
const COUNTRY_CHARS = 2
const MAX_ORIGIN_CHARS = 128

type PlaybackRestrictionMembers = {
  allowedCountries: TOptional<TUnsafe<readonly string[]>>
  allowedOrigins: TOptional<TUnsafe<readonly string[]>>
  enableStrictOriginEnforcement: TOptional<TBoolean>
  name: TOptional<TString>
}

const countries: TUnsafe<readonly string[]> = Type.Unsafe(
  Type.Array(Type.String({ minLength: COUNTRY_CHARS, maxLength: COUNTRY_CHARS }), {
    maxItems: MAX_COUNTRIES,
  }),
)

const origins: TUnsafe<readonly string[]> = Type.Unsafe(
  Type.Array(Type.String({ maxLength: MAX_ORIGIN_CHARS }), { maxItems: MAX_ORIGINS }),
)

/** Schemas of the settings, all optional. */
export const playbackRestrictionMembers: PlaybackRestrictionMembers = {
  allowedCountries: Type.Optional(countries),
  allowedOrigins: Type.Optional(origins),
  enableStrictOriginEnforcement: Type.Optional(flag),
  name: Type.Optional(resourceName),
}

/** The settings in a request, and nothing else of it. */
export function toPlaybackRestrictionSettings(
  input: Static<TObject<PlaybackRestrictionMembers>>,
): PlaybackRestrictionSettings {
  return pickMembers(input, ['name', 'allowedCountries', 'allowedOrigins', 'enableStrictOriginEnforcement'])
}
