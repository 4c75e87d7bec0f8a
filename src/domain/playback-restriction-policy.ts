/**
 * Playback restriction policies: from where public channels may be watched (reference ivs-api §7
 * CreatePlaybackRestrictionPolicy; ivs-behaviour §8).
 *
 * Pure apart from drawing random identifiers. How many entries a list may have is checked before they get here;
 * turning viewers away is not done here.
 */
import type { Birth } from './channel-rules.ts'
import type { Tags } from './channel.ts'
import { isCountryCode } from './countries.ts'
import { DomainError } from './errors.ts'
import { bearResource } from './resource-birth.ts'
import type { BornResource } from './resource-birth.ts'

/** Countries and pages that may play. An empty list allows all. */
export type PlaybackRestrictionPolicy = BornResource & {
  readonly name: string
  /** ISO 3166-1 alpha-2 codes. */
  readonly allowedCountries: readonly string[]
  /** As in the Origin header; the host may begin with `*`. */
  readonly allowedOrigins: readonly string[]
  /** Whether the origin counts for media as well, and for every client. */
  readonly enableStrictOriginEnforcement: boolean
}

/** What an owner may set; what is absent keeps its value or its default. */
export type PlaybackRestrictionSettings = Partial<
  Pick<
    PlaybackRestrictionPolicy,
    'name' | 'allowedCountries' | 'allowedOrigins' | 'enableStrictOriginEnforcement'
  >
>

const SCHEME = '[a-zA-Z][a-zA-Z0-9+.-]*'
const HOST = '(?:\\*|\\*?[a-zA-Z0-9.-]*[a-zA-Z0-9]|\\[[0-9a-fA-F:.]+\\])'
const ORIGIN_PATTERN = new RegExp(`^(?:\\*|${SCHEME}://${HOST}(?::([0-9]{1,5}))?)$`)
const MAX_PORT = 65_535

/**
 * A new policy with `settings`; without any it allows everybody.
 *
 * @throws {DomainError} `VALIDATION` when a country or origin is none.
 */
export function newPlaybackRestrictionPolicy(
  birth: Birth,
  settings: PlaybackRestrictionSettings,
  tags?: Tags,
): PlaybackRestrictionPolicy {
  const blank: PlaybackRestrictionPolicy = {
    ...bearResource(birth, 'playback-restriction-policy', tags),
    name: '',
    allowedCountries: [],
    allowedOrigins: [],
    enableStrictOriginEnforcement: false,
  }
  return changePlaybackRestrictionPolicy(blank, settings)
}

/**
 * `policy` with `settings` applied; a list replaces the whole list.
 *
 * @throws {DomainError} `VALIDATION` when a country or origin is none.
 */
export function changePlaybackRestrictionPolicy(
  policy: PlaybackRestrictionPolicy,
  settings: PlaybackRestrictionSettings,
): PlaybackRestrictionPolicy {
  checkEach(
    'allowedCountries',
    settings.allowedCountries,
    isCountryCode,
    'an ISO 3166-1 alpha-2 country code',
  )
  checkEach('allowedOrigins', settings.allowedOrigins, isOrigin, 'of the form https://example.com')
  return { ...policy, ...settings }
}

function checkEach(
  member: string,
  values: readonly string[] | undefined,
  accept: (value: string) => boolean,
  wanted: string,
): void {
  const index = values?.findIndex((value) => !accept(value)) ?? -1
  if (index >= 0) throw new DomainError('VALIDATION', `${member}[${index}] must be ${wanted}`)
}

// An origin is scheme, host and port and nothing after them (RFC 6454 §6.1); `*` alone is any.
function isOrigin(text: string): boolean {
  const match = ORIGIN_PATTERN.exec(text)
  return match !== null && Number(match[1] ?? 0) <= MAX_PORT
}
